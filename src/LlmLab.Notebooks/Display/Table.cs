using System.Net;
using System.Text;

namespace LlmLab.Notebooks.Display;

/// <summary>A column's heading.</summary>
/// <param name="Name">The heading.</param>
/// <param name="IsNumeric">Right-aligned.</param>
/// <param name="Note">A small second line, such as the type.</param>
sealed record Column(string Name, bool IsNumeric = false, string? Note = null);

/// <summary>A cell: one line of text, or a table of its own.</summary>
sealed record Cell(string Text, Table? Nested = null);

/// <summary>
/// The one form between values and their looks: rows and columns, written as HTML or as aligned text. The HTML has no colours and
/// no style sheet, so that it reads in light and dark themes, in every front end and on GitHub; alignment is set a cell, since
/// front ends have defaults of their own.
/// </summary>
sealed record Table(IReadOnlyList<Column> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows)
{
    const int WidestTextColumn = 60;

    /// <summary>Bold line above, such as the type's name.</summary>
    public string? Caption { get; init; }

    /// <summary>Line below, such as "… 1,000 rows in all".</summary>
    public string? Footer { get; init; }

    /// <summary>False for a table of properties, whose columns need no headings.</summary>
    public bool HasHeader { get; init; } = true;

    public string ToHtml()
    {
        var html = new StringBuilder();
        AppendHtml(html);
        return html.ToString();
    }

    void AppendHtml(StringBuilder html)
    {
        html.Append("<table>");
        if (Caption is not null) html.Append("<caption style=\"text-align:left;white-space:nowrap\"><b>").Append(Encode(Caption)).Append("</b></caption>");
        if (HasHeader)
        {
            html.Append("<thead><tr>");
            foreach (var column in Columns)
            {
                html.Append("<th style=\"text-align:").Append(column.IsNumeric ? "right" : "left").Append("\">").Append(Encode(column.Name));
                if (column.Note is not null) html.Append("<br><small style=\"font-weight:normal;opacity:.6\">").Append(Encode(column.Note)).Append("</small>");
                html.Append("</th>");
            }
            html.Append("</tr></thead>");
        }
        html.Append("<tbody>");
        foreach (var row in Rows)
        {
            html.Append("<tr>");
            for (int i = 0; i < row.Count; i++)
            {
                // A property's name heads its row.
                bool isHead = !HasHeader && i == 0;
                html.Append(isHead ? "<th" : "<td").Append(" style=\"text-align:").Append(Columns[i].IsNumeric ? "right" : "left").Append("\">");
                if (row[i].Nested is { } nested) nested.AppendHtml(html);
                else html.Append(Encode(row[i].Text));
                html.Append(isHead ? "</th>" : "</td>");
            }
            html.Append("</tr>");
        }
        html.Append("</tbody></table>");
        if (Footer is not null) html.Append("<small style=\"opacity:.7\">").Append(Encode(Footer)).Append("</small>");
    }

    public string ToText()
    {
        var lines = new List<string[]>();
        if (HasHeader)
        {
            lines.Add([.. Columns.Select(c => c.Name)]);
            if (Columns.Any(c => c.Note is not null)) lines.Add([.. Columns.Select(c => c.Note ?? "")]);
        }
        int heading = lines.Count;
        foreach (var row in Rows) lines.Add([.. row.Select(c => Shorten(c.Text))]);
        var widths = Enumerable.Range(0, Columns.Count).Select(i => lines.Select(l => l[i].Length).DefaultIfEmpty(0).Max()).ToArray();

        var text = new StringBuilder();
        if (Caption is not null) text.AppendLine(Caption);
        for (int n = 0; n < lines.Count; n++)
        {
            if (n == heading && HasHeader) text.AppendLine(string.Join("  ", widths.Select(w => new string('-', w))));
            var cells = lines[n].Select((cell, i) => Columns[i].IsNumeric ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
        }
        if (Footer is not null) text.AppendLine(Footer);
        return text.ToString().ReplaceLineEndings("\n").TrimEnd('\n');
    }

    /// <summary>Text for HTML; line breaks are kept.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(text).ReplaceLineEndings("<br>");

    static string Shorten(string text)
    {
        text = text.ReplaceLineEndings("⏎");
        return text.Length <= WidestTextColumn ? text : string.Concat(text.AsSpan(0, WidestTextColumn - 1), "…");
    }
}
