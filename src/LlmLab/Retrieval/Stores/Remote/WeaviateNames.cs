using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>Properties' names and types as Weaviate takes them: GraphQL names with a small first letter, some of them reserved.</summary>
sealed class WeaviateNames
{
    static readonly string[] reserved = ["id", "_id", "vector", "vectors", "_additional"];
    readonly Dictionary<PropertyModel, string> names = [];

    /// <exception cref="InvalidInputException">A name cannot be used, or two become one.</exception>
    public WeaviateNames(CollectionModel model)
    {
        foreach (var property in model.Properties.Where(property => property is not VectorPropertyModel))
        {
            string name = property is KeyPropertyModel ? "llmlabKey" : char.ToLowerInvariant(property.StorageName[0]) + property.StorageName[1..];
            if (!IsName(name) || reserved.Contains(name)) throw new InvalidInputException($"Weaviate cannot name a property '{property.StorageName}': expected a letter, then letters, digits and underscores, and none of {string.Join(", ", reserved)}.");
            if (names.ContainsValue(name)) throw new InvalidInputException($"Two properties are called '{name}' in Weaviate, which makes the first letter small: rename one.");
            names.Add(property, name);
        }
    }

    public string Of(PropertyModel property) => names[property];

    /// <summary>Whether GraphQL takes it as a name.</summary>
    public static bool IsName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>Weaviate's data type; a day without a time is text, which has no order there that would matter.</summary>
    public static string Type(PropertyModel property)
    {
        var type = Nullable.GetUnderlyingType(property.Type) ?? property.Type;
        return RecordValue.IsWhole(type) switch
        {
            true => "int",
            false => "number",
            _ => type == typeof(bool) ? "boolean" : RecordValue.IsList(type) ? "text[]" : type == typeof(DateTime) || type == typeof(DateTimeOffset) ? "date" : "text",
        };
    }
}
