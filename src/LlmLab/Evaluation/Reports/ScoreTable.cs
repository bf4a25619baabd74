using System.Globalization;
using System.Net;
using System.Text;
using LlmLab.Charts;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Evaluation.Reports;

/// <summary>One line of a table of scores.</summary>
/// <param name="Name">A task, a group, a subject.</param>
/// <param name="Metric">What was measured.</param>
/// <param name="Scores">One score a column; null where it was not measured, its value NaN where it is undefined.</param>
public sealed record ScoreRow(string Name, string Metric, IReadOnlyList<Estimate?> Scores);

/// <summary>Scores with their uncertainty: a row a task or group, a column a model, baselines beside it.</summary>
/// <param name="Title">What the table shows.</param>
/// <param name="Columns">The models.</param>
/// <param name="Rows">The scores.</param>
public sealed record ScoreTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<ScoreRow> Rows) : IHtmlView
{
    /// <summary>Bars by row, one of each column side by side, with 95 % intervals; undefined scores have no bar.</summary>
    /// <exception cref="InvalidInputException">A row has not one score a column.</exception>
    public Chart ToChart()
    {
        Check();
        return Chart.Bars(Title, [.. Rows.Select(row => row.Name)], Columns.Select((column, j) => ChartIntervals.Series(column, [.. Rows.Select(row => row.Scores[j])])), "score with 95 % interval");
    }

    /// <summary>As a table in Markdown: "0.613 ± 0.015", the number of items in a column of its own.</summary>
    /// <exception cref="InvalidInputException">A row has not one score a column.</exception>
    public string ToMarkdown()
    {
        Check();
        static string Cell(string text) => text.Replace("|", "\\|");
        var text = new StringBuilder($"| | metric | n |{string.Concat(Columns.Select(column => $" {Cell(column)} |"))}\n| --- | --- | ---: |{string.Concat(Columns.Select(_ => " ---: |"))}\n");
        foreach (var row in Rows) text.Append($"| {Cell(row.Name)} | {Cell(row.Metric)} | {CountOf(row)} |{string.Concat(row.Scores.Select(score => $" {Format(score)} |"))}\n");
        return text.ToString();
    }

    /// <inheritdoc/>
    public string ToText()
    {
        Check();
        string[][] cells = [["", "metric", "n", .. Columns], .. Rows.Select(row => (string[])[row.Name, row.Metric, CountOf(row), .. row.Scores.Select(Format)])];
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(j => cells.Max(row => row[j].Length))];
        return string.Join('\n', cells.Select(row => string.Join("  ", row.Select((cell, j) => j < 2 ? cell.PadRight(widths[j]) : cell.PadLeft(widths[j]))).TrimEnd()));
    }

    /// <inheritdoc/>
    public string ToHtml()
    {
        Check();
        static string Row(string tag, IEnumerable<string> cells) => $"<tr>{string.Concat(cells.Select(cell => $"<{tag}>{WebUtility.HtmlEncode(cell)}</{tag}>"))}</tr>";
        return $"<table><caption>{WebUtility.HtmlEncode(Title)}</caption>{Row("th", ["", "metric", "n", .. Columns])}{string.Concat(Rows.Select(row => Row("td", [row.Name, row.Metric, CountOf(row), .. row.Scores.Select(Format)])))}</table>";
    }

    static string CountOf(ScoreRow row) => row.Scores.FirstOrDefault(score => score is not null)?.Count.ToString(CultureInfo.InvariantCulture) ?? "";

    static string Format(Estimate? score) => score is null ? "–" : double.IsNaN(score.Value) ? "undefined"
        : score.Value.ToString("0.###", CultureInfo.InvariantCulture) + (double.IsNaN(score.StandardError) ? "" : " ± " + score.StandardError.ToString("0.###", CultureInfo.InvariantCulture));

    void Check()
    {
        if (Rows.FirstOrDefault(row => row.Scores.Count != Columns.Count) is { } wrong)
            throw new InvalidInputException($"The row \"{wrong.Name}\" of \"{Title}\" has {wrong.Scores.Count} scores for {Columns.Count} columns; give one a column, null where it was not measured.");
    }
}
