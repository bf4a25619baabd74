using System.Globalization;

namespace LlmLab.Evaluation.Statistics;

/// <summary>A score with its uncertainty.</summary>
/// <param name="Value">The score.</param>
/// <param name="StandardError">How much it would scatter over other samples of the same size; NaN where that cannot be said.</param>
/// <param name="Count">Items that it was computed from.</param>
/// <param name="Low">Lower end of the 95 % confidence interval.</param>
/// <param name="High">Upper end.</param>
public sealed record Estimate(double Value, double StandardError, int Count, double Low, double High)
{
    /// <summary>Standard errors to each side of a 95 % interval: the normal distribution's 97.5th percentile.</summary>
    internal const double Z95 = 1.9599639845400545;

    /// <summary>The mean of scores of independent items, with a normal interval.</summary>
    /// <exception cref="InvalidInputException">There are no scores.</exception>
    public static Estimate OfMean(IReadOnlyList<double> scores)
    {
        if (scores.Count == 0) throw new InvalidInputException("A mean was asked for of no scores; there must be at least one.");
        var (mean, error) = (Samples.Mean(scores), Math.Sqrt(Samples.Variance(scores) / scores.Count));
        return new(mean, error, scores.Count, mean - Z95 * error, mean + Z95 * error);
    }

    /// <summary>
    /// A share such as accuracy, with Wilson's interval, which stays within 0 and 1 and is right for small counts (E. Wilson, 1927).
    /// </summary>
    /// <exception cref="InvalidInputException">There are no items, or more successes than items.</exception>
    public static Estimate OfShare(int successes, int count)
    {
        if (count < 1 || successes < 0 || successes > count) throw new InvalidInputException($"A share was asked for of {successes} out of {count}; give 0 to {count} out of at least 1.");
        double share = (double)successes / count, square = Z95 * Z95;
        var center = (share + square / (2 * count)) / (1 + square / count);
        var half = Z95 / (1 + square / count) * Math.Sqrt(share * (1 - share) / count + square / (4.0 * count * count));
        return new(share, Math.Sqrt(share * (1 - share) / count), count, Math.Max(0, center - half), Math.Min(1, center + half));
    }

    /// <summary>
    /// How far the 95 % interval reaches from the score, to the farther side: the error bar where only symmetric ones can be drawn.
    /// </summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double Reach => Math.Max(High - Value, Value - Low);

    /// <summary>"0.613 [0.584, 0.642]": with the 95 % interval.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Interval => string.Create(CultureInfo.InvariantCulture, $"{Value:0.000} [{Low:0.000}, {High:0.000}]");

    /// <summary>"0.613 ± 0.015 (n = 1000)".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:0.###} ± {StandardError:0.###} (n = {Count})");
}
