using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Records;

enum ComparisonOperator { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual }

/// <summary>
/// A condition on a record's key and metadata, as every store understands it. Its logic has two values, as in C#: a comparison with
/// something that is null is false (unless it asks for null), and its negation is true.
/// </summary>
abstract record RecordFilter
{
    /// <summary>A property against a value; null only with Equal and NotEqual.</summary>
    public sealed record Comparison(PropertyModel Property, ComparisonOperator Operator, object? Value) : RecordFilter;

    /// <summary>A property has one of the values.</summary>
    public sealed record OneOf(PropertyModel Property, IReadOnlyList<object?> Values) : RecordFilter;

    /// <summary>A list property contains the value.</summary>
    public sealed record Has(PropertyModel Property, string Value) : RecordFilter;

    public sealed record All(IReadOnlyList<RecordFilter> Parts) : RecordFilter;

    public sealed record Any(IReadOnlyList<RecordFilter> Parts) : RecordFilter;

    public sealed record Not(RecordFilter Part) : RecordFilter;

    public sealed record Constant(bool Value) : RecordFilter;

    /// <summary>
    /// The same condition with negations only directly before <see cref="OneOf"/>, <see cref="Has"/> and order comparisons (De Morgan), and
    /// without constants unless it is one: for stores whose filters know no general negation.
    /// </summary>
    public RecordFilter Simplified() => Push(this, negated: false);

    static RecordFilter Push(RecordFilter filter, bool negated) => filter switch
    {
        Not not => Push(not.Part, !negated),
        Constant constant => new Constant(constant.Value != negated),
        Comparison { Operator: ComparisonOperator.Equal } equal when negated => equal with { Operator = ComparisonOperator.NotEqual },
        Comparison { Operator: ComparisonOperator.NotEqual } different when negated => different with { Operator = ComparisonOperator.Equal },
        All all => Join(all.Parts.Select(part => Push(part, negated)), conjunction: !negated),
        Any any => Join(any.Parts.Select(part => Push(part, negated)), conjunction: negated),
        OneOf { Values.Count: 0 } => new Constant(negated),
        _ => negated ? new Not(filter) : filter,
    };

    static RecordFilter Join(IEnumerable<RecordFilter> parts, bool conjunction)
    {
        var kept = new List<RecordFilter>();
        foreach (var part in parts)
        {
            if (part is Constant constant)
            {
                if (constant.Value != conjunction) return constant; // false && …, true || …
                continue;
            }
            kept.AddRange(part is All all && conjunction ? all.Parts : part is Any any && !conjunction ? any.Parts : [part]);
        }
        return kept.Count switch { 0 => new Constant(conjunction), 1 => kept[0], _ => conjunction ? new All(kept) : new Any(kept) };
    }
}
