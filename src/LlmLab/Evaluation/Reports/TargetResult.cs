using System.Globalization;
using LlmLab.Evaluation.Statistics;
using LlmLab.Objectives;

namespace LlmLab.Evaluation.Reports;

/// <summary>Whether a target of the objective is met.</summary>
public enum TargetOutcome
{
    /// <summary>The score and its whole interval lie on the good side of the bound, on enough cases.</summary>
    Met,
    /// <summary>The interval covers the bound, or there were too few cases to say.</summary>
    Undecided,
    /// <summary>The whole interval lies on the bad side, however few the cases.</summary>
    Missed,
    /// <summary>Nothing measured it.</summary>
    NotMeasured,
}

/// <summary>A target of the objective beside what was measured.</summary>
/// <param name="Target">The target.</param>
/// <param name="Measured">The score, or null.</param>
/// <param name="Outcome">Whether it is met.</param>
public sealed record TargetResult(Target Target, Estimate? Measured, TargetOutcome Outcome)
{
    /// <summary>The outcome in a few words: "missed: 0.21, wanted at least 0.9".</summary>
    public string Verdict
    {
        get
        {
            static string F(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
            var wanted = $"wanted {(Target.Comparison == Comparison.AtLeast ? "at least" : "at most")} {F(Target.Bound)}";
            if (Measured is not { } score) return $"not measured: {wanted}";
            var few = score.Count < Target.LeastN ? $", on {score.Count} cases of the {Target.LeastN} that it needs" : "";
            return $"{Outcome.ToString().ToLowerInvariant()}: {F(score.Value)} ({F(score.Low)} to {F(score.High)}), {wanted}{few}";
        }
    }

    /// <summary>Holds measurements against targets.</summary>
    /// <param name="targets">The objective's.</param>
    /// <param name="measured">Scores by the targets' metrics; others are not looked at.</param>
    public static IReadOnlyList<TargetResult> Of(IReadOnlyList<Target> targets, IReadOnlyDictionary<string, Estimate> measured) => [.. targets.Select(target =>
    {
        if (!measured.TryGetValue(target.Metric, out var score) || double.IsNaN(score.Value)) return new TargetResult(target, null, TargetOutcome.NotMeasured);
        var isLower = target.Comparison == Comparison.AtMost;
        var (worst, best) = isLower ? (-score.High, -score.Low) : (score.Low, score.High);
        var bound = isLower ? -target.Bound : target.Bound;
        return new TargetResult(target, score, best < bound ? TargetOutcome.Missed : worst >= bound && score.Count >= target.LeastN ? TargetOutcome.Met : TargetOutcome.Undecided);
    })];
}
