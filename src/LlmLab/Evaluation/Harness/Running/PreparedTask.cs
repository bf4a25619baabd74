using LlmLab.Data;
using LlmLab.Evaluation.Harness.Outputs;
using LlmLab.Evaluation.Harness.Tasks;

namespace LlmLab.Evaluation.Harness.Running;

/// <summary>A task with its items read, drawn, and each with the solved examples before it.</summary>
/// <param name="Task">The task.</param>
/// <param name="Output">What it asks and how it is scored.</param>
/// <param name="Items">Its items.</param>
/// <param name="Before">What stands before each item's question.</param>
/// <param name="Note">What a reader of the scores should know of how it was prepared, or null.</param>
sealed record PreparedTask(EvaluationTask Task, TaskOutput Output, IReadOnlyList<TaskItem> Items, IReadOnlyList<string> Before, string? Note = null);

/// <summary>Reads tasks' data.</summary>
sealed class TaskPreparation(EvaluationOptions options, DataFolder folder)
{
    readonly TaskDataFiles files = new(folder);
    readonly CompanyRecords company = new(options.CompanySeed, options.CompanyProjects);

    /// <summary>A task ready to run; null where its data is not on this machine.</summary>
    public PreparedTask? Prepare(EvaluationTask task, out string missing)
    {
        if (Records(task, task.Data.File, out missing) is not { } records) return null;
        var reader = new ItemReader(task);
        bool bySubject = task.Data.File.Contains('*');
        var filter = task.Data.Where is { } condition ? TaskTemplate.Condition(condition, $"Task {task.Name}, data.where") : null;
        var kept = records.Where(record => filter?.Holds(record) ?? true).ToArray();
        int? limit = options.TaskLimits.TryGetValue(task.Name, out int ownLimit) ? ownLimit : options.Limit;
        TaskRecord[] drawn = [.. bySubject ? kept.GroupBy(record => record.Subject).SelectMany(group => Draw([.. group], limit)) : Draw(kept, limit)];
        if (drawn.Length == 0) throw new InvalidInputException($"Task {task.Name} has no items: none of {records.Count} records is left by data.where.");
        TaskItem[] items = [.. drawn.Select(reader.Read)];
        int count = options.FewShot ?? task.FewShot.Count;
        if (count == 0) return new PreparedTask(task, TaskOutput.Of(task), items, [.. items.Select(item => item.Instruction)]);
        IReadOnlyList<TaskRecord>? pool = records;
        string? note = null;
        if (task.FewShot.File is { } own)
        {
            pool = Records(task, own, out string absent);
            if (pool is null && !task.FewShot.OrOwn)
            {
                missing = absent;
                return null;
            }
            note = pool is null ? $"{task.Name}: the {count} solved examples come from {task.Data.File} itself, the question asked excepted: {own} is not on this machine." : null;
        }
        var shots = new ExamplePool(task, reader, pool ?? records, count, fromFile: task.FewShot.File is not null && pool is not null, options.Seed);
        return new PreparedTask(task, TaskOutput.Of(task), items, [.. items.Select(shots.Before)], note);
    }

    IReadOnlyList<TaskRecord>? Records(EvaluationTask task, string file, out string missing)
    {
        missing = "";
        if (task.Data.Format == DataFormat.Company) return company.Read(task.Data);
        if (files.Find(task, file, out missing) is not { } found) return null;
        var records = new List<TaskRecord>();
        foreach (var one in found)
        {
            using var stream = one.Open();
            records.AddRange(TaskRecords.Read(task.Data, one.Name, stream, one.Subject));
        }
        if (task.Data.Subject is not { } subject) return records;
        var template = TaskTemplate.Text(subject, $"Task {task.Name}, data.subject");
        return [.. records.Select(record => record with { Subject = template.Render(record) })];
    }

    TaskRecord[] Draw(TaskRecord[] records, int? most)
    {
        if (most is not { } limit || limit >= records.Length) return records;
        int[] order = [.. Enumerable.Range(0, records.Length)];
        new Random(options.Seed).Shuffle(order);
        return [.. order.Take(limit).Order().Select(i => records[i])];
    }
}

/// <summary>
/// Solved examples: the same for all questions of a task (of a subject), so that they are read once, a question never being among its own.
/// </summary>
sealed class ExamplePool(EvaluationTask task, ItemReader reader, IReadOnlyList<TaskRecord> records, int count, bool fromFile, int seed)
{
    readonly Dictionary<string, TaskItem[]> drawn = [];

    public string Before(TaskItem item)
    {
        string subject = task.Data.File.Contains('*') ? item.Subject ?? "" : "";
        if (!drawn.TryGetValue(subject, out var examples)) drawn[subject] = examples = Draw(subject);
        var shown = examples.Where(example => example.Place != item.Place).Take(count).Select(Solved);
        return item.Instruction + string.Concat(shown.Select(text => text + task.FewShot.Delimiter));
    }

    // One more than needed, to stand in where the question itself was drawn.
    TaskItem[] Draw(string subject)
    {
        TaskRecord[] own = [.. subject.Length == 0 ? records : records.Where(record => record.Subject == subject)];
        int[] order = [.. Enumerable.Range(0, own.Length)];
        if (!task.FewShot.First) new Random(seed).Shuffle(order);
        return order.Length > count || fromFile && order.Length >= count
            ? [.. order.Take(count + 1).Select(i => reader.Read(own[i]))]
            : throw new InvalidInputException($"Task {task.Name} is to show {count} solved examples, but has only {own.Length} to draw from: ask for fewer (--few-shot).");
    }

    string Solved(TaskItem example) => task.Output == OutputType.PartialScoring
        ? example.Choices[example.Answer] + task.Delimiter + example.Target
        : example.Prompt + task.Delimiter + example.Target;
}
