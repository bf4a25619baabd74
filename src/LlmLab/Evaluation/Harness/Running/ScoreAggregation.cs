using LlmLab.Evaluation.Harness.Outputs;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Evaluation.Harness.Running;

/// <summary>Makes a score with its uncertainty of items' values.</summary>
static class ScoreAggregation
{
    /// <summary>The score; null where no item defines it.</summary>
    public static Estimate? Of(Metric metric, IEnumerable<ItemScore> items)
    {
        ItemScore[] scores = [.. items.Where(item => !double.IsNaN(item.Value))];
        if (scores.Length == 0) return null;
        double[] values = [.. scores.Select(score => score.Value)];
        switch (metric.Aggregation)
        {
            case Aggregation.Mean:
                return values.All(value => value is 0 or 1) ? Estimate.OfShare((int)values.Sum(), values.Length) : Estimate.OfMean(values);
            case Aggregation.Exponential:
                var mean = Estimate.OfMean(values);
                return new Estimate(Math.Exp(mean.Value), Math.Exp(mean.Value) * mean.StandardError, values.Length, Math.Exp(mean.Low), Math.Exp(mean.High));
            default:
                // A ratio of sums: its error by the residuals around it (Cochran, Sampling Techniques, 1977, 2.11).
                double units = scores.Sum(score => score.Units), ratio = values.Sum() / units;
                double residual = scores.Sum(score => Math.Pow(score.Value - ratio * score.Units, 2)), count = scores.Length;
                double error = count < 2 ? double.NaN : Math.Sqrt(count / (count - 1) * residual) / units;
                if (metric.Aggregation == Aggregation.BitsRatio)
                    return new Estimate(ratio / Math.Log(2), error / Math.Log(2), scores.Length, (ratio - Estimate.Z95 * error) / Math.Log(2), (ratio + Estimate.Z95 * error) / Math.Log(2));
                return new Estimate(Math.Exp(ratio), Math.Exp(ratio) * error, scores.Length, Math.Exp(ratio - Estimate.Z95 * error), Math.Exp(ratio + Estimate.Z95 * error));
        }
    }

    /// <summary>A level that is known, not measured.</summary>
    public static Estimate? Exact(Metric metric, IEnumerable<ItemScore> items) =>
        Of(metric, items) is { } found ? found with { StandardError = 0, Low = found.Value, High = found.Value } : null;

    /// <summary>The mean of several scores, each counting the same; their errors are independent.</summary>
    public static Estimate? Average(IReadOnlyList<Estimate?> scores)
    {
        Estimate[] known = [.. scores.OfType<Estimate>()];
        if (known.Length == 0 || known.Length < scores.Count) return null;
        double mean = known.Average(score => score.Value), error = Math.Sqrt(known.Sum(score => score.StandardError * score.StandardError)) / known.Length;
        return new Estimate(mean, error, known.Sum(score => score.Count), mean - Estimate.Z95 * error, mean + Estimate.Z95 * error);
    }
}
