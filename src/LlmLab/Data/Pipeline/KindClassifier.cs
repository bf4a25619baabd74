namespace LlmLab.Data.Pipeline;

/// <summary>
/// A small text classifier, trained in a moment: multinomial naive Bayes (McCallum and Nigam 1998) with Laplace smoothing over words
/// and pairs of words, hashed into 2¹⁵ features (Weinberger et al. 2009). Training only counts, so it does not depend on any order.
/// </summary>
public sealed class KindClassifier
{
    const int Features = 1 << 15, MaximumWords = 400;
    readonly int[][] counts;
    readonly long[] totals, documents;
    double[][]? scores; // of each class and feature, until training goes on

    /// <summary>An untrained classifier.</summary>
    /// <param name="classes">Number of classes.</param>
    public KindClassifier(int classes)
    {
        counts = [.. Enumerable.Range(0, classes).Select(_ => new int[Features])];
        totals = new long[classes];
        documents = new long[classes];
    }

    /// <summary>Documents that each class was trained on.</summary>
    public IReadOnlyList<long> Documents => documents;

    /// <summary>A text's features: hashes of its first 400 words and of their pairs.</summary>
    public static ushort[] FeaturesOf(string text)
    {
        Span<ushort> features = stackalloc ushort[2 * MaximumWords];
        int count = 0;
        ulong previous = 0;
        int words = 0;
        foreach (var word in new WordScan(text))
        {
            if (++words > MaximumWords) break;
            ulong hash = 0xCBF29CE484222325;
            // All numbers are one word.
            if (char.IsAsciiDigit(word[0])) hash = 7;
            else
                foreach (char c in word) hash = (hash ^ Lower(c)) * 0x100000001B3;
            features[count++] = Slot(hash);
            if (previous != 0) features[count++] = Slot(previous * 31 + hash);
            previous = hash;
        }
        return features[..count].ToArray();
    }

    static uint Lower(char c) => c < 128 ? (uint)(c - 'A') <= 25 ? c | 0x20u : c : char.ToLowerInvariant(c);

    static ushort Slot(ulong hash) => (ushort)(hash * 0x9E3779B97F4A7C15 >> 49);

    /// <summary>Learns one example.</summary>
    public void Train(ReadOnlySpan<ushort> features, int label)
    {
        int[] own = counts[label];
        foreach (ushort feature in features) own[feature]++;
        scores = null;
        totals[label] += features.Length;
        documents[label]++;
    }

    double[][] Scores() => [.. counts.Select((own, label) =>
    {
        double norm = Math.Log(totals[label] + Features);
        return documents[label] == 0 ? [] : Array.ConvertAll(own, n => Math.Log(n + 1) - norm);
    })];

    /// <summary>The most probable class and its lead over the second, in nats a feature; −1 before any training.</summary>
    public (int Label, double Lead) Predict(ReadOnlySpan<ushort> features)
    {
        int best = -1;
        double first = double.NegativeInfinity, second = double.NegativeInfinity;
        long all = documents.Sum();
        double[][] known = scores ??= Scores();
        for (int label = 0; label < counts.Length; label++)
        {
            if (documents[label] == 0) continue;
            double score = Math.Log(documents[label] / (double)all);
            double[] own = known[label];
            foreach (ushort feature in features) score += own[feature];
            if (score > first) (best, second, first) = (label, first, score);
            else second = Math.Max(second, score);
        }
        return (best, double.IsNegativeInfinity(second) ? 0 : (first - second) / Math.Max(1, features.Length));
    }
}
