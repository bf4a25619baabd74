namespace LlmLab.Evaluation.Statistics;

/// <summary>How two measurements of the same items go together, −1 to 1; equal to SciPy 1.10's <c>scipy.stats</c>.</summary>
public static class Correlation
{
    /// <summary>Pearson's: how far they lie on a straight line. Undefined where one is constant.</summary>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static SignificanceResult Pearson(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        var r = Coefficient(x, y);
        if (double.IsNaN(r)) return SignificanceResult.Undefined;
        if (x.Count == 2) return new(r, 1);
        var half = x.Count / 2.0 - 1;
        return new(r, 2 * SpecialFunctions.Beta(half, half, 0.5 * (1 - Math.Abs(r))));
    }

    /// <summary>Spearman's: how far they have the same order. Undefined where one is constant.</summary>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static SignificanceResult Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Samples.CheckPaired(x, y);
        var r = Coefficient(Samples.Ranks(x), Samples.Ranks(y));
        if (double.IsNaN(r)) return SignificanceResult.Undefined;
        var freedom = x.Count - 2;
        return freedom < 1 ? new(r, double.NaN) : new(r, SpecialFunctions.StudentTwoSided(r * Math.Sqrt(freedom / ((r + 1) * (1 - r))), freedom));
    }

    /// <summary>
    /// Kendall's τ-b: pairs in the same order minus pairs in the other, as a share of the pairs without ties. The p-value is exact for small
    /// samples without ties. Undefined where one is constant.
    /// </summary>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static SignificanceResult Kendall(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Samples.CheckPaired(x, y);
        var (concordant, discordant) = (0L, 0L);
        for (var i = 0; i < x.Count; i++)
            for (var j = 0; j < i; j++)
                switch (x[i].CompareTo(x[j]) * y[i].CompareTo(y[j]))
                {
                    case > 0: concordant++; break;
                    case < 0: discordant++; break;
                }
        double n = x.Count, pairs = n * (n - 1) / 2;
        var (tiesX, tiesY) = (Samples.TieSizes(x), Samples.TieSizes(y));
        var (tiedX, tiedY) = (tiesX.Sum(size => size * (size - 1) / 2), tiesY.Sum(size => size * (size - 1) / 2));
        if (tiedX == pairs || tiedY == pairs) return SignificanceResult.Undefined;
        double difference = concordant - discordant;
        var tau = Math.Clamp(difference / Math.Sqrt(pairs - tiedX) / Math.Sqrt(pairs - tiedY), -1, 1);
        if (tiedX == 0 && tiedY == 0 && (x.Count <= 33 || Math.Min(discordant, pairs - discordant) <= 1))
            return new(tau, ExactKendall(x.Count, (int)Math.Min(discordant, pairs - discordant)));
        static double Cubic(double[] sizes) => sizes.Sum(size => size * (size - 1) * (size - 2));
        static double Weighted(double[] sizes) => sizes.Sum(size => size * (size - 1) * (2 * size + 5));
        var m = n * (n - 1);
        var variance = (m * (2 * n + 5) - Weighted(tiesX) - Weighted(tiesY)) / 18 + 2 * tiedX * tiedY / m + Cubic(tiesX) * Cubic(tiesY) / (9 * m * (n - 2));
        return new(tau, 2 * SpecialFunctions.NormalUpperTail(Math.Abs(difference / Math.Sqrt(variance))));
    }

    /// <summary>The cosine of the angle between two vectors; NaN where one is zero.</summary>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static double Cosine(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Samples.CheckPaired(x, y);
        return x.Zip(y, (a, b) => a * b).Sum() / Math.Sqrt(x.Sum(a => a * a)) / Math.Sqrt(y.Sum(b => b * b));
    }

    static double Coefficient(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Samples.CheckPaired(x, y);
        if (x.Count < 2 || x.All(value => value == x[0]) || y.All(value => value == y[0])) return double.NaN;
        var (meanX, meanY) = (Samples.Mean(x), Samples.Mean(y));
        var (deviationX, deviationY) = (Math.Sqrt(x.Sum(value => (value - meanX) * (value - meanX))), Math.Sqrt(y.Sum(value => (value - meanY) * (value - meanY))));
        return Math.Clamp(x.Zip(y, (a, b) => (a - meanX) / deviationX * ((b - meanY) / deviationY)).Sum(), -1, 1);
    }

    /// <summary>The share of orders of n items with so few inversions, both tails (M. Kendall, "Rank correlation methods", 1970).</summary>
    static double ExactKendall(int n, int inversions)
    {
        if (n <= 2 || 4 * inversions == n * (n - 1)) return 1;
        // Orders of j items with k inversions, as a share of all: item j can be put before 0 to j − 1 of the others.
        var shares = new double[inversions + 1];
        shares[0] = 1;
        for (var j = 2; j <= n; j++)
        {
            var next = new double[inversions + 1];
            var window = 0.0;
            for (var k = 0; k <= inversions; k++)
            {
                window += shares[k] - (k >= j ? shares[k - j] : 0);
                next[k] = window / j;
            }
            shares = next;
        }
        return Math.Min(1, 2 * shares.Sum());
    }
}
