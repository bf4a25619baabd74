namespace LlmLab.Evaluation.Ranking;

/// <summary>
/// Ranking measures of items with a score each, as scikit-learn computes them (<c>sklearn.metrics</c>): items with equal scores share their
/// places instead of being ordered by name.
/// </summary>
public static class ScoredRelevance
{
    /// <summary>The discounted cumulative gain: relevance divided by log₂(rank + 1), summed; equal scores share their discounts.</summary>
    /// <param name="relevance">How relevant each item is, 0 or more.</param>
    /// <param name="scores">The score of each item; higher comes first.</param>
    /// <param name="cutoff">Ranks after this count nothing.</param>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static double DiscountedGain(IReadOnlyList<double> relevance, IReadOnlyList<double> scores, int cutoff = int.MaxValue)
    {
        Check(relevance.Count, scores.Count);
        var (sum, rank) = (0.0, 0);
        foreach (var group in scores.Zip(relevance).GroupBy(pair => pair.First).OrderByDescending(group => group.Key))
        {
            var (discounts, mean, size) = (0.0, group.Average(pair => pair.Second), group.Count());
            for (var i = 0; i < size; i++, rank++)
                if (rank < cutoff) discounts += 1 / Math.Log2(rank + 2);
            sum += mean * discounts;
        }
        return sum;
    }

    /// <summary><see cref="DiscountedGain"/> as a share of that of the best order; 0 where no item is relevant.</summary>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static double NormalizedGain(IReadOnlyList<double> relevance, IReadOnlyList<double> scores, int cutoff = int.MaxValue)
    {
        var ideal = DiscountedGain(relevance, relevance, cutoff);
        return ideal == 0 ? 0 : DiscountedGain(relevance, scores, cutoff) / ideal;
    }

    /// <summary>The area under the precision–recall curve as a sum over distinct scores; null without a relevant item.</summary>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static double? AveragePrecision(IReadOnlyList<bool> relevant, IReadOnlyList<double> scores)
    {
        Check(relevant.Count, scores.Count);
        var total = relevant.Count(one => one);
        if (total == 0) return null;
        var (sum, found, rank) = (0.0, 0, 0);
        foreach (var group in scores.Zip(relevant).GroupBy(pair => pair.First).OrderByDescending(group => group.Key))
        {
            var hits = group.Count(pair => pair.Second);
            (found, rank) = (found + hits, rank + group.Count());
            sum += (double)hits / total * found / rank;
        }
        return sum;
    }

    /// <summary>
    /// The area under the ROC curve: the probability that a relevant item has a higher score than another one, equal scores counting half;
    /// null where one of the two kinds is missing.
    /// </summary>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static double? AreaUnderRoc(IReadOnlyList<bool> relevant, IReadOnlyList<double> scores)
    {
        Check(relevant.Count, scores.Count);
        double positives = relevant.Count(one => one), negatives = relevant.Count - positives;
        if (positives == 0 || negatives == 0) return null;
        var (won, negativesBelow) = (0.0, 0);
        foreach (var group in scores.Zip(relevant).GroupBy(pair => pair.First).OrderBy(group => group.Key))
        {
            var hits = group.Count(pair => pair.Second);
            var misses = group.Count() - hits;
            won += hits * (negativesBelow + misses / 2.0);
            negativesBelow += misses;
        }
        return won / (positives * negatives);
    }

    /// <summary>For each relevant item the share of relevant ones among those that score at least as high, averaged; 1 where all or none are relevant.</summary>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static double LabelRankingAveragePrecision(IReadOnlyList<bool> relevant, IReadOnlyList<double> scores)
    {
        Check(relevant.Count, scores.Count);
        var hits = Enumerable.Range(0, relevant.Count).Where(i => relevant[i]).ToArray();
        if (hits.Length == 0 || hits.Length == relevant.Count) return 1;
        return hits.Average(i => hits.Count(j => scores[j] >= scores[i]) / (double)scores.Count(score => score >= scores[i]));
    }

    static void Check(int items, int scores)
    {
        if (items != scores) throw new InvalidInputException($"There are {items} items and {scores} scores; each item needs one.");
    }
}
