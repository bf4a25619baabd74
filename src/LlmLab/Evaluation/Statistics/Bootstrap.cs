namespace LlmLab.Evaluation.Statistics;

/// <summary>
/// The uncertainty of any score by resampling: the items are drawn again and again with replacement, and the score's scatter over the
/// draws is its uncertainty (B. Efron, "Bootstrap methods: another look at the jackknife", 1979). For scores that are no means, such as BLEU
/// or F1.
/// </summary>
public static class Bootstrap
{
    /// <summary>The score with its standard error and percentile interval.</summary>
    /// <param name="count">Number of items.</param>
    /// <param name="score">The score of the items with these indices, some of them more than once.</param>
    /// <param name="seed">Seed of the draws: the same seed gives the same numbers.</param>
    /// <param name="resamples">Number of draws; 1,000 is enough for an interval.</param>
    /// <exception cref="InvalidInputException">There are no items or fewer than two draws.</exception>
    public static Estimate Of(int count, Func<IReadOnlyList<int>, double> score, int seed = 12345, int resamples = 1000)
    {
        if (count < 1 || resamples < 2) throw new InvalidInputException($"A bootstrap was asked for of {count} items with {resamples} resamples; it needs at least 1 and 2.");
        var random = new Random(seed);
        var draw = new int[count];
        var scores = new double[resamples];
        for (var i = 0; i < resamples; i++)
        {
            Operation.Current.ThrowIfCancelled();
            for (var j = 0; j < count; j++) draw[j] = random.Next(count);
            scores[i] = score(draw);
        }
        Array.Sort(scores);
        return new(score([.. Enumerable.Range(0, count)]), Math.Sqrt(Samples.Variance(scores)), count, Percentile(scores, 0.025), Percentile(scores, 0.975));
    }

    /// <summary>The mean of scores, with a bootstrap interval.</summary>
    /// <exception cref="InvalidInputException">There are no scores.</exception>
    public static Estimate OfMean(IReadOnlyList<double> scores, int seed = 12345, int resamples = 1000) =>
        Of(scores.Count, draw => draw.Sum(i => scores[i]) / draw.Count, seed, resamples);

    /// <summary>A percentile by linear interpolation between the neighbouring values.</summary>
    static double Percentile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        return below + 1 < sorted.Length ? sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
