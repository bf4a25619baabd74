using System.Globalization;
using Microsoft.Data.Analysis;

namespace LlmLab.Notebooks.Display;

/// <summary>A data frame as a table: names and types above, the first rows, the count.</summary>
static class DataFrames
{
    public static MimeBundle? Format(object value) => value is DataFrame frame ? Bundles.Table(TableOf(frame)) : null;

    static Table TableOf(DataFrame frame)
    {
        var columns = frame.Columns.Select(c => new Column(c.Name, c.IsNumericColumn(), TypeNames.Of(c.DataType))).ToList();
        var rows = frame.Rows.Take(Tables.RowLimit).Select(row => (IReadOnlyList<Cell>)[.. row.Select(v => new Cell(v is null ? "" : Members.Line(v)))]).ToList();
        long count = frame.Rows.Count;
        string size = $"{count.ToString("N0", CultureInfo.InvariantCulture)} rows";
        return new Table(columns, rows) { Footer = count > Tables.RowLimit ? $"… {size} in all" : size };
    }
}
