using System.Globalization;
using LlmLab.Charts;
using LlmLab.Evaluation.Harness.Tasks;
using LlmLab.Evaluation.Reports;
using LlmLab.Evaluation.Statistics;
using LlmLab.Objectives;
using LlmLab.Retrieval.Search;

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
            return Score is null ? $"{wanted}: {Words}." : string.Create(CultureInfo.InvariantCulture, $"{wanted}; it is {Score.Value:0.###} (95 %: {Score.Low:0.###} to {Score.High:0.###}, n = {Score.Count}): {Words}.");
        }
    }

    /// <summary>The target, what was measured, its 95 % interval, the number of cases, and the verdict: a row of a table.</summary>
    internal string[] Cells =>
    [
        string.Create(CultureInfo.InvariantCulture, $"{Target.Metric} {(Target.Comparison == LlmLab.Objectives.Comparison.AtLeast ? "≥" : "≤")} {Target.Bound:0.###}"),
        Score is null ? "–" : Score.Value.ToString("0.000", CultureInfo.InvariantCulture),
        Score is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{Score.Low:0.000} to {Score.High:0.000}"),
        Score is null ? "–" : Score.Count.ToString(CultureInfo.InvariantCulture),
        Words,
    ];

    // Who could measure it, where nobody did.
    string HowToMeasure
    {
        get
        {
            if (RetrievalScores.Judges(Target.Metric)) return "it judges the search, not the model: `llmlab eval RUN --suite company_answers` measures both";
            string[] tasks = [.. TaskCatalog.Tasks.Where(task => task.Metrics.Contains(Target.Metric)).Select(task => task.Name)];
            return tasks.Length == 0
                ? "no shipped task reports it: give a task file that does (`llmlab eval RUN --suite FILE.json`)"
                : $"`llmlab eval RUN --suite {tasks.FirstOrDefault(name => name.StartsWith("company", StringComparison.Ordinal)) ?? tasks[0]}` measures it";
        }
    }

    string Words => Verdict switch
    {
        Verdict.Met => "met",
        Verdict.NotMeasured => $"not measured; {HowToMeasure}",
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
    /// <param name="measured">Scores by the metric's name: those of a report (<see cref="EvaluationReport.Measured"/>), and of other evaluations, such as a search's (<see cref="RetrievalScores.Measured"/>). The first that has a metric counts.</param>
    public static TargetVerdicts Judge(Objective objective, params IReadOnlyList<IReadOnlyDictionary<string, Estimate>> measured) =>
        new(objective.Name, [.. objective.Targets.Select(target =>
        {
            var score = measured.Select(scores => scores.GetValueOrDefault(target.Metric)).FirstOrDefault(found => found is not null);
            return new TargetVerdict(target, score, Judge(target, score));
        })]);

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
            var bounds = Targets.Select((target, i) => new Series(i == 0 ? "bound" : "", [i - 0.4, i + 0.4], [target.Target.Bound, target.Target.Bound]) { Dashed = true });
            return new Chart($"{Objective}: targets and measured values")
            {
                Categories = [.. Targets.Select(target => $"{target.Target.Metric} {(target.Target.Comparison == LlmLab.Objectives.Comparison.AtLeast ? "≥" : "≤")} {target.Target.Bound.ToString("0.###", CultureInfo.InvariantCulture)}\n{Name(target.Verdict)}")],
                YLabel = "score with 95 % interval",
                Series =
                [
                    ChartIntervals.Series("measured", [.. Targets.Select(target => target.Score)]) with { Mark = Mark.Points },
                    .. bounds,
                ],
            };
        }
    }

    static readonly string[] header = ["target", "measured", "95 % interval", "n", "verdict"];

    /// <summary>Targets and results in one table, in Markdown.</summary>
    public string ToMarkdown() => $"| {string.Join(" | ", header)} |\n| --- | ---: | ---: | ---: | --- |\n" + string.Concat(Targets.Select(target => $"| {string.Join(" | ", target.Cells)} |\n"));

    /// <inheritdoc/>
    public string ToText()
    {
        string[][] cells = [header, .. Targets.Select(target => target.Cells)];
        int[] widths = [.. Enumerable.Range(0, header.Length).Select(j => cells.Max(row => row[j].Length))];
        return string.Join('\n', cells.Select(row => string.Join("  ", row.Select((cell, j) => j is 0 or 4 ? cell.PadRight(widths[j]) : cell.PadLeft(widths[j]))).TrimEnd()));
    }

    /// <inheritdoc/>
    public string ToHtml()
    {
        static string Row(string tag, IEnumerable<string> cells) => $"<tr>{string.Concat(cells.Select((cell, j) => $"<{tag} style=\"text-align:{(j is 0 or 4 ? "left" : "right")}\">{System.Net.WebUtility.HtmlEncode(cell)}</{tag}>"))}</tr>";
        return $"<table><caption>{System.Net.WebUtility.HtmlEncode(Objective)}: targets and results</caption>{Row("th", header)}{string.Concat(Targets.Select(target => Row("td", target.Cells)))}</table>";
    }

    static string Name(Verdict verdict) => verdict switch { Verdict.TooFewCases => "too few cases", Verdict.NotMeasured => "not measured", _ => verdict.ToString().ToLowerInvariant() };
}
