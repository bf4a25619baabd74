namespace LlmLab.Evaluation.Text;

/// <summary>Distances and similarities of sequences: of characters (give runes), or of tokens. Equal to NLTK 3.8's <c>nltk.metrics</c>.</summary>
public static class StringDistance
{
    /// <summary>
    /// The Levenshtein distance: the cheapest insertions, deletions (1 each) and substitutions that make one sequence the other; with
    /// transpositions the Damerau–Levenshtein distance.
    /// </summary>
    /// <param name="first">One sequence.</param>
    /// <param name="second">The other.</param>
    /// <param name="substitutionCost">Cost of exchanging an element for another.</param>
    /// <param name="transpositions">Exchanging two neighbours costs 1 too.</param>
    public static int Edit<T>(IReadOnlyList<T> first, IReadOnlyList<T> second, int substitutionCost = 1, bool transpositions = false) where T : notnull
    {
        var cost = new int[first.Count + 1, second.Count + 1];
        for (var i = 0; i <= first.Count; i++) cost[i, 0] = i;
        for (var j = 0; j <= second.Count; j++) cost[0, j] = j;
        var lastRow = new Dictionary<T, int>(); // where an element of the second was last seen in the first
        for (var i = 1; i <= first.Count; i++)
        {
            var lastColumn = 0; // where the element of the first was last seen in the second
            for (var j = 1; j <= second.Count; j++)
            {
                var same = EqualityComparer<T>.Default.Equals(first[i - 1], second[j - 1]);
                var least = Math.Min(cost[i - 1, j - 1] + (same ? 0 : substitutionCost), 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
                if (transpositions && lastColumn > 0 && lastRow.TryGetValue(second[j - 1], out var row))
                    least = Math.Min(least, cost[row - 1, lastColumn - 1] + (i - row) + (j - lastColumn) - 1);
                if (same) lastColumn = j;
                cost[i, j] = least;
            }
            lastRow[first[i - 1]] = i;
        }
        return cost[first.Count, second.Count];
    }

    /// <summary>The share of different elements among all of two sets, 0 to 1; null if both are empty.</summary>
    public static double? Jaccard<T>(IEnumerable<T> first, IEnumerable<T> second)
    {
        var (one, other) = (first.ToHashSet(), second.ToHashSet());
        var shared = one.Count(other.Contains);
        var union = one.Count + other.Count - shared;
        return union == 0 ? null : (double)(union - shared) / union;
    }

    /// <summary>
    /// The Jaro similarity, 0 to 1, for names (M. Jaro, "Advances in record-linkage methodology", 1989). As in NLTK, two sequences of one
    /// element have similarity 0: nothing lies within reach.
    /// </summary>
    public static double Jaro<T>(IReadOnlyList<T> first, IReadOnlyList<T> second)
    {
        var reach = Math.Max(first.Count, second.Count) / 2 - 1;
        var used = new bool[second.Count];
        var matched = new List<T>();
        for (var i = 0; i < first.Count; i++)
            for (var j = Math.Max(0, i - reach); j <= Math.Min(i + reach, second.Count - 1); j++)
            {
                if (used[j] || !EqualityComparer<T>.Default.Equals(first[i], second[j])) continue;
                used[j] = true;
                matched.Add(first[i]);
                break;
            }
        if (matched.Count == 0) return 0;
        var inSecond = second.Where((_, j) => used[j]);
        var transpositions = matched.Zip(inSecond).Count(pair => !EqualityComparer<T>.Default.Equals(pair.First, pair.Second)) / 2;
        double matches = matched.Count;
        return 1.0 / 3 * (matches / first.Count + matches / second.Count + (matches - transpositions) / matches);
    }

    /// <summary>The Jaro similarity, raised where the first elements are equal (W. Winkler, 1990).</summary>
    /// <param name="first">One sequence.</param>
    /// <param name="second">The other.</param>
    /// <param name="scale">How much each equal element counts, at most 1 / <paramref name="longestPrefix"/>.</param>
    /// <param name="longestPrefix">How many elements count at most.</param>
    public static double JaroWinkler<T>(IReadOnlyList<T> first, IReadOnlyList<T> second, double scale = 0.1, int longestPrefix = 4)
    {
        var similarity = Jaro(first, second);
        var prefix = first.Zip(second).Take(longestPrefix).TakeWhile(pair => EqualityComparer<T>.Default.Equals(pair.First, pair.Second)).Count();
        return similarity + prefix * scale * (1 - similarity);
    }

    /// <summary>Precision, recall and F1 of a set against the right one; each null where its denominator is zero.</summary>
    public static (double? Precision, double? Recall, double? F1) SetOverlap<T>(IEnumerable<T> right, IEnumerable<T> found)
    {
        var (expected, actual) = (right.ToHashSet(), found.ToHashSet());
        var shared = actual.Count(expected.Contains);
        double? precision = actual.Count == 0 ? null : (double)shared / actual.Count;
        double? recall = expected.Count == 0 ? null : (double)shared / expected.Count;
        var f1 = precision is null || recall is null ? null : shared == 0 ? 0 : 1 / (0.5 / precision + 0.5 / recall);
        return (precision, recall, f1);
    }
}
