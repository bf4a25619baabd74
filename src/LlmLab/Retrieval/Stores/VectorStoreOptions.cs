using LlmLab.Retrieval.Stores.Indexes;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Stores;

/// <summary>What all stores take.</summary>
public sealed record VectorStoreOptions
{
    /// <summary>Turns texts into vectors where a record's vector property, or a search, holds text; also names the embedding model that fills collections.</summary>
    public IEmbeddingGenerator? EmbeddingGenerator { get; init; }

    /// <summary>How a store that does not answer is asked again.</summary>
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;

    /// <summary>The index of the embedded stores.</summary>
    public VectorIndexOptions Index { get; init; } = new();
}
