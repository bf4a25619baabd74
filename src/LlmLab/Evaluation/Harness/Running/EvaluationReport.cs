using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlmLab.Charts;
using LlmLab.Evaluation.Comparisons;
using LlmLab.Evaluation.Harness.Outputs;
using LlmLab.Evaluation.Reports;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Evaluation.Harness.Running;

/// <summary>A line of a report: one metric of a task, of one of its subjects, or of a group.</summary>
/// <param name="Task">The task's name; of a group's line, the group's.</param>
/// <param name="Group">The group.</param>
/// <param name="Subject">The subject, or null for all of the task.</param>
/// <param name="Metric">The metric.</param>
/// <param name="HigherIsBetter">Which way is better; null where there is no better.</param>
/// <param name="Scores">A score a column; null where it is undefined.</param>
public sealed record ReportRow(string Task, string Group, string? Subject, string Metric, bool? HigherIsBetter, IReadOnlyList<Estimate?> Scores)
{
    /// <summary>Whether it is a group's line: the mean over its tasks, each counting the same.</summary>
    public bool IsGroup => Task == Group && Subject is null;
}

/// <summary>What an evaluation found: scores with standard errors, one column a model and one a baseline.</summary>
/// <param name="Suite">What was run.</param>
/// <param name="Columns">Names of the columns: models, then baselines.</param>
/// <param name="Rows">The lines.</param>
/// <param name="Items">The first model's scores item by item, which paired comparisons need.</param>
/// <param name="Notes">What was left out, and what was cut.</param>
public sealed record EvaluationReport(string Suite, IReadOnlyList<string> Columns, IReadOnlyList<ReportRow> Rows, IReadOnlyList<ItemScores> Items, IReadOnlyList<string> Notes) : IHtmlView
{
    const int LeastOfSubject = 5;

    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The first model's scores of whole tasks by "task.metric", and of the metric's name alone where only one task reports it.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, Estimate> Measured
    {
        get
        {
            var rows = Rows.Where(row => row.Subject is null && !row.IsGroup && row.Scores[0] is not null).ToArray();
            var found = rows.ToDictionary(row => $"{row.Task}.{row.Metric}", row => row.Scores[0]!, StringComparer.Ordinal);
            foreach (var metric in rows.GroupBy(row => row.Metric).Where(group => group.Count() == 1)) found[metric.Key] = metric.First().Scores[0]!;
            return found;
        }
    }

    /// <summary>The score of a task (a group, by its name and "centred").</summary>
    /// <param name="task">The task.</param>
    /// <param name="metric">The metric; null: the task's main one.</param>
    /// <param name="column">The column; null: the first model.</param>
    /// <param name="subject">The subject; null: all of the task.</param>
    /// <exception cref="InvalidInputException">The report has no such score.</exception>
    public Estimate Score(string task, string? metric = null, string? column = null, string? subject = null)
    {
        int place = column is null ? 0 : Columns.ToList().IndexOf(column);
        var row = Rows.FirstOrDefault(row => row.Task == task && row.Subject == subject && (metric is null || row.Metric == metric));
        return place >= 0 && row?.Scores[place] is { } score ? score : throw new InvalidInputException($"The report on {Suite} has no score of {task} {metric} {subject} in the column {column ?? Columns[0]}.");
    }

