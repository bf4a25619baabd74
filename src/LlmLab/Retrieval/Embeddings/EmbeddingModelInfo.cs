using System.IO.Hashing;
using System.Text;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>
/// Which model made an embedding. A vector store keeps the <see cref="Fingerprint"/> beside its vectors and refuses those of another model,
/// since vectors of two models cannot be compared.
/// </summary>
/// <param name="Name">The model's name.</param>
/// <param name="Dimensions">Numbers of an embedding; 0 where a provider does not say.</param>
/// <param name="Fingerprint">Hexadecimal hash: of weights, tokenizer and pooling for local models; of provider, name and dimensions for hosted ones.</param>
/// <param name="Parameters">Learned numbers, or null where a provider does not say.</param>
public sealed record EmbeddingModelInfo(string Name, int Dimensions, string Fingerprint, long? Parameters)
{
    /// <summary>The description of any generator, however it is wrapped.</summary>
    public static EmbeddingModelInfo Of(IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        if (generator.GetService<EmbeddingModelInfo>() is { } own) return own;
        var metadata = generator.GetService<EmbeddingGeneratorMetadata>();
        string name = metadata?.DefaultModelId ?? generator.GetType().Name;
        int dimensions = metadata?.DefaultModelDimensions ?? 0;
        string identity = $"{metadata?.ProviderName}\n{metadata?.ProviderUri}\n{name}\n{dimensions}";
        return new EmbeddingModelInfo(name, dimensions, Convert.ToHexStringLower(XxHash3.Hash(Encoding.UTF8.GetBytes(identity))), null);
    }
}

/// <summary>
/// Whether a text asks or is asked about. Some models want an instruction before queries; the role travels in
/// <see cref="EmbeddingGenerationOptions.AdditionalProperties"/>, and models without such a need do not look at it.
/// </summary>
public static class EmbeddingRole
{
    internal const string Key = "role", QueryValue = "query";

    /// <summary>Options for queries; without them texts are passages.</summary>
    public static EmbeddingGenerationOptions Query => new() { AdditionalProperties = new AdditionalPropertiesDictionary { [Key] = QueryValue } };

    internal static bool IsQuery(EmbeddingGenerationOptions? options) => options?.AdditionalProperties?.TryGetValue(Key, out var role) == true && role as string == QueryValue;
}
