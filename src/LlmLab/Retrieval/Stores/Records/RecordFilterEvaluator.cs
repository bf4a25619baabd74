using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Records;

/// <summary>Decides a filter for one record: what every store's own translation has to agree with.</summary>
sealed class RecordFilterEvaluator(CollectionModel model)
{
    // By name: a filter may come from another handle of the collection, with a model of its own.
    readonly Dictionary<string, int> positions = model.DataProperties.Select((property, i) => (property.StorageName, i)).ToDictionary(StringComparer.Ordinal);

    public bool Matches(RecordFilter filter, StoredRecord record) => filter switch
    {
        RecordFilter.Constant constant => constant.Value,
        RecordFilter.Not not => !Matches(not.Part, record),
        RecordFilter.All all => all.Parts.All(part => Matches(part, record)),
        RecordFilter.Any any => any.Parts.Any(part => Matches(part, record)),
        RecordFilter.Has has => Value(has.Property, record) is string[] list && list.Contains(has.Value, StringComparer.Ordinal),
        RecordFilter.OneOf one => one.Values.Any(value => Equals(Value(one.Property, record), value)),
        RecordFilter.Comparison comparison => Compare(Value(comparison.Property, record), comparison.Operator, comparison.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "unknown kind of filter"),
    };

    /// <summary>The stored value of a key or data property.</summary>
    public object? Value(PropertyModel property, StoredRecord record) => positions.TryGetValue(property.StorageName, out int i) ? record.Data[i] : record.Key;

    /// <summary>Orders stored values: null first, then by value.</summary>
    public static int Order(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string a, string b) => string.CompareOrdinal(a, b),
        (long a, double b) => ((double)a).CompareTo(b),
        (double a, long b) => a.CompareTo(b),
        (IComparable a, _) when left.GetType() == right.GetType() => a.CompareTo(right),
        _ => 0,
    };

    static bool Compare(object? value, ComparisonOperator comparison, object? with)
    {
        if (comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual)
            return (value is null || with is null ? value is null && with is null : Order(value, with) == 0 && value is not string[]) == (comparison == ComparisonOperator.Equal);
        if (value is null || with is null) return false;
        int order = Order(value, with);
        return comparison switch
        {
            ComparisonOperator.Less => order < 0,
            ComparisonOperator.LessOrEqual => order <= 0,
            ComparisonOperator.Greater => order > 0,
            _ => order >= 0,
        };
    }
}