    internal static EvaluationReport Of(string suite, IReadOnlyList<string> columns, IReadOnlyList<TaskResult> results, IReadOnlyList<string> notes)
    {
        var rows = new List<ReportRow>();
        var items = new List<ItemScores>();
        foreach (var group in results.GroupBy(result => result.Prepared.Task.Group))
        {
            foreach (var result in group)
            {
                var (task, all) = (result.Prepared.Task, TaskOutput.MetricsOf(result.Prepared.Task.Output));
                foreach (string name in task.Metrics)
                {
                    rows.Add(new ReportRow(task.Name, task.Group, null, name, all[name].HigherIsBetter, result.Scores(all[name], _ => true)));
                    items.Add(new ItemScores(columns[0], task.Name, name, all[name].HigherIsBetter != false, [.. result.Prepared.Items.Select(item => item.Place)], [.. result.Columns[0].Select(scores => scores.TryGetValue(name, out var score) ? score.Value : double.NaN)]));
                }
                // A score of three items says nothing.
                string?[] subjects = [.. result.Prepared.Items.GroupBy(item => item.Subject).Where(items => items.Count() >= LeastOfSubject).Select(items => items.Key).Order(StringComparer.Ordinal)];
                if (subjects.Length > 1)
                    rows.AddRange(subjects.OfType<string>().Select(subject => new ReportRow(task.Name, task.Group, subject, task.Metrics[0], all[task.Metrics[0]].HigherIsBetter, result.Scores(all[task.Metrics[0]], item => item.Subject == subject))));
            }
            // Only chance-centred scores of different tasks can be averaged (DataComp-LM, Li et al. 2024).
            var centred = group.Where(result => TaskOutput.MetricsOf(result.Prepared.Task.Output).ContainsKey("centred")).Select(result => result.Scores(TaskOutput.MetricsOf(result.Prepared.Task.Output)["centred"], _ => true)).ToArray();
            if (centred.Length > 1)
                rows.Add(new ReportRow(group.Key, group.Key, null, "centred", true, [.. Enumerable.Range(0, columns.Count).Select(column => ScoreAggregation.Average([.. centred.Select(scores => scores[column])]))]));
        }
        return new EvaluationReport(suite, columns, rows, items, notes);
    }

    /// <summary>Main scores of all tasks, one group of bars a task, with 95 % intervals.</summary>
    [JsonIgnore]
    public Chart Chart
    {
        get
        {
            // Shares only: perplexities have another scale.
            var rows = Rows.Where(row => row.Subject is null && !row.IsGroup && row.Scores.OfType<Estimate>().All(score => score.Value is >= 0 and <= 1)).GroupBy(row => row.Task).Select(group => group.First()).ToArray();
            var series = Columns.Select((column, c) => ChartIntervals.Series(column, [.. rows.Select(row => row.Scores[c])]));
            return Chart.Bars($"{Suite}: {Columns[0]} beside baselines", [.. rows.Select(row => $"{row.Task}\n{row.Metric}")], series, "score") with { YRange = (0, 1), Width = Math.Max(760, 110 * rows.Length) };
        }
    }

    /// <summary>Writes <c>results.json</c> and <c>report.md</c> into a folder.</summary>
    public void Save(string folder)
    {
        AtomicFile.WriteText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(this, json) + "\n");
        AtomicFile.WriteText(Path.Combine(folder, "report.md"), ToMarkdown());
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="path">The folder, or the file.</param>
    /// <exception cref="InvalidInputException">There is no such report, or it is broken.</exception>
    public static EvaluationReport Load(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, "results.json") : path;
        if (!File.Exists(file)) throw new InvalidInputException($"{file} does not exist: `llmlab eval RUN --suite NAME` writes it.");
        try
        {
            return JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(file), json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{file} is not what an evaluation writes: {e.Reason()}", e);
        }
    }

    /// <summary>The scores as a table.</summary>
    [JsonIgnore]
    public ScoreTable Table => new($"Evaluation: {Suite}", Columns, [.. Rows.Select(row => new ScoreRow(
        row.IsGroup ? $"{row.Task}, mean of tasks" : row.Subject is null ? row.Task : $"{row.Task} · {row.Subject}",
        row.Metric + row.HigherIsBetter switch { true => " ↑", false => " ↓", _ => "" },
        row.Scores))]);

    /// <summary>The table in Markdown, with the notes below.</summary>
    public string ToMarkdown() => $"# Evaluation: {Suite}\n\nEach score with its standard error; n items. ↑ higher is better, ↓ lower.\n\n{Table.ToMarkdown()}{string.Concat(Notes.Select(note => $"\n- {note}"))}\n";

    /// <inheritdoc/>
    public string ToText() => string.Join('\n', Notes.Select(note => "· " + note).Prepend(Table.ToText()));

    /// <inheritdoc/>
    public string ToHtml() => Table.ToHtml() + string.Concat(Notes.Select(note => $"<div>{WebUtility.HtmlEncode(note)}</div>"));
}
