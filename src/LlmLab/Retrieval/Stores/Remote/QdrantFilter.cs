using System.Text.Json.Nodes;
using LlmLab.Retrieval.Stores.Records;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>A filter in Qdrant's clauses: must (and), should (or), must_not; match, range, is_empty. A value that is null is left out of payloads.</summary>
static class QdrantFilter
{
    /// <summary>The filter; null where everything matches.</summary>
    public static JsonObject? Translate(RecordFilter? filter) => filter?.Simplified() switch
    {
        null or RecordFilter.Constant => null,
        RecordFilter.All or RecordFilter.Any or RecordFilter.Not => Clause(filter.Simplified()),
        var condition => new JsonObject { ["must"] = new JsonArray(Clause(condition)) },
    };

    static JsonObject Clause(RecordFilter filter) => filter switch
    {
        RecordFilter.All all => new JsonObject { ["must"] = new JsonArray([.. all.Parts.Select(Clause)]) },
        RecordFilter.Any any => new JsonObject { ["should"] = new JsonArray([.. any.Parts.Select(Clause)]) },
        RecordFilter.Not not => Not(Clause(not.Part)),
        RecordFilter.Has has => Match(has.Property.StorageName, has.Value),
        RecordFilter.OneOf one => OneOf(one),
        RecordFilter.Comparison comparison => Compare(comparison),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "unknown kind of filter"),
    };

    static JsonObject Compare(RecordFilter.Comparison comparison)
    {
        string key = comparison.Property.StorageName;
        return (comparison.Operator, comparison.Value) switch
        {
            (ComparisonOperator.Equal, null) => IsEmpty(key),
            (ComparisonOperator.NotEqual, null) => Not(IsEmpty(key)),
            (ComparisonOperator.Equal, { } value) => Equal(key, value),
            (ComparisonOperator.NotEqual, { } value) => Not(Equal(key, value)),
            (ComparisonOperator.Less, { } value) => Range(key, "lt", value),
            (ComparisonOperator.LessOrEqual, { } value) => Range(key, "lte", value),
            (ComparisonOperator.Greater, { } value) => Range(key, "gt", value),
            (_, { } value) => Range(key, "gte", value),
            _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "an order needs a value"),
        };
    }

    static JsonObject OneOf(RecordFilter.OneOf one)
    {
        string key = one.Property.StorageName;
        List<JsonObject> parts = [];
        if (one.Values.Contains(null)) parts.Add(IsEmpty(key));
        parts.AddRange(one.Values.OfType<object>().Where(value => value is not (string or long)).Select(value => Equal(key, value)));
        JsonNode?[] listed = [.. one.Values.Where(value => value is string or long).Select(value => RemoteRecords.Value(value!, one.Property))];
        if (listed.Length > 0) parts.Add(new JsonObject { ["key"] = key, ["match"] = new JsonObject { ["any"] = new JsonArray(listed) } });
        return parts.Count == 1 ? parts[0] : new JsonObject { ["should"] = new JsonArray([.. parts]) };
    }

    /// <summary>Match knows text, whole numbers and truth values; a fraction is a range of one value.</summary>
    static JsonObject Equal(string key, object value) => value is double number
        ? new JsonObject { ["key"] = key, ["range"] = new JsonObject { ["gte"] = number, ["lte"] = number } }
        : Match(key, value);

    static JsonObject Match(string key, object value) => new() { ["key"] = key, ["match"] = new JsonObject { ["value"] = RemoteRecords.Value(value, null!) } };

    static JsonObject Range(string key, string bound, object value) => new() { ["key"] = key, ["range"] = new JsonObject { [bound] = RemoteRecords.Value(value, null!) } };

    static JsonObject IsEmpty(string key) => new() { ["is_empty"] = new JsonObject { ["key"] = key } };

    static JsonObject Not(JsonObject clause) => new() { ["must_not"] = new JsonArray(clause) };
}
