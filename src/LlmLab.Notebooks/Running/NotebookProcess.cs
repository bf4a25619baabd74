using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using LlmLab.Notebooks.Documents;
using LlmLab.Runs;

namespace LlmLab.Notebooks.Running;

/// <summary>
/// Runs a notebook in a process of its own, which stands in the notebook's folder: the current folder, environment variables, loaded
/// packages and native state are one a process, and a crash of native code ends one notebook only.
/// </summary>
/// <param name="command">Program and arguments of the worker, which calls <see cref="NotebookWorker.RunAsync"/>.</param>
public sealed class NotebookProcess(IReadOnlyList<string> command)
{
    /// <summary>Name of the command line's hidden command that is the worker.</summary>
    public const string WorkerCommand = "notebook-worker";

    static readonly TimeSpan graceAfterStop = TimeSpan.FromSeconds(20);

    /// <summary>The worker of the running program, which must be LlmLab's command line.</summary>
    public static NotebookProcess OfThisProgram() => new([DotnetHost.Path, Assembly.GetEntryAssembly()!.Location, WorkerCommand]);

    /// <summary>
    /// Runs a notebook file and writes it, executed. Progress goes to <see cref="Operation.Current"/>; cancelling it interrupts the
    /// running cell, and what ran is written.
    /// </summary>
    /// <param name="notebook">Path of the notebook, .ipynb or .dib.</param>
    /// <param name="output">Path to write, .ipynb; it may be the notebook's own.</param>
    /// <param name="options">Parameters and time limit; the name is the file's.</param>
    /// <param name="scale">Sets LLMLAB_SCALE for the notebook; null leaves it as it is.</param>
    /// <returns>What ran; its failure says where and why it stopped, also if the process crashed (then nothing is written).</returns>
    /// <exception cref="InvalidInputException">The notebook is broken or for another kernel, or a parameter is bad: nothing was written.</exception>
    public async Task<NotebookRun> RunAsync(string notebook, string output, NotebookRunOptions? options = null, Scale? scale = null)
    {
        options = (options ?? new NotebookRunOptions()) with { Name = Path.GetFileName(notebook) };
        (notebook, output) = (Path.GetFullPath(notebook), Path.GetFullPath(output));
        if (Path.GetExtension(output) != ".ipynb") throw new InvalidInputException($"{output} cannot hold outputs: an executed notebook is written as .ipynb.");
        var document = NotebookFile.Read(notebook);

        var operation = Operation.Current;
        using var process = Start(notebook, scale);
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new WorkerRequest(notebook, output, options.Parameters, options.TimeLimit?.TotalSeconds), WorkerProtocol.Json));
        await process.StandardInput.FlushAsync();
        using var stop = operation.CancellationToken.Register(() => Stop(process));
        ProgressReport? last = null;
        WorkerMessage? end = null;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith(WorkerProtocol.RecordSeparator))
            {
                await Console.Error.WriteLineAsync(line);
                continue;
            }
            var message = JsonSerializer.Deserialize<WorkerMessage>(line.AsSpan(1), WorkerProtocol.Json);
            if (message is WorkerProgress { Report: var report }) operation.Progress?.Report(last = report);
            else end = message;
        }
        await process.WaitForExitAsync(CancellationToken.None);
        return end switch
        {
            WorkerRefusal refusal => throw new InvalidInputException(refusal.Message),
            WorkerEnd done => Run(NotebookFile.Read(output), done, options.Name),
            _ => new NotebookRun(document, [], Crash(document, process.ExitCode, (int)(last?.Done ?? 0)), 0, TimeSpan.Zero),
        };
    }

    Process Start(string notebook, Scale? scale)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = Path.GetDirectoryName(notebook)!,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = new UTF8Encoding(false),
        };
        if (scale is { } set) start.Environment["LLMLAB_SCALE"] = set.ToString().ToLowerInvariant();
        return Process.Start(start)!;
    }

    // The end of its input asks the worker to interrupt the cell and to write what ran.
    static void Stop(Process process)
    {
        process.StandardInput.Close();
        _ = Task.Delay(graceAfterStop).ContinueWith(_ =>
        {
            try
            {
                process.Kill(entireProcessTree: true);
            }
            catch (InvalidOperationException)
            {
                // It has ended, as it should.
            }
        }, TaskScheduler.Default);
    }

    static NotebookRun Run(Notebook executed, WorkerEnd end, string name) =>
        new(executed, RecordedResult.Of(executed, name), end.Failure, end.CellsRun, TimeSpan.FromSeconds(end.Seconds));

    static CellFailure Crash(Notebook notebook, int exitCode, int cellsDone)
    {
        var cells = notebook.Cells.Select((cell, i) => (cell, i)).Where(c => c.cell.Kind == CellKind.Code && c.cell.Source.Trim().Length > 0).ToList();
        var (cell, place) = cells.Count == 0 ? (new NotebookCell("none", CellKind.Code, ""), 0) : cells[Math.Min(cellsDone, cells.Count - 1)];
        string message = $"The notebook's process ended with exit code {exitCode} while this cell ran: native code crashed, or the system ended the process (often for want of memory).";
        return new CellFailure(place + 1, cell.Id, cellsDone + 1, CellStatus.Error, new ErrorOutput("ProcessEnded", message, [message]));
    }
}
