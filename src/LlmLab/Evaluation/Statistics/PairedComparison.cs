using System.Globalization;
using LlmLab.Evaluation.Text;

namespace LlmLab.Evaluation.Statistics;

/// <summary>What a comparison of two systems on the same items found.</summary>
/// <param name="Metric">What was compared.</param>
/// <param name="First">Score of the first system.</param>
/// <param name="Second">Score of the second system.</param>
/// <param name="PValue">How probable a difference as large is if the systems do not differ: the probability of being wrong when calling it real.</param>
/// <param name="HigherIsBetter">Which direction is better.</param>
public sealed record ComparisonResult(string Metric, double First, double Second, double PValue, bool HigherIsBetter)
{
    /// <summary>The verdict in one sentence.</summary>
    public string Verdict(string first = "A", string second = "B", double level = 0.05)
    {
        var numbers = string.Create(CultureInfo.InvariantCulture, $"{Metric} {First:0.###} against {Second:0.###}, p = {PValue:0.####}");
        if (PValue >= level || First == Second) return $"No difference between {first} and {second} is shown ({numbers}).";
        return $"{(First > Second == HigherIsBetter ? first : second)} is better ({numbers}).";
    }
}

/// <summary>
/// Tests whether two systems that answered the same items differ in a corpus metric. Both are those of sacreBLEU; the draws are not the same
/// as there, since they come from another random number generator.
/// </summary>
public static class PairedComparison
{
    /// <summary>
    /// Approximate randomisation: each segment's outputs change places by a coin toss, and differences as large as the real one are counted
    /// (E. Noreen, 1989; S. Riezler and J. Maxwell, 2005). Makes the fewest assumptions.
    /// </summary>
    /// <param name="metric">What to compare.</param>
    /// <param name="first">Outputs of one system.</param>
    /// <param name="second">Outputs of the other.</param>
    /// <param name="references">The references of each segment.</param>
    /// <param name="seed">Seed of the tosses.</param>
    /// <param name="trials">Number of shuffled pairs.</param>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static ComparisonResult Randomization(
        ICorpusMetric metric, IReadOnlyList<string> first, IReadOnlyList<string> second, IReadOnlyList<IReadOnlyList<string>> references, int seed = 12345, int trials = 10_000)
    {
        var (a, b) = (Segments.Statistics(metric, first, references), Segments.Statistics(metric, second, references));
        var (scoreA, scoreB) = (Score(metric, a), Score(metric, b));
        var random = new Random(seed);
        var (width, larger) = (a[0].Length, 0);
        var (sumA, sumB) = (new double[width], new double[width]);
        for (var trial = 0; trial < trials; trial++)
        {
            Operation.Current.ThrowIfCancelled();
            Array.Clear(sumA);
            Array.Clear(sumB);
            for (var i = 0; i < a.Length; i++)
            {
                var (one, other) = random.Next(2) == 0 ? (a[i], b[i]) : (b[i], a[i]);
                for (var j = 0; j < width; j++)
                {
                    sumA[j] += one[j];
                    sumB[j] += other[j];
                }
            }
            if (Math.Abs(metric.ScoreOf(sumA) - metric.ScoreOf(sumB)) > Math.Abs(scoreA - scoreB)) larger++;
        }
        return new(metric.Name, scoreA, scoreB, (larger + 1.0) / (trials + 1), metric.HigherIsBetter);
    }

    /// <summary>
    /// Paired bootstrap: the same segments are drawn for both systems, and how far the difference scatters says whether the real one can be
    /// chance (P. Koehn, "Statistical significance tests for machine translation evaluation", 2004).
    /// </summary>
    /// <param name="metric">What to compare.</param>
    /// <param name="first">Outputs of one system.</param>
    /// <param name="second">Outputs of the other.</param>
    /// <param name="references">The references of each segment.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="resamples">Number of draws.</param>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static ComparisonResult Bootstrap(
        ICorpusMetric metric, IReadOnlyList<string> first, IReadOnlyList<string> second, IReadOnlyList<IReadOnlyList<string>> references, int seed = 12345, int resamples = 1000)
    {
        var (a, b) = (Segments.Statistics(metric, first, references), Segments.Statistics(metric, second, references));
        var (scoreA, scoreB) = (Score(metric, a), Score(metric, b));
        var random = new Random(seed);
        var differences = new double[resamples];
        for (var resample = 0; resample < resamples; resample++)
        {
            Operation.Current.ThrowIfCancelled();
            int[] draw = [.. Enumerable.Range(0, a.Length).Select(_ => random.Next(a.Length))];
            differences[resample] = Math.Abs(Score(metric, draw.Select(i => a[i])) - Score(metric, draw.Select(i => b[i])));
        }
        var mean = differences.Average();
        var larger = differences.Count(difference => difference - mean > Math.Abs(scoreA - scoreB));
        return new(metric.Name, scoreA, scoreB, (larger + 1.0) / (resamples + 1), metric.HigherIsBetter);
    }

    static double Score(ICorpusMetric metric, IEnumerable<double[]> statistics) => metric.ScoreOf(Segments.Sum(statistics));
}
