namespace LlmLab.Retrieval.Search;

/// <summary>The members of the BM25 family that differ in how they treat frequent words and long documents.</summary>
public enum Bm25Variant
{
    /// <summary>
    /// Okapi BM25 (Robertson et al., "Okapi at TREC-3", 1994) with the library rank_bm25's floor: a word that is in more than half of the
    /// documents would count against them; it counts a share of the mean weight instead.
    /// </summary>
    Okapi,
    /// <summary>BM25L (Lv and Zhai, "When documents are very long, BM25 fails!", 2011): long documents are not over-penalised.</summary>
    L,
    /// <summary>BM25+ (Lv and Zhai, "Lower-bounding term frequency normalization", 2011): a document with the word stays ahead of one without it.</summary>
    Plus,
}

/// <summary>
/// BM25 scores of every document of a small collection for a query, in memory and to the last digit as the formulas say; the numbers are
/// those of the Python library rank_bm25. For a collection on disk, with filters and updates, there is <see cref="KeywordIndex"/>.
/// </summary>
public sealed class Bm25Scorer
{
    readonly Dictionary<string, List<(int Document, int Count)>> postings = new(StringComparer.Ordinal);
    readonly Dictionary<string, double> weights = new(StringComparer.Ordinal);
    readonly int[] lengths;
    readonly double meanLength, k1, b, delta;
    readonly Bm25Variant variant;

    /// <summary>Counts the words of a collection.</summary>
    /// <param name="documents">The documents, split into words.</param>
    /// <param name="variant">Which formula.</param>
    /// <param name="k1">How soon repetitions of a word stop to count; 0 means at once.</param>
    /// <param name="b">How much a document's length counts: 0 not at all, 1 fully.</param>
    /// <param name="delta">What an occurrence is worth at least (L: 0.5, Plus: 1 by default); Okapi has none.</param>
    /// <param name="floor">Okapi: the share of the mean weight that a word in more than half of the documents gets.</param>
    /// <exception cref="InvalidInputException">No document, or a parameter out of range.</exception>
    public Bm25Scorer(IReadOnlyList<IReadOnlyList<string>> documents, Bm25Variant variant = Bm25Variant.Okapi, double k1 = 1.5, double b = 0.75, double? delta = null, double floor = 0.25)
    {
        if (documents.Count == 0) throw new InvalidInputException("BM25 needs at least one document.");
        CheckParameters(k1, b);
        (this.variant, this.k1, this.b, this.delta) = (variant, k1, b, delta ?? (variant == Bm25Variant.L ? 0.5 : 1));
        lengths = [.. documents.Select(document => document.Count)];
        meanLength = lengths.Average();
        var order = new List<string>();
        for (int i = 0; i < documents.Count; i++)
            foreach (var group in documents[i].GroupBy(word => word, StringComparer.Ordinal))
            {
                if (!postings.TryGetValue(group.Key, out var list))
                {
                    postings[group.Key] = list = [];
                    order.Add(group.Key);
                }
                list.Add((i, group.Count()));
            }
        Weigh(order, floor);
    }

    internal static void CheckParameters(double k1, double b)
    {
        if (!(k1 >= 0 && double.IsFinite(k1))) throw new InvalidInputException($"BM25's k1 must be at least 0, found {k1}.");
        if (!(b >= 0 && b <= 1)) throw new InvalidInputException($"BM25's b must lie between 0 and 1, found {b}.");
    }

    // How much each word says: the rarer, the more.
    void Weigh(List<string> words, double floor)
    {
        double documents = lengths.Length, sum = 0;
        foreach (string word in words)
        {
            double with = postings[word].Count;
            sum += weights[word] = variant switch
            {
                Bm25Variant.L => Math.Log(documents + 1) - Math.Log(with + 0.5),
                Bm25Variant.Plus => Math.Log(documents + 1) - Math.Log(with),
                _ => Math.Log(documents - with + 0.5) - Math.Log(with + 0.5),
            };
        }
        if (variant != Bm25Variant.Okapi || words.Count == 0) return;
        double least = floor * (sum / words.Count);
        foreach (string word in words)
            if (weights[word] < 0) weights[word] = least;
    }

    /// <summary>The score of every document, in the order in which they were given.</summary>
    /// <param name="query">The query's words; one that comes twice counts twice.</param>
    public double[] Scores(IEnumerable<string> query)
    {
        double[] scores = new double[lengths.Length];
        foreach (string word in query)
        {
            if (!postings.TryGetValue(word, out var list)) continue;
            double weight = weights[word];
            // In L and Plus a document without the word has a score too: the lower bound that gives them their names.
            if (variant != Bm25Variant.Okapi)
            {
                double without = weight * Part(0, 0);
                for (int i = 0; i < scores.Length; i++) scores[i] += without;
                foreach (var (document, count) in list) scores[document] += weight * Part(count, lengths[document]) - without;
            }
            else
            {
                foreach (var (document, count) in list) scores[document] += weight * Part(count, lengths[document]);
            }
        }
        return scores;
    }

    double Part(double count, double length)
    {
        double relative = 1 - b + b * length / meanLength;
        return variant switch
        {
            Bm25Variant.L => count == 0 ? (k1 + 1) * delta / (k1 + delta) : (k1 + 1) * (count / relative + delta) / (k1 + count / relative + delta),
            Bm25Variant.Plus => count == 0 ? delta : delta + count * (k1 + 1) / (k1 * relative + count),
            _ => count * (k1 + 1) / (count + k1 * relative),
        };
    }
}
