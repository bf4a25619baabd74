using System.Collections;
using System.Globalization;

namespace LlmLab.Notebooks.Display;

/// <summary>Makes tables of values: one of properties for an object, one of rows for a sequence, keys and values for a dictionary.</summary>
static class Tables
{
    /// <summary>Rows shown of a sequence, a dictionary or a data frame.</summary>
    public const int RowLimit = 20;

    const int ColumnLimit = 30;
    const int NestingLimit = 2;

    /// <summary>Two columns: a property's name and its value; values that are objects or short sequences are tables of their own.</summary>
    public static Table OfObject(object value, int nesting = 0)
    {
        var rows = Members.Of(value).Select(member => (IReadOnlyList<Cell>)[new Cell(member.Name), Nested(member.Value, nesting + 1)]).ToList();
        return new Table([new Column("property"), new Column("value")], rows)
        {
            HasHeader = false,
            Caption = TypeNames.IsAnonymous(value.GetType()) ? null : TypeNames.Of(value.GetType()),
        };
    }

    /// <summary>A row an item, a column a property; where not every item has properties, one column of values.</summary>
    public static Table OfSequence(IReadOnlyList<object?> items, long? count, int nesting = 0)
    {
        var shown = items.Take(RowLimit).ToList();
        bool inColumns = shown.All(item => item is null || HasColumns(item));
        var rows = shown.Select(item => inColumns ? item is null ? [] : Members.Of(item).ToList() : [("value", item)]).ToList();
        var names = rows.SelectMany(r => r.Select(m => m.Name)).Distinct().Take(ColumnLimit).ToList();
        var columns = names.Select(name => new Column(name, rows.SelectMany(r => r.Where(m => m.Name == name)).All(m => m.Value is null || Scalars.IsNumber(m.Value)))).ToList();
        var cells = rows.Select(row => (IReadOnlyList<Cell>)[.. names.Select(name =>
            row.FirstOrDefault(m => m.Name == name) is { Name: not null } member ? Plain(member.Value) : new Cell(""))]).ToList();
        return new Table(columns, cells) { Footer = items.Count > RowLimit ? Sequences.Rest(count, "rows") : null };
    }

    /// <summary>Two columns: keys and values.</summary>
    public static Table OfDictionary(IEnumerable dictionary, int nesting = 0)
    {
        var (items, count) = Sequences.Take(dictionary, RowLimit);
        var pairs = items.Take(RowLimit).Select(Pair).ToList();
        var columns = new[]
        {
            new Column("key", pairs.Count > 0 && pairs.All(p => Scalars.IsNumber(p.Key))),
            new Column("value", pairs.Count > 0 && pairs.All(p => Scalars.IsNumber(p.Value))),
        };
        return new Table(columns, [.. pairs.Select(p => (IReadOnlyList<Cell>)[Plain(p.Key), Nested(p.Value, nesting + 1)])])
        {
            Footer = items.Count > RowLimit ? Sequences.Rest(count, "entries") : null,
        };
    }

    /// <summary>A two-dimensional array: row and column indices around its corner.</summary>
    public static Table OfMatrix(Array matrix)
    {
        int rowCount = matrix.GetLength(0), columnCount = matrix.GetLength(1);
        int width = Math.Min(columnCount, RowLimit);
        var columns = new List<Column> { new("", true) };
        columns.AddRange(Enumerable.Range(0, width).Select(i => new Column(i.ToString(CultureInfo.InvariantCulture), true)));
        var rows = Enumerable.Range(0, Math.Min(rowCount, RowLimit)).Select(r => (IReadOnlyList<Cell>)
            [new Cell(r.ToString(CultureInfo.InvariantCulture)), .. Enumerable.Range(0, width).Select(c => Plain(matrix.GetValue(r, c)))]).ToList();
        bool isCut = rowCount > RowLimit || columnCount > width;
        return new Table(columns, rows) { Footer = isCut ? $"… {rowCount.ToString("N0", CultureInfo.InvariantCulture)} × {columnCount.ToString("N0", CultureInfo.InvariantCulture)} in all" : null };
    }

    public static bool IsDictionary(object value) => value is IDictionary || value.GetType().GetInterfaces().Any(i => i.IsGenericType
        && (i.GetGenericTypeDefinition() == typeof(IDictionary<,>) || i.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)));

    /// <summary>An item of a dictionary, generic or not.</summary>
    public static (object? Key, object? Value) Pair(object? item) => item is DictionaryEntry entry
        ? (entry.Key, entry.Value)
        : (item!.GetType().GetProperty("Key")!.GetValue(item), item.GetType().GetProperty("Value")!.GetValue(item));

    /// <summary>Whether an item is worth columns of its own.</summary>
    public static bool HasColumns(object? item) =>
        item is not (null or IEnumerable or Exception) && Scalars.TryText(item) is null && Members.OwnText(item) is null && Members.Any(item.GetType());

    static Cell Plain(object? value) => new(value is null ? "" : Members.Line(value));

    static Cell Nested(object? value, int nesting)
    {
        string line = Members.Line(value);
        if (nesting > NestingLimit || value is null or byte[] or Exception || Scalars.TryText(value) is not null) return new Cell(line);
        if (value is IEnumerable sequence)
        {
            if (IsDictionary(value)) return new Cell(line, OfDictionary(sequence, nesting));
            var (items, count) = Sequences.Take(sequence, RowLimit);
            return items.Count > 0 && items.All(HasColumns) ? new Cell(line, OfSequence(items, count, nesting)) : new Cell(line);
        }
        return HasColumns(value) ? new Cell(line, OfObject(value, nesting)) : new Cell(line);
    }
}
