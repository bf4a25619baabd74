namespace LlmLab.Evaluation.Statistics;

/// <summary>Tests that look at the order of values only, so that outliers do not matter; equal to SciPy 1.10.</summary>
public static class RankTests
{
    /// <summary>
    /// Wilcoxon's signed-rank test of paired values; the statistic is the smaller sum of ranks. Exact up to 50 pairs without a zero difference,
    /// else by normal approximation; undefined where all differences are zero.
    /// </summary>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static SignificanceResult Wilcoxon(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Samples.CheckPaired(x, y);
        double[] differences = [.. x.Zip(y, (a, b) => a - b)];
        double[] moved = [.. differences.Where(difference => difference != 0)];
        if (moved.Length == 0) return SignificanceResult.Undefined;
        var ranks = Samples.Ranks([.. moved.Select(Math.Abs)]);
        var (up, down) = (0.0, 0.0);
        for (var i = 0; i < moved.Length; i++)
            if (moved[i] > 0) up += ranks[i];
            else down += ranks[i];
        var statistic = Math.Min(up, down);
        if (differences.Length <= 50 && moved.Length == differences.Length) return new(statistic, ExactWilcoxon(moved.Length, (int)up));

        double n = moved.Length, mean = n * (n + 1) / 4;
        var variance = (n * (n + 1) * (2 * n + 1) - 0.5 * Samples.TieSizes(ranks).Sum(size => size * (size * size - 1))) / 24;
        return new(statistic, 2 * SpecialFunctions.NormalUpperTail(Math.Abs((statistic - mean) / Math.Sqrt(variance))));
    }

    /// <summary>
    /// The Mann–Whitney test of independent samples; the statistic counts the pairs in which the first is larger (ties half).
    /// </summary>
    /// <param name="x">One sample.</param>
    /// <param name="y">The other.</param>
    /// <param name="exact">
    /// True for an exact p-value if one sample has at most eight values and there are no ties; otherwise, and with false always, the normal
    /// approximation with continuity correction.
    /// </param>
    public static SignificanceResult MannWhitney(IReadOnlyList<double> x, IReadOnlyList<double> y, bool exact = true)
    {
        if (x.Count == 0 || y.Count == 0) return SignificanceResult.Undefined;
        var ranks = Samples.Ranks([.. x, .. y]);
        double m = x.Count, n = y.Count, all = m + n;
        var statistic = ranks.Take(x.Count).Sum() - m * (m + 1) / 2;
        var larger = Math.Max(statistic, m * n - statistic);
        var ties = Samples.TieSizes(ranks);
        if (exact && ties.Length == 0 && Math.Min(m, n) <= 8) return new(statistic, Math.Min(1, 2 * ExactMannWhitney(x.Count, y.Count, (int)(m * n - larger))));
        var deviation = Math.Sqrt(m * n / 12 * (all + 1 - ties.Sum(size => size * size * size - size) / (all * (all - 1))));
        return new(statistic, Math.Min(1, 2 * SpecialFunctions.NormalUpperTail((larger - m * n / 2 - 0.5) / deviation)));
    }

    /// <summary>
    /// McNemar's exact test of two systems on the same yes-or-no items: only items that one got right and the other wrong count.
    /// </summary>
    /// <param name="onlyFirst">Items that only the first got right.</param>
    /// <param name="onlySecond">Items that only the second got right.</param>
    public static SignificanceResult McNemar(int onlyFirst, int onlySecond)
    {
        if (onlyFirst < 0 || onlySecond < 0) throw new InvalidInputException($"McNemar's test was given {onlyFirst} and {onlySecond} items; counts cannot be negative.");
        var (fewer, all) = (Math.Min(onlyFirst, onlySecond), onlyFirst + onlySecond);
        if (all == 0) return new(0, 1);
        var tail = Enumerable.Range(0, fewer + 1).Sum(k => Math.Exp(SpecialFunctions.LogGamma(all + 1) - SpecialFunctions.LogGamma(k + 1) - SpecialFunctions.LogGamma(all - k + 1) - all * Math.Log(2)));
        return new(fewer, Math.Min(1, 2 * tail));
    }

    /// <summary>How probable a sum of ranks this far from the middle is, if each difference is up or down by chance.</summary>
    static double ExactWilcoxon(int n, int up)
    {
        var probability = new double[n * (n + 1) / 2 + 1];
        probability[0] = 1;
        for (var rank = 1; rank <= n; rank++)
            for (var sum = rank * (rank + 1) / 2; sum >= 0; sum--)
                probability[sum] = 0.5 * probability[sum] + (sum >= rank ? 0.5 * probability[sum - rank] : 0);
        if (up == (probability.Length - 1) / 2) return 1;
        return Math.Min(1, 2 * Math.Min(probability.Take(up + 1).Sum(), probability.Skip(up).Sum()));
    }

    /// <summary>The probability that at most so many pairs of m and n values are in the unlikely order.</summary>
    static double ExactMannWhitney(int m, int n, int most)
    {
        // Orders of i values of one sample among j of the other with k such pairs: the last value is of one or of the other.
        var counts = new double[m + 1, n + 1, most + 1];
        for (var i = 0; i <= m; i++)
            for (var j = 0; j <= n; j++)
                for (var k = 0; k <= Math.Min(most, i * j); k++)
                    counts[i, j, k] = k == 0 ? 1 : (i > 0 && k >= j ? counts[i - 1, j, k - j] : 0) + (j > 0 ? counts[i, j - 1, k] : 0);
        var orders = Math.Exp(SpecialFunctions.LogGamma(m + n + 1) - SpecialFunctions.LogGamma(m + 1) - SpecialFunctions.LogGamma(n + 1));
        return Enumerable.Range(0, most + 1).Sum(k => counts[m, n, k]) / Math.Round(orders);
    }
}
