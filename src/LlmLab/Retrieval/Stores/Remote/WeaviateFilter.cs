using System.Globalization;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>
/// A filter as the where argument of Weaviate's GraphQL: operator, path and a value whose name tells its type. Whether NotEqual holds for a
/// property that is null is not documented, so it is always said.
/// </summary>
static class WeaviateFilter
{
    /// <summary>"where: {…}, ", or nothing where everything matches.</summary>
    public static string Argument(RecordFilter? filter, WeaviateNames names) => filter is null or RecordFilter.Constant ? "" : $"where: {Clause(filter, names)}, ";

    static string Clause(RecordFilter filter, WeaviateNames names) => filter switch
    {
        RecordFilter.All all => Join("And", all.Parts.Select(part => Clause(part, names))),
        RecordFilter.Any any => Join("Or", any.Parts.Select(part => Clause(part, names))),
        RecordFilter.Not not => $"{{operator: Not, operands: [{Clause(not.Part, names)}]}}",
        RecordFilter.Has has => Operand("ContainsAny", has.Property, $"valueText: [{HttpApi.Text(has.Value)}]", names),
        RecordFilter.OneOf one => Join("Or", one.Values.Select(value => Compare(new(one.Property, ComparisonOperator.Equal, value), names))),
        RecordFilter.Comparison comparison => Compare(comparison, names),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "unknown kind of filter"),
    };

    static string Compare(RecordFilter.Comparison comparison, WeaviateNames names) => (comparison.Operator, comparison.Value) switch
    {
        (ComparisonOperator.Equal, null) => IsNull(comparison.Property, true, names),
        (ComparisonOperator.NotEqual, null) => IsNull(comparison.Property, false, names),
        (ComparisonOperator.NotEqual, { } value) => Join("Or", [Operand("NotEqual", comparison.Property, Value(value, comparison.Property), names), IsNull(comparison.Property, true, names)]),
        (var operation, { } value) => Operand(operation switch
        {
            ComparisonOperator.Equal => "Equal",
            ComparisonOperator.Less => "LessThan",
            ComparisonOperator.LessOrEqual => "LessThanEqual",
            ComparisonOperator.Greater => "GreaterThan",
            _ => "GreaterThanEqual",
        }, comparison.Property, Value(value, comparison.Property), names),
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "an order needs a value"),
    };

    static string IsNull(PropertyModel property, bool isNull, WeaviateNames names) => Operand("IsNull", property, $"valueBoolean: {(isNull ? "true" : "false")}", names);

    static string Operand(string operation, PropertyModel property, string value, WeaviateNames names) => $"{{operator: {operation}, path: [{HttpApi.Text(names.Of(property))}], {value}}}";

    static string Join(string operation, IEnumerable<string> operands) => operands.ToList() is [var only] ? only : $"{{operator: {operation}, operands: [{string.Join(", ", operands)}]}}";

    static string Value(object value, PropertyModel property) => value switch
    {
        bool truth => $"valueBoolean: {(truth ? "true" : "false")}",
        long whole => string.Create(CultureInfo.InvariantCulture, $"valueInt: {whole}"),
        double fraction => string.Create(CultureInfo.InvariantCulture, $"valueNumber: {fraction:R}"),
        _ => $"{(WeaviateNames.Type(property) == "date" ? "valueDate" : "valueText")}: {HttpApi.Text((string)value)}",
    };
}
