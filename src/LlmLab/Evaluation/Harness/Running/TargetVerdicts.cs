using System.Globalization;
using LlmLab.Charts;
using LlmLab.Evaluation.Statistics;
using LlmLab.Objectives;

namespace LlmLab.Evaluation.Harness.Running;

/// <summary>Whether a target is reached.</summary>
public enum Verdict
{
    /// <summary>The whole 95 % interval lies on the right side of the bound.</summary>
    Met,
    /// <summary>The whole interval lies on the wrong side.</summary>
    Missed,
    /// <summary>The bound lies within the interval: more cases would tell.</summary>
    Undecided,
    /// <summary>Not missed, but measured on fewer cases than the objective asks for.</summary>
    TooFewCases,
    /// <summary>No evaluation measured the metric.</summary>
    NotMeasured,
}

/// <summary>A target of an objective, what was measured, and the verdict.</summary>
/// <param name="Target">The target.</param>
/// <param name="Score">What was measured, or null.</param>
/// <param name="Verdict">The verdict.</param>
public sealed record TargetVerdict(Target Target, Estimate? Score, Verdict Verdict)
{
    /// <summary>The verdict in a sentence.</summary>
    public string Sentence
    {
        get
        {
            string wanted = string.Create(CultureInfo.InvariantCulture, $"{Target.Metric} is to be {(Target.Comparison == LlmLab.Objectives.Comparison.AtLeast ? "at least" : "at most")} {Target.Bound:0.###}");
            return Score is null ? $"{wanted}: not measured." : string.Create(CultureInfo.InvariantCulture, $"{wanted}; it is {Score.Value:0.###} (95 %: {Score.Low:0.###} to {Score.High:0.###}, n = {Score.Count}): {Words}.");
        }
    }

    string Words => Verdict switch
    {
        Verdict.Met => "met",
        Verdict.Missed => "missed",
        Verdict.TooFewCases => $"too few cases, {Target.LeastN} are asked for",
        _ => "undecided, the bound lies within the interval",
    };
}

/// <summary>The targets of an objective beside what evaluation measured.</summary>
/// <param name="Objective">The objective's name.</param>
/// <param name="Targets">One verdict a target.</param>
public sealed record TargetVerdicts(string Objective, IReadOnlyList<TargetVerdict> Targets) : IHtmlView
{
    /// <summary>Judges an objective's targets.</summary>
    /// <param name="objective">The objective.</param>
    /// <param name="measured">Scores by the metric's name: those of a report (<see cref="EvaluationReport.Measured"/>), and of other evaluations, such as retrieval's.</param>
    public static TargetVerdicts Judge(Objective objective, IReadOnlyDictionary<string, Estimate> measured) =>
        new(objective.Name, [.. objective.Targets.Select(target => new TargetVerdict(target, measured.GetValueOrDefault(target.Metric), Judge(target, measured.GetValueOrDefault(target.Metric))))]);

    /// <summary>Whether every target is met.</summary>
    public bool AllMet => Targets.All(target => target.Verdict == Verdict.Met);

    static Verdict Judge(Target target, Estimate? score)
    {
        if (score is null || double.IsNaN(score.Value)) return Verdict.NotMeasured;
        bool least = target.Comparison == LlmLab.Objectives.Comparison.AtLeast;
        if (least ? score.High < target.Bound : score.Low > target.Bound) return Verdict.Missed;
        if (score.Count < target.LeastN) return Verdict.TooFewCases;
        return (least ? score.Low >= target.Bound : score.High <= target.Bound) ? Verdict.Met : Verdict.Undecided;
    }

    /// <summary>Measured values with 95 % intervals, and a line at each bound.</summary>
    public Chart Chart
    {
        get
        {
            double[] places = [.. Targets.Select((_, i) => (double)i)];
            var bounds = Targets.Select((target, i) => new Series(i == 0 ? "bound" : "", [i - 0.4, i + 0.4], [target.Target.Bound, target.Target.Bound]) { Dashed = true });
            return new Chart($"{Objective}: targets and measured values")
            {
                Categories = [.. Targets.Select(target => $"{target.Target.Metric} {(target.Target.Comparison == LlmLab.Objectives.Comparison.AtLeast ? "≥" : "≤")} {target.Target.Bound.ToString("0.###", CultureInfo.InvariantCulture)}\n{Name(target.Verdict)}")],
                YLabel = "score with 95 % interval",
                Series =
                [
                    new Series("measured", places, [.. Targets.Select(target => target.Score?.Value ?? double.NaN)])
                    {
                        Mark = Mark.Points,
                        Errors = [.. Targets.Select(target => target.Score is { } score ? (score.High - score.Low) / 2 : 0)],
                    },
                    .. bounds,
                ],
            };
        }
    }

    /// <inheritdoc/>
    public string ToText() => string.Join('\n', Targets.Select(target => target.Sentence));

    /// <inheritdoc/>
    public string ToHtml() => "<ul>" + string.Concat(Targets.Select(target => $"<li>{System.Net.WebUtility.HtmlEncode(target.Sentence)}</li>")) + "</ul>";

    static string Name(Verdict verdict) => verdict switch { Verdict.TooFewCases => "too few cases", Verdict.NotMeasured => "not measured", _ => verdict.ToString().ToLowerInvariant() };
}
