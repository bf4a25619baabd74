namespace LlmLab.Notebooks.Display;

/// <summary>The variables of a session, for <c>#!who</c> (names) and <c>#!whos</c> (names, types, values).</summary>
static class VariableTable
{
    public static MimeBundle Of(IReadOnlyList<SessionVariable> variables, bool withValues)
    {
        if (variables.Count == 0) return Bundles.Text("No variables.");
        var ordered = variables.OrderBy(v => v.Name, StringComparer.Ordinal).ToList();
        if (!withValues) return Bundles.Text(string.Join("  ", ordered.Select(v => v.Name)));
        var rows = ordered.Select(v => (IReadOnlyList<Cell>)[new Cell(v.Name), new Cell(TypeNames.Of(v.Type)), new Cell(Text(v.Value))]).ToList();
        return Bundles.Table(new Table([new Column("variable"), new Column("type"), new Column("value")], rows));
    }

    // A lazy sequence is not run to list a variable, and a tensor is not read.
    static string Text(object? value) => value switch
    {
        System.Collections.IEnumerable and not (string or System.Collections.ICollection) => TypeNames.Of(value.GetType()),
        _ when value is not null && LibraryTypes.IsKnown(value.GetType()) => LibraryTypes.Heading(value),
        _ => Members.Line(value),
    };
}
