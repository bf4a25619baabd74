using System.Diagnostics;
using LlmLab.Notebooks.Running;
using LlmLab.Runs;

namespace LlmLab.Notebooks.Guide;

/// <summary>How a step ended.</summary>
/// <param name="Step">The step.</param>
/// <param name="Run">What ran, with its outputs, its recorded numbers and the cell at which it stopped, if it failed.</param>
/// <param name="Time">How long it took, the start of its process included.</param>
public sealed record GuideStepResult(GuideStep Step, NotebookRun Run, TimeSpan Time)
{
    /// <summary>Whether every cell ran.</summary>
    public bool Succeeded => Run.Failure is null;
}

/// <summary>
/// A run of the guide: each notebook in a process of its own, one after the other since each uses what those before it made, and a
/// report of all of them that grows with every step.
/// </summary>
/// <param name="process">Runs a notebook.</param>
/// <param name="scale">The scale that every notebook runs at.</param>
/// <param name="folder">Where the executed notebooks and the report go.</param>
public sealed class GuideRun(NotebookProcess process, Scale scale, string folder)
{
    /// <summary>Where a run that starts now keeps its report.</summary>
    public static string NewFolder(Workspace workspace, DateTime utcNow)
    {
        string name = $"guide-{utcNow:yyyyMMdd-HHmmss}", folder = Path.Combine(workspace.Folder, name);
        for (int i = 2; Directory.Exists(folder); i++) folder = Path.Combine(workspace.Folder, $"{name}-{i}");
        return folder;
    }

    /// <summary>Runs the steps. One that fails does not keep the others from running.</summary>
    /// <param name="steps">The plan.</param>
    /// <param name="announce">Told of each step before and after it ran.</param>
    /// <returns>How each step ended, and the path of the report.</returns>
    /// <exception cref="OperationCanceledException">The user asked to stop; the report holds what ran.</exception>
    public async Task<(IReadOnlyList<GuideStepResult> Steps, string Report)> RunAsync(IReadOnlyList<GuideStep> steps, Action<GuideStep, GuideStepResult?> announce)
    {
        Directory.CreateDirectory(folder);
        var started = DateTime.UtcNow;
        var done = new List<GuideStepResult>();
        foreach (var step in steps)
        {
            announce(step, null);
            long began = Stopwatch.GetTimestamp();
            var run = await process.RunAsync(step.File, Path.Combine(folder, step.Name + ".ipynb"), new NotebookRunOptions { Parameters = step.Parameters }, scale);
            var result = new GuideStepResult(step, run, Stopwatch.GetElapsedTime(began));
            done.Add(result);
            announce(step, result);
            GuideReport.Write(folder, scale, started, done, left: steps.Count - done.Count);
            new ResultsFile(scale.ToString().ToLowerInvariant(), [.. done.SelectMany(one => one.Run.Results)]).Write(Path.Combine(folder, ResultsFile.FileName));
            Operation.Current.ThrowIfCancelled();
        }
        return (done, Path.Combine(folder, "index.html"));
    }
}
