using System.Text;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Records;

/// <summary>
/// A filter as a SQL condition with parameters. SQL's logic has three values, a filter's has two, so each comparison says what it means
/// for null. Names are quoted and values are parameters: nothing that a user typed becomes SQL.
/// </summary>
/// <param name="listContains">The condition that a list column (first argument) contains a parameter (second), false or null where the column is null.</param>
/// <param name="prefix">How parameters begin: "@p" or "$".</param>
/// <param name="first">The number of the first.</param>
/// <param name="convert">A value as a parameter of its property's column.</param>
sealed class SqlFilter(Func<string, string, string> listContains, string prefix = "@p", int first = 0, Func<object?, PropertyModel, object>? convert = null)
{
    readonly StringBuilder sql = new();

    /// <summary>The values of the parameters, in order.</summary>
    public List<object> Parameters { get; } = [];

    /// <summary>A name as SQL wants it, whatever is in it.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The condition; "TRUE" where there is no filter.</summary>
    public string Translate(RecordFilter? filter)
    {
        if (filter is null) return "TRUE";
        sql.Clear();
        Append(filter);
        return sql.ToString();
    }

    void Append(RecordFilter filter)
    {
        switch (filter)
        {
            case RecordFilter.Constant constant:
                sql.Append(constant.Value ? "TRUE" : "FALSE");
                break;
            case RecordFilter.Not not:
                sql.Append("NOT (");
                Append(not.Part);
                sql.Append(')');
                break;
            case RecordFilter.All all:
                Join(all.Parts, " AND ");
                break;
            case RecordFilter.Any any:
                Join(any.Parts, " OR ");
                break;
            case RecordFilter.Has has:
                sql.Append($"COALESCE({listContains(Column(has.Property), Parameter(has.Value, has.Property))}, FALSE)");
                break;
            case RecordFilter.OneOf one:
                OneOf(one);
                break;
            case RecordFilter.Comparison comparison:
                Compare(comparison);
                break;
        }
    }

    void Join(IReadOnlyList<RecordFilter> parts, string word)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            sql.Append(i == 0 ? "(" : word + "(");
            Append(parts[i]);
            sql.Append(')');
        }
    }

    void OneOf(RecordFilter.OneOf one)
    {
        string column = Column(one.Property);
        var values = one.Values.OfType<object>().ToList();
        string listed = values.Count == 0 ? "FALSE" : $"({column} IS NOT NULL AND {column} IN ({string.Join(", ", values.Select(value => Parameter(value, one.Property)))}))";
        sql.Append(values.Count == one.Values.Count ? listed : $"({column} IS NULL OR {listed})");
    }

    void Compare(RecordFilter.Comparison comparison)
    {
        string column = Column(comparison.Property);
        sql.Append((comparison.Operator, comparison.Value) switch
        {
            (ComparisonOperator.Equal, null) => $"{column} IS NULL",
            (ComparisonOperator.NotEqual, null) => $"{column} IS NOT NULL",
            (ComparisonOperator.NotEqual, { } value) => $"({column} IS NULL OR {column} <> {Parameter(value, comparison.Property)})",
            (var operation, { } value) => $"({column} IS NOT NULL AND {column} {Symbol(operation)} {Parameter(value, comparison.Property)})",
            _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "an order needs a value"),
        });
    }

    static string Symbol(ComparisonOperator operation) => operation switch
    {
        ComparisonOperator.Equal => "=",
        ComparisonOperator.Less => "<",
        ComparisonOperator.LessOrEqual => "<=",
        ComparisonOperator.Greater => ">",
        _ => ">=",
    };

    static string Column(PropertyModel property) => Quote(property.StorageName);

    string Parameter(object value, PropertyModel property)
    {
        Parameters.Add(convert is null ? value : convert(value, property));
        return $"{prefix}{first + Parameters.Count - 1}";
    }
}
