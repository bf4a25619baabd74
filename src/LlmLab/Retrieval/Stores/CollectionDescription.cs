using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores;

/// <summary>
/// What is kept with every collection about its vectors: their length, how they are compared, and which embedding model made them.
/// Vectors of two models can't be compared, though nothing in the numbers shows it, so a collection that another model filled is refused.
/// </summary>
/// <param name="Vectors">One entry a vector property, by its name in the store.</param>
sealed record CollectionDescription(IReadOnlyList<CollectionDescription.Vector> Vectors)
{
    /// <param name="Model">The embedding model's name, or null where the program gives vectors without saying whose.</param>
    public sealed record Vector(string Name, int Dimensions, string Distance, string? Model);

    static readonly JsonSerializerOptions options = new(JsonSerializerDefaults.Web);

    public static CollectionDescription Of(CollectionModel model) =>
        new([.. model.VectorProperties.Select(property => new Vector(property.StorageName, property.Dimensions, Similarity.Function(property), Model(property)))]);

    public string ToJson() => JsonSerializer.Serialize(this, options);

    /// <summary>Throws where what is kept with the collection differs from what this program would write into it.</summary>
    /// <param name="json">What was kept; empty where another program made the collection, which is then not checked.</param>
    /// <param name="collection">Its name, for the sentence.</param>
    public void Check(string json, string collection)
    {
        if (json.Length == 0) return;
        CollectionDescription kept;
        try
        {
            kept = JsonSerializer.Deserialize<CollectionDescription>(json, options)!;
        }
        catch (JsonException)
        {
            return; // a comment of another program
        }
        foreach (var mine in Vectors)
        {
            var theirs = kept.Vectors?.FirstOrDefault(vector => vector.Name == mine.Name)
                ?? throw new InvalidInputException($"The collection '{collection}' has no vector '{mine.Name}': its record was another when it was made; fill a new collection.");
            if (theirs.Model is not null && mine.Model is not null && theirs.Model != mine.Model)
                throw new InvalidInputException($"The collection '{collection}' was filled by the embedding model '{theirs.Model}', and this one is '{mine.Model}': their vectors cannot be compared; use that model, or fill a new collection.");
            if (theirs.Dimensions != mine.Dimensions)
                throw new InvalidInputException($"The collection '{collection}' holds vectors of {theirs.Dimensions} dimensions in '{mine.Name}', and {mine.Dimensions} are expected: use the embedding model that filled it, or fill a new collection.");
            if (theirs.Distance != mine.Distance)
                throw new InvalidInputException($"The collection '{collection}' compares '{mine.Name}' by {theirs.Distance}, not by {mine.Distance}: ask for that, or fill a new collection.");
        }
    }

    /// <summary>The embedding model of a property: its annotation <see cref="VectorStores.EmbeddingModelAnnotation"/>, else what its generator says of itself.</summary>
    static string? Model(VectorPropertyModel property)
    {
        if (property.ProviderAnnotations?.TryGetValue(VectorStores.EmbeddingModelAnnotation, out var annotation) == true) return annotation as string;
        var metadata = property.EmbeddingGenerator?.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata;
        return metadata?.DefaultModelId is not { Length: > 0 } id ? null : metadata.ProviderName is { Length: > 0 } provider ? $"{provider}/{id}" : id;
    }
}
