using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>What the embedding models on this machine have in common: they compute in this process and describe themselves.</summary>
public abstract class LocalEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Name, dimensions, fingerprint, size.</summary>
    public abstract EmbeddingModelInfo Info { get; }

    /// <summary>One vector a text, of <see cref="EmbeddingModelInfo.Dimensions"/> numbers and length 1; a text without any known word gives zeros. May be called from several threads at once.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="queries">Whether they ask or are asked about.</param>
    public abstract float[][] Embed(IReadOnlyList<string> texts, bool queries = false);

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">The options ask for another model or other dimensions.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = [.. values];
        if (options?.Dimensions is { } dimensions && dimensions != Info.Dimensions)
            throw new InvalidInputException($"The embedding model {Info.Name} makes vectors of {Info.Dimensions} numbers, but {dimensions} were asked for: leave out Dimensions, or use another model.");
        cancellationToken.ThrowIfCancellationRequested();
        bool queries = EmbeddingRole.IsQuery(options);
        // One query is done before another thread would have woken up.
        return texts.Length <= 8 ? Task.FromResult(Generate()) : Task.Run(Generate, cancellationToken);

        GeneratedEmbeddings<Embedding<float>> Generate() => new(Embed(texts, queries).Select(vector => new Embedding<float>(vector) { ModelId = Info.Name }));
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingModelInfo) ? Info
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("llmlab", null, Info.Name, Info.Dimensions)
        : serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the model holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Scales a vector to length 1; zeros stay.</summary>
    protected static void Normalise(Span<float> vector)
    {
        float length = System.Numerics.Tensors.TensorPrimitives.Norm(vector);
        if (length > 0) System.Numerics.Tensors.TensorPrimitives.Divide(vector, length, vector);
    }
}
