using System.Text.Json.Nodes;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>
/// A filter as a query document, the form that MongoDB made and Pinecone took over: $eq, $ne, $gt, $in, $nin, $exists, $and, $or. There is no
/// general negation in what both know, so negations stand at the leaves; a null is a field that is not there.
/// </summary>
sealed class QueryDocumentFilter(Func<PropertyModel, string> name, Func<object, PropertyModel, JsonNode?> value)
{
    /// <param name="filter">In its simplified form, and no constant.</param>
    public JsonObject Translate(RecordFilter filter) => filter switch
    {
        RecordFilter.All all => Join("$and", all.Parts.Select(Translate)),
        RecordFilter.Any any => Join("$or", any.Parts.Select(Translate)),
        RecordFilter.Has has => Field(has.Property, "$in", new JsonArray(value(has.Value, has.Property))),
        RecordFilter.OneOf one => OneOf(one, negated: false),
        RecordFilter.Comparison comparison => Compare(comparison),
        RecordFilter.Not { Part: RecordFilter.Has has } => OrMissing(has.Property, Field(has.Property, "$nin", new JsonArray(value(has.Value, has.Property)))),
        RecordFilter.Not { Part: RecordFilter.OneOf one } => OneOf(one, negated: true),
        RecordFilter.Not { Part: RecordFilter.Comparison comparison } => OrMissing(comparison.Property, Compare(comparison with { Operator = Opposite(comparison.Operator) })),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "unknown kind of filter"),
    };

    JsonObject Compare(RecordFilter.Comparison comparison) => (comparison.Operator, comparison.Value) switch
    {
        (ComparisonOperator.Equal, null) => Exists(comparison.Property, false),
        (ComparisonOperator.NotEqual, null) => Exists(comparison.Property, true),
        (ComparisonOperator.NotEqual, { } other) => OrMissing(comparison.Property, Field(comparison.Property, "$ne", value(other, comparison.Property))),
        (var operation, { } other) => Field(comparison.Property, operation switch
        {
            ComparisonOperator.Equal => "$eq",
            ComparisonOperator.Less => "$lt",
            ComparisonOperator.LessOrEqual => "$lte",
            ComparisonOperator.Greater => "$gt",
            _ => "$gte",
        }, value(other, comparison.Property)),
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "an order needs a value"),
    };

    JsonObject OneOf(RecordFilter.OneOf one, bool negated)
    {
        bool orNull = one.Values.Contains(null);
        JsonNode?[] values = [.. one.Values.OfType<object>().Select(item => value(item, one.Property))];
        if (!negated)
        {
            if (values.Length == 0) return Exists(one.Property, false);
            var listed = Field(one.Property, "$in", new JsonArray(values));
            return orNull ? OrMissing(one.Property, listed) : listed;
        }
        if (values.Length == 0) return Exists(one.Property, true);
        var others = Field(one.Property, "$nin", new JsonArray(values));
        return orNull ? Join("$and", [others, Exists(one.Property, true)]) : OrMissing(one.Property, others);
    }

    JsonObject OrMissing(PropertyModel property, JsonObject condition) => Join("$or", [condition, Exists(property, false)]);

    JsonObject Exists(PropertyModel property, bool exists) => Field(property, "$exists", exists);

    JsonObject Field(PropertyModel property, string operation, JsonNode? operand) => new() { [name(property)] = new JsonObject { [operation] = operand } };

    static JsonObject Join(string word, IEnumerable<JsonObject> parts) => new() { [word] = new JsonArray([.. parts]) };

    static ComparisonOperator Opposite(ComparisonOperator operation) => operation switch
    {
        ComparisonOperator.Less => ComparisonOperator.GreaterOrEqual,
        ComparisonOperator.LessOrEqual => ComparisonOperator.Greater,
        ComparisonOperator.Greater => ComparisonOperator.LessOrEqual,
        _ => ComparisonOperator.Less,
    };
}
