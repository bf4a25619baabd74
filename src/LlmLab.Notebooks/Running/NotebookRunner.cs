using LlmLab.Notebooks.Documents;

namespace LlmLab.Notebooks.Running;

/// <summary>
/// Runs a notebook's code cells in order in a session, without a front end. Stops at the first cell that fails and still gives what
/// ran. Tags mean what they mean to nbclient and papermill: <c>parameters</c>, <c>injected-parameters</c>, <c>skip-execution</c>,
/// <c>raises-exception</c>.
/// <para>
/// The session's process should stand in the notebook's folder, and a process has one folder: <see cref="NotebookProcess"/> runs a
/// notebook in a process of its own, and that is what command lines use.
/// </para>
/// </summary>
public static class NotebookRunner
{
    // After the interrupt, a cell has this long to end; code that calls into a native library for longer is given up.
    static readonly TimeSpan grace = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Runs the notebook. Progress goes to <see cref="Operation.Current"/>; cancelling it interrupts the running cell, and what ran is
    /// returned with that cell as the failure.
    /// </summary>
    /// <returns>The notebook with outputs, the recorded numbers, and the failing cell if there is one.</returns>
    /// <exception cref="InvalidInputException">
    /// The notebook is for another kernel, a cell is in an unknown language, or a parameter is unknown or no value of its type. All but
    /// the values of variables whose type only the compiler knows is checked before anything runs.
    /// </exception>
    public static async Task<NotebookRun> RunAsync(Notebook notebook, NotebookSession session, NotebookRunOptions? options = null)
    {
        options ??= new NotebookRunOptions();
        CheckLanguages(notebook, session, options.Name);
        var parameters = NotebookParameters.Prepare(notebook, options.Parameters, options.Name);
        var cells = parameters.Notebook.Cells.Select(Cleared).ToList();
        var runs = Enumerable.Range(0, cells.Count).Where(i => IsToRun(cells[i]) || (parameters.Cell >= 0 && i == parameters.Cell + 1)).ToList();

        var operation = Operation.Current;
        var progress = new CellProgress(operation.Progress, options.Name, runs.Count);
        var collector = new OutputCollector();
        var hosts = new Dictionary<int, OutputCollector.CellOutputs>();
        long start = TimeProvider.System.GetTimestamp();
        CellFailure? failure = null;
        foreach (int i in runs)
        {
            if (parameters.Cell >= 0 && i == parameters.Cell + 1) cells[i] = parameters.Inject(session.Variables, options.Name);
            var cell = cells[i];
            int count = hosts.Count + 1;
            progress.Begin(hosts.Count, cell.Source);
            var host = hosts[i] = collector.NewCell(count);
            cells[i] = cell with { ExecutionCount = count };
            var result = await RunAsync(cell, parameters.Notebook, session, host, options.TimeLimit, progress, operation.CancellationToken);
            if (result.Status == CellStatus.Ok || (result.Status == CellStatus.Error && cell.Tags.Contains("raises-exception"))) continue;
            failure = new CellFailure(i + 1, cell.Id, count, result.Status, result.Error ?? Errors.Of(new OperationCanceledException()));
            break;
        }
        progress.End(failure is null ? hosts.Count : hosts.Count - 1);
        foreach (var (i, host) in hosts) cells[i] = cells[i] with { Outputs = host.Stored };
        var executed = parameters.Notebook with { Cells = cells };
        return new NotebookRun(executed, RecordedResult.Of(executed, options.Name), failure, hosts.Count, TimeProvider.System.GetElapsedTime(start));
    }

    static async Task<CellResult> RunAsync(NotebookCell cell, Notebook notebook, NotebookSession session, ICellHost host, TimeSpan? limit, CellProgress progress, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return new CellResult(CellStatus.Interrupted, Errors.Of(new OperationCanceledException()));
        using var operation = Operation.Enter(CancellationToken.None, progress);
        var run = session.ExecuteAsync(cell.Source, cell.Language ?? notebook.DefaultLanguage, host, timeLimit: limit);
        using var interrupt = cancellationToken.Register(session.Interrupt);
        var stopped = new TaskCompletionSource();
        using var cancelled = cancellationToken.Register(stopped.SetResult);
        var patience = limit is { } time ? Task.Delay(time, CancellationToken.None) : Task.Delay(Timeout.Infinite, CancellationToken.None);
        if (await Task.WhenAny(run, stopped.Task, patience) != run && await Task.WhenAny(run, Task.Delay(grace, CancellationToken.None)) != run)
        {
            string message = $"The cell did not end within {grace.TotalSeconds:0} s of its interrupt: it is in code that cannot be stopped.";
            var error = new ErrorOutput("NotStopped", message, [message]);
            host.Publish(error);
            return new CellResult(CellStatus.Interrupted, error);
        }
        return await run;
    }

    /// <exception cref="InvalidInputException">Another kernel's notebook, or a cell in an unknown language.</exception>
    static void CheckLanguages(Notebook notebook, NotebookSession session, string name)
    {
        string? language = (notebook.Metadata["kernelspec"] as System.Text.Json.Nodes.JsonObject)?.Text("language");
        if (language is not null && language.ToLowerInvariant() is not ("c#" or "csharp" or "polyglot-notebook"))
            throw new InvalidInputException($"{name} is for the kernel \"{notebook.KernelName}\" ({language}): expected a C# notebook.");
        foreach (var (cell, i) in notebook.Cells.Select((cell, i) => (cell, i)).Where(c => IsToRun(c.cell)))
        {
            try
            {
                session.Check(cell.Source, cell.Language ?? notebook.DefaultLanguage);
            }
            catch (InvalidInputException e)
            {
                throw new InvalidInputException($"{name}, cell {i + 1}: {e.Message}", e);
            }
        }
    }

    static bool IsToRun(NotebookCell cell) =>
        cell.Kind == CellKind.Code && !string.IsNullOrWhiteSpace(cell.Source) && !cell.Tags.Contains("skip-execution");

    // Also the times that a front end noted of an earlier run.
    static NotebookCell Cleared(NotebookCell cell)
    {
        if (cell.Kind != CellKind.Code || cell.Tags.Contains("skip-execution")) return cell;
        var metadata = cell.Metadata.DeepClone().AsObject();
        metadata.Remove("execution");
        return cell with { Metadata = metadata, Outputs = [], ExecutionCount = null };
    }
}
