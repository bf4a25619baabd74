using System.Numerics.Tensors;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>
/// Static word vectors: positive pointwise mutual information of words and their neighbours, decomposed (Levy, Goldberg and Dagan 2015, with
/// their settings: contexts smoothed by the power 0.75, singular values to the power 0.5). At this size it equals skip-gram with negative
/// samples (Levy and Goldberg 2014), and it is deterministic. A text is the mean of its words, rare ones weighing more, without the direction
/// that all texts share (Arora, Liang and Ma 2017).
/// </summary>
public static class WordVectors
{
    /// <summary>Learns from texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="dimensions">Numbers a vector.</param>
    /// <param name="window">Words to each side that are neighbours.</param>
    /// <param name="minimumCount">Occurrences that a word needs.</param>
    /// <param name="seed">Of the random start of the decomposition.</param>
    /// <exception cref="InvalidInputException">No word occurs often enough.</exception>
    public static WordTableEmbeddingGenerator Train(IReadOnlyList<string> texts, int dimensions = 384, int window = 5, int minimumCount = 3, long seed = 1)
    {
        string[][] split = [.. texts.Select(t => WordTableEmbeddingGenerator.Words(t).ToArray())];
        var counts = split.SelectMany(t => t).GroupBy(w => w, StringComparer.Ordinal).Where(g => g.Count() >= minimumCount).Select(g => (Word: g.Key, Count: g.Count())).OrderByDescending(w => w.Count).ThenBy(w => w.Word, StringComparer.Ordinal).ToArray();
        if (counts.Length == 0) throw new InvalidInputException($"None of the words of {texts.Count} texts occurs {minimumCount} times: give more texts.");
        var places = counts.Select((w, i) => (w.Word, i)).ToDictionary(w => w.Word, w => w.i, StringComparer.Ordinal);
        var (values, vectors) = new SparseMatrix(Information(split, places, window), counts.Length).TruncatedSvd(dimensions, seed);

        double all = counts.Sum(w => (double)w.Count);
        for (int word = 0; word < counts.Length; word++)
        {
            float share = (float)(1e-3 / (1e-3 + counts[word].Count / all));   // Arora et al.'s weight with a = 10⁻³
            for (int k = 0; k < dimensions; k++) vectors[word * dimensions + k] *= MathF.Sqrt(values[k]) * share;
        }
        string[] words = [.. counts.Select(w => w.Word)];
        var plain = new WordTableEmbeddingGenerator("word-vectors", words, vectors, dimensions, logarithmic: false);
        return new WordTableEmbeddingGenerator("word-vectors", words, vectors, dimensions, logarithmic: false, Common(plain.Embed(texts), dimensions));
    }

    // Rows of max(0, ln(p(word, neighbour) / (p(word)·p(neighbour)^0.75))).
    static (int[] Columns, float[] Values)[] Information(string[][] texts, Dictionary<string, int> places, int window)
    {
        var pairs = new Dictionary<int, double>[places.Count];
        for (int i = 0; i < pairs.Length; i++) pairs[i] = [];
        foreach (string[] text in texts)
        {
            int[] ids = [.. text.Select(w => places.GetValueOrDefault(w, -1))];
            for (int i = 0; i < ids.Length; i++)
                for (int j = Math.Max(0, i - window); ids[i] >= 0 && j < Math.Min(ids.Length, i + window + 1); j++)
                    if (j != i && ids[j] >= 0) pairs[ids[i]][ids[j]] = pairs[ids[i]].GetValueOrDefault(ids[j]) + 1.0 / Math.Abs(i - j);   // near ones count more (GloVe)
        }
        double[] totals = [.. pairs.Select(p => p.Values.Sum())], smoothed = [.. totals.Select(t => Math.Pow(t, 0.75))];
        double contexts = smoothed.Sum();
        return
        [
            .. pairs.Select((row, word) =>
            {
                var kept = row.Select(p => (p.Key, Value: Math.Log(p.Value * contexts / (totals[word] * smoothed[p.Key])))).Where(p => p.Value > 0).OrderBy(p => p.Key).ToArray();
                return ((int[])[.. kept.Select(p => p.Key)], (float[])[.. kept.Select(p => (float)p.Value)]);
            }),
        ];
    }

    // The first singular direction of all texts, by power iteration.
    static float[] Common(float[][] texts, int dimensions)
    {
        float[] direction = new float[dimensions];
        direction.AsSpan().Fill(1 / MathF.Sqrt(dimensions));
        for (int i = 0; i < 20; i++)
        {
            float[] next = new float[dimensions];
            foreach (float[] text in texts) TensorPrimitives.MultiplyAdd(text, TensorPrimitives.Dot<float>(text, direction), next, next);
            float length = TensorPrimitives.Norm<float>(next);
            if (length == 0) return direction;
            TensorPrimitives.Divide(next, length, direction);
        }
        return direction;
    }
}
