using System.Globalization;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Evaluation.Comparisons;

/// <summary>
/// A against B: whether two systems that answered the same items differ, by how much, and how probable it is to be wrong in saying so. Paired,
/// since a hard item is hard for both: that shows differences that two separate intervals hide.
/// </summary>
/// <param name="First">Scores of A, aligned with those of B.</param>
/// <param name="Second">Scores of B.</param>
/// <param name="Difference">The mean of B − A with a bootstrap interval over items (B. Efron, 1979; P. Koehn, 2004).</param>
/// <param name="PValue">
/// Approximate randomisation: how probable a difference as large is if A and B do not differ, each item's scores changing places by a coin toss
/// (E. Noreen, 1989). Two-sided; 1 where the scores are equal.
/// </param>
/// <param name="WrongSign">
/// The probability that the better one is the other: the share of bootstrap draws of the items in which the difference has the other sign (none
/// at all counts half).
/// </param>
/// <param name="McNemar">McNemar's exact test, where all scores are 0 or 1; else null.</param>
/// <param name="MinimumDetectable">The smallest difference that so many items show in four cases of five at the level 0.05.</param>
/// <param name="Undefined">Items left out because one of the scores is undefined.</param>
public sealed record ModelComparison(
    ItemScores First, ItemScores Second, Estimate Difference, double PValue, double WrongSign, SignificanceResult? McNemar, double MinimumDetectable, int Undefined)
{
    /// <summary>The mean score of A over the items that count.</summary>
    public double FirstMean => First.Scores.Average();

    /// <summary>The mean score of B over the items that count.</summary>
    public double SecondMean => Second.Scores.Average();

    /// <summary>Compares two systems.</summary>
    /// <param name="first">A.</param>
    /// <param name="second">B, on the same items, in any order.</param>
    /// <param name="seed">Seed of draws and tosses.</param>
    /// <param name="draws">Number of bootstrap draws, and of tosses.</param>
    /// <exception cref="InvalidInputException">The two are not about the same task, metric and items, or no item has both scores.</exception>
    public static ModelComparison Of(ItemScores first, ItemScores second, int seed = 12345, int draws = 10_000)
    {
        var (a, b) = ItemScores.Align(first, second);
        int[] kept = [.. Enumerable.Range(0, a.Length).Where(i => double.IsFinite(a[i]) && double.IsFinite(b[i]))];
        if (kept.Length == 0) throw new InvalidInputException($"No item of {first.Task} has a score of both {first.System} and {second.System} ({a.Length} items, all undefined for one of them).");
        string[] items = [.. kept.Select(i => first.Items[i])];
        (a, b) = ([.. kept.Select(i => a[i])], [.. kept.Select(i => b[i])]);
        double[] differences = [.. a.Zip(b, (x, y) => y - x)];

        var (difference, wrongSign) = Resample(differences, seed, draws);
        var binary = a.Concat(b).All(score => score is 0 or 1);
        return new(
            first with { Items = items, Scores = a }, second with { Items = items, Scores = b }, difference, Randomize(differences, seed, draws), wrongSign,
            binary ? RankTests.McNemar(differences.Count(d => d < 0), differences.Count(d => d > 0)) : null,
            differences.Length > 1 ? Power.MinimumDetectableDifference(Math.Sqrt(Samples.Variance(differences)), differences.Length) : double.NaN,
            first.Items.Count - kept.Length);
    }

    /// <summary>The verdict in words, with the probability of being wrong.</summary>
    /// <param name="level">Accepted probability of calling chance a difference.</param>
    public string Verdict(double level = 0.05) => Verdict(PValue, level);

    /// <summary>The verdict by another p-value, such as one corrected for several comparisons.</summary>
    internal string Verdict(double pValue, double level)
    {
        string F(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
        string P(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
        var numbers = $"{First.Metric} {F(FirstMean)} against {F(SecondMean)}, difference {F(Difference.Value)} (95 %: {F(Difference.Low)} to {F(Difference.High)}, n = {Difference.Count}), p = {P(pValue)}";
        var left = Undefined == 0 ? "" : $" {Undefined} items without a score of both were left out.";
        if (Difference.Value == 0 || !(pValue < level))
            return $"No difference between {First.System} and {Second.System} is shown on {First.Task} ({numbers}). With so many items a difference below {F(MinimumDetectable)} would mostly go unseen.{left}";
        var better = Difference.Value > 0 == First.HigherIsBetter ? Second.System : First.System;
        var wrong = WrongSign == 0 ? "below 0.01 %" : (100 * WrongSign).ToString("0.##", CultureInfo.InvariantCulture) + " %";
        return $"{better} is better on {First.Task} ({numbers}); the probability that the other one is better: {wrong}.{left}";
    }

    static (Estimate Difference, double WrongSign) Resample(double[] differences, int seed, int draws)
    {
        var random = new Random(seed);
        var wrong = 0.0;
        var mean = differences.Average();
        var estimate = Bootstrap.Of(differences.Length, draw =>
        {
            var sum = 0.0;
            for (var i = 0; i < draw.Count; i++) sum += differences[draw[i]];
            return sum / draw.Count;
        }, seed, draws);
        for (var draw = 0; draw < draws; draw++)
        {
            Operation.Current.ThrowIfCancelled();
            var sum = 0.0;
            for (var i = 0; i < differences.Length; i++) sum += differences[random.Next(differences.Length)];
            wrong += sum == 0 || mean == 0 ? 0.5 : sum > 0 != mean > 0 ? 1 : 0;
        }
        return (estimate, wrong / draws);
    }

    static double Randomize(double[] differences, int seed, int trials)
    {
        double[] moved = [.. differences.Where(d => d != 0)]; // equal scores change nothing when they change places
        if (moved.Length == 0) return 1;
        var random = new Random(seed);
        // Sums of the same numbers in another order differ by rounding; such a sum counts as large as the real one.
        var threshold = Math.Abs(moved.Sum()) - 1e-12 * moved.Sum(Math.Abs);
        var larger = 0;
        for (var trial = 0; trial < trials; trial++)
        {
            Operation.Current.ThrowIfCancelled();
            var sum = 0.0;
            foreach (var d in moved) sum += random.Next(2) == 0 ? d : -d;
            if (Math.Abs(sum) >= threshold) larger++;
        }
        return (larger + 1.0) / (trials + 1);
    }
}
