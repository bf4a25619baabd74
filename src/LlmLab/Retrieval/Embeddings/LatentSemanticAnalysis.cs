using System.Runtime.InteropServices;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>
/// Latent semantic analysis (Deerwester et al. 1990): counts of words in texts, weighted by TF-IDF with logarithmic counts, projected on the
/// largest singular vectors. Words that occur in the same texts come near each other.
/// </summary>
public static class LatentSemanticAnalysis
{
    /// <summary>Learns from texts; the same texts and seed give the same vectors.</summary>
    /// <param name="texts">The texts, such as all passages.</param>
    /// <param name="dimensions">Numbers of an embedding.</param>
    /// <param name="minimumCount">Texts that a word must occur in.</param>
    /// <param name="seed">Of the random start of the decomposition.</param>
    /// <exception cref="InvalidInputException">No word occurs often enough.</exception>
    public static WordTableEmbeddingGenerator Train(IReadOnlyList<string> texts, int dimensions = 384, int minimumCount = 2, long seed = 1)
    {
        string[][] split = [.. texts.Select(t => WordTableEmbeddingGenerator.Words(t).ToArray())];
        var holding = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string[] text in split)
            foreach (string word in text.Distinct(StringComparer.Ordinal)) CollectionsMarshal.GetValueRefOrAddDefault(holding, word, out _)++;
        string[] words = [.. holding.Where(w => w.Value >= minimumCount).Select(w => w.Key).Order(StringComparer.Ordinal)];
        if (words.Length == 0) throw new InvalidInputException($"None of the words of {texts.Count} texts occurs in {minimumCount} of them: give more texts.");
        var places = words.Select((word, i) => (word, i)).ToDictionary(w => w.word, w => w.i, StringComparer.Ordinal);
        // Smoothed as if one more text held every word (scikit-learn's TfidfTransformer).
        float[] weights = [.. words.Select(w => MathF.Log((1f + texts.Count) / (1 + holding[w])) + 1)];

        var rows = split.Select(text =>
        {
            var counts = text.Where(places.ContainsKey).GroupBy(w => places[w]).OrderBy(g => g.Key).ToArray();
            float[] values = [.. counts.Select(g => (1 + MathF.Log(g.Count())) * weights[g.Key])];
            float length = System.Numerics.Tensors.TensorPrimitives.Norm<float>(values);
            return ((int[])[.. counts.Select(g => g.Key)], (float[])[.. values.Select(v => v / length)]);
        }).Where(row => row.Item1.Length > 0).ToArray();
        var (_, vectors) = new SparseMatrix(rows, words.Length).TruncatedSvd(dimensions, seed);
        for (int word = 0; word < words.Length; word++)
            System.Numerics.Tensors.TensorPrimitives.Multiply(vectors.AsSpan(word * dimensions, dimensions), weights[word], vectors.AsSpan(word * dimensions, dimensions));
        return new WordTableEmbeddingGenerator("tfidf-lsa", words, vectors, dimensions, logarithmic: true);
    }
}
