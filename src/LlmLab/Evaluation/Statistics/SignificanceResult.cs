namespace LlmLab.Evaluation.Statistics;

/// <summary>The result of a statistical test.</summary>
/// <param name="Statistic">What the test computes; NaN where it is undefined.</param>
/// <param name="PValue">
/// How probable a statistic as far from what chance gives is, if there is no difference (two-sided); NaN where it is undefined.
/// </param>
public readonly record struct SignificanceResult(double Statistic, double PValue)
{
    /// <summary>A test that says nothing about these samples.</summary>
    public static SignificanceResult Undefined { get; } = new(double.NaN, double.NaN);

    /// <summary>Whether the difference is significant at a level such as 0.05.</summary>
    public bool IsSignificant(double level = 0.05) => PValue < level;
}
