namespace LlmLab.Evaluation.Harness.Outputs;

/// <summary>How the values of a metric become a score.</summary>
public enum Aggregation
{
    /// <summary>Their mean; items for which the metric is undefined (NaN) do not count.</summary>
    Mean,
    /// <summary>e^mean of nats: perplexity an item.</summary>
    Exponential,
    /// <summary>e^(sum of nats / sum of units): perplexity a word or byte.</summary>
    ExponentialRatio,
    /// <summary>Sum of nats / ln 2 / sum of units: bits a byte.</summary>
    BitsRatio,
}

/// <summary>What a task can report.</summary>
/// <param name="Name">Its name in task files and tables.</param>
/// <param name="What">What it is, in a line.</param>
/// <param name="HigherIsBetter">Which way is better; null where there is no better.</param>
/// <param name="Aggregation">How items' values become a score.</param>
public sealed record Metric(string Name, string What, bool? HigherIsBetter = true, Aggregation Aggregation = Aggregation.Mean);

/// <summary>The value of a metric for one item.</summary>
/// <param name="Value">The value: nats where the aggregation says so; NaN: undefined.</param>
/// <param name="Units">Words or bytes, where the aggregation is a ratio.</param>
public readonly record struct ItemScore(double Value, double Units = 1);
