using System.Text.Json;
using LlmLab.Data;

namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>A named set of tasks.</summary>
/// <param name="Name">Its name: <c>llmlab eval RUN --suite NAME</c>.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Tasks">Its tasks' names.</param>
public sealed record EvaluationSuite(string Name, string Description, IReadOnlyList<string> Tasks);

/// <summary>The tasks and suites that come with LlmLab (<c>data/tasks</c>).</summary>
public static class TaskCatalog
{
    const string Folder = "tasks/", Suites = "tasks/suites.json";

    static readonly Lazy<IReadOnlyList<EvaluationTask>> tasks = new(() =>
        [.. ShippedData.List(Folder).Where(path => path.EndsWith(".json", StringComparison.Ordinal) && path != Suites && path.Count(c => c == '/') == 1).Select(path => TaskFile.Parse(ShippedData.ReadText(path), path))]);

    static readonly Lazy<IReadOnlyList<EvaluationSuite>> suites = new(() =>
        JsonSerializer.Deserialize<EvaluationSuite[]>(ShippedData.ReadText(Suites), JsonSerializerOptions.Web)!);

    /// <summary>The shipped tasks, by name.</summary>
    public static IReadOnlyList<EvaluationTask> Tasks => tasks.Value;

    /// <summary>The shipped suites.</summary>
    public static IReadOnlyList<EvaluationSuite> AllSuites => suites.Value;

    /// <summary>The tasks that a suite's name, a task's name or a task file's path stands for; several are separated by commas.</summary>
    /// <exception cref="InvalidInputException">There is no suite, task or file of that name.</exception>
    public static IReadOnlyList<EvaluationTask> Find(string names) => [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(FindOne).DistinctBy(task => task.Name)];

    static IEnumerable<EvaluationTask> FindOne(string name)
    {
        if (name == "all") return Tasks;
        if (AllSuites.FirstOrDefault(suite => suite.Name == name) is { } suite) return suite.Tasks.Select(task => Tasks.FirstOrDefault(t => t.Name == task) ?? throw new InvalidInputException($"The suite {name} names the task {task}, which does not exist."));
        if (Tasks.FirstOrDefault(task => task.Name == name) is { } one) return [one];
        if (name.EndsWith(".json", StringComparison.Ordinal) && File.Exists(name)) return [TaskFile.Load(name)];
        throw new InvalidInputException($"There is no suite, task or task file \"{name}\": suites are {string.Join(", ", AllSuites.Select(s => s.Name))}, all; tasks are {string.Join(", ", Tasks.Select(t => t.Name))}.");
    }
}
