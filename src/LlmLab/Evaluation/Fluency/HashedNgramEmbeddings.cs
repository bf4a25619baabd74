using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using LlmLab.Text;
using LlmLab.Text.WordTokenization;
using Microsoft.Extensions.AI;

namespace LlmLab.Evaluation.Fluency;

/// <summary>
/// Embeddings that need no training: words and character trigrams are counted in buckets that a hash chooses, each with a sign that the hash
/// chooses too, so that collisions cancel (K. Weinberger et al., "Feature hashing for large scale multitask learning", 2009). They know
/// spelling, not meaning: two texts are near if they share words. A default that is there on every machine; a trained embedding sees more.
/// </summary>
/// <param name="dimensions">Length of the vectors, at least 2.</param>
public sealed class HashedNgramEmbeddings(int dimensions = 512) : IEmbeddingGenerator<string, Embedding<float>>
{
    readonly int dimensions = dimensions >= 2 ? dimensions : throw new InvalidInputException($"Embeddings of {dimensions} dimensions were asked for; give at least 2.");

    /// <summary>The embedding of a text: length 1, or all zeros for a text without a letter or digit.</summary>
    public float[] Embed(string text)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in Whitespace.Split(LetterCase.ToLower(text)))
        {
            var word = token.Trim([.. token.Where(character => !char.IsLetterOrDigit(character))]);
            if (word.Length == 0) continue;
            Count(word);
            var framed = $"^{word}$";
            for (var i = 0; i + 3 <= framed.Length; i++) Count("#" + framed[i..(i + 3)]);
        }
        var vector = new float[dimensions];
        foreach (var (feature, count) in counts)
        {
            var hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(feature.AsSpan()));
            vector[(int)(hash % (ulong)dimensions)] += (hash >> 63 == 0 ? 1f : -1f) * (1 + MathF.Log(count));
        }
        if (TensorPrimitives.Norm(vector) is > 0 and var length) TensorPrimitives.Divide(vector, length, vector);
        return vector;

        void Count(string feature) => CollectionsMarshal.GetValueRefOrAddDefault(counts, feature, out _)++;
    }

    /// <inheritdoc/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(Embed(text)))));

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
