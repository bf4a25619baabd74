using System.Globalization;
using System.Text;
using LlmLab.Charts;
using LlmLab.Evaluation.Reports;

namespace LlmLab.Evaluation.Comparisons;

/// <summary>One task of a comparison.</summary>
/// <param name="Comparison">The comparison.</param>
/// <param name="Corrected">Its p-value corrected for the number of tasks.</param>
public sealed record ComparisonRow(ModelComparison Comparison, double Corrected)
{
    /// <summary>The verdict by the corrected p-value.</summary>
    public string Verdict => Comparison.Verdict(Corrected, 0.05);
}

/// <summary>
/// Two systems on several tasks. Twenty tasks show one difference at the level 0.05 by chance alone; the p-values are therefore corrected by
/// Holm's method (S. Holm, "A simple sequentially rejective multiple test procedure", 1979).
/// </summary>
public sealed class ComparisonTable : IHtmlView
{
    /// <summary>Compares two systems on each task that both have.</summary>
    /// <param name="first">Scores of A, one a task and metric.</param>
    /// <param name="second">Scores of B.</param>
    /// <param name="seed">Seed of draws and tosses.</param>
    /// <exception cref="InvalidInputException">They have no task in common, or answered other items of one.</exception>
    public ComparisonTable(IReadOnlyList<ItemScores> first, IReadOnlyList<ItemScores> second, int seed = 12345)
    {
        static string Name(ItemScores one) => $"{one.Task} {one.Metric}";
        var shared = first.Select(a => (A: a, B: second.FirstOrDefault(b => Name(b) == Name(a)))).Where(pair => pair.B is not null).ToArray();
        if (shared.Length == 0)
            throw new InvalidInputException($"The two have no task in common: one was scored on {List(first)}, the other on {List(second)}.");
        OnlyFirst = [.. first.Where(a => !second.Any(b => Name(b) == Name(a))).Select(Name)];
        OnlySecond = [.. second.Where(b => !first.Any(a => Name(a) == Name(b))).Select(Name)];
        var comparisons = shared.Select(pair => ModelComparison.Of(pair.A, pair.B!, seed)).ToArray();
        var corrected = Holm([.. comparisons.Select(one => one.PValue)]);
        Rows = [.. comparisons.Select((one, i) => new ComparisonRow(one, corrected[i]))];
    }

    /// <summary>One row a task.</summary>
    public IReadOnlyList<ComparisonRow> Rows { get; }

    /// <summary>Tasks and metrics that only A has.</summary>
    public IReadOnlyList<string> OnlyFirst { get; }

    /// <summary>Tasks and metrics that only B has.</summary>
    public IReadOnlyList<string> OnlySecond { get; }

    /// <summary>The differences B − A with their 95 % intervals; an interval that does not touch zero is a difference.</summary>
    public Chart ToChart()
    {
        var (a, b) = (Rows[0].Comparison.First.System, Rows[0].Comparison.Second.System);
        return (new Chart($"{b} minus {a}")
        {
            Categories = [.. Rows.Select(row => $"{row.Comparison.First.Task} ({row.Comparison.First.Metric})")],
            YLabel = "difference with 95 % interval",
            Series = [ChartIntervals.Series("", [.. Rows.Select(row => row.Comparison.Difference)]) with { Mark = Mark.Points }],
        }).WithReference("no difference", 0);
    }

    /// <inheritdoc/>
    public string ToText() => string.Join('\n', Rows.Select(row => row.Verdict));

    /// <inheritdoc/>
    public string ToHtml()
    {
        static string F(double value) => double.IsNaN(value) ? "undefined" : value.ToString("0.####", CultureInfo.InvariantCulture);
        static string Encode(string text) => System.Net.WebUtility.HtmlEncode(text);
        var html = new StringBuilder("<table><tr><th>Task</th><th>Metric</th><th>A</th><th>B</th><th>B − A</th><th>95 %</th><th>p (Holm)</th><th>Verdict</th></tr>");
        foreach (var row in Rows)
        {
            var one = row.Comparison;
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encode(one.First.Task)}</td><td>{Encode(one.First.Metric)}</td><td>{F(one.FirstMean)}</td><td>{F(one.SecondMean)}</td><td>{F(one.Difference.Value)}</td><td>{F(one.Difference.Low)} to {F(one.Difference.High)}</td><td>{F(row.Corrected)}</td><td>{Encode(row.Verdict)}</td></tr>");
        }
        return html.Append("</table>").ToString();
    }

    /// <summary>Holm's corrected p-values, in the order given.</summary>
    internal static double[] Holm(IReadOnlyList<double> pValues)
    {
        var corrected = new double[pValues.Count];
        var highest = 0.0;
        foreach (var (i, rank) in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]).Select((i, rank) => (i, rank)))
            corrected[i] = highest = Math.Max(highest, Math.Min(1, pValues[i] * (pValues.Count - rank)));
        return corrected;
    }

    static string List(IReadOnlyList<ItemScores> scores) => scores.Count == 0 ? "nothing" : string.Join(", ", scores.Select(one => $"{one.Task} ({one.Metric})").Distinct());
}
