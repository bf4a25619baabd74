using System.CommandLine;
using System.Globalization;
using LlmLab.Notebooks;
using LlmLab.Notebooks.Documents;
using LlmLab.Notebooks.Html;
using LlmLab.Notebooks.Running;
using LlmLab.Runs;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab run</c>: notebooks without a front end, each in a process of its own.</summary>
static class RunCommand
{
    public static Command Create()
    {
        var notebooks = new Argument<string[]>("NOTEBOOK") { Description = "Notebooks to run, .ipynb or .dib, one after the other.", Arity = ArgumentArity.OneOrMore };
        var parameters = new Option<string[]>("--parameter", "-p") { Description = "A value for a variable of the cell tagged \"parameters\".", HelpName = "name=value" };
        var scale = new Option<string?>("--scale") { Description = "smoke, laptop or gpu: sets LLMLAB_SCALE (by default it is left as it is).", HelpName = "SCALE" };
        var output = new Option<string?>("--output", "-o") { Description = "Folder for the executed notebooks and results.json (by default a new one in the workspace, notebooks/run-…).", HelpName = "DIR" };
        var inPlace = new Option<bool>("--in-place") { Description = "Write the outputs into the notebooks themselves." };
        var html = new Option<bool>("--html") { Description = "Write each executed notebook as a page too, with plots that work offline." };
        var limit = new Option<double?>("--time-limit") { Description = "Stop a cell after this many seconds.", HelpName = "SECONDS" };
        var command = new Command("run", "Run notebooks: live progress, outputs written, exit code 1 at the first failing cell.") { notebooks, parameters, scale, output, inPlace, html, limit };
        command.Validators.Add(result =>
        {
            if (result.GetValue(inPlace) && result.GetValue(output) is not null) result.AddError("--in-place and --output exclude each other");
            if (result.GetValue(limit) is <= 0) result.AddError("--time-limit takes a number of seconds above 0");
        });
        Invocation.SetAction(command, async invocation =>
        {
            var parse = invocation.Parse;
            var options = new NotebookRunOptions
            {
                Parameters = Parameters(parse.GetValue(parameters) ?? []),
                TimeLimit = parse.GetValue(limit) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            };
            var chosen = parse.GetValue(scale) is { } word ? Scales.Parse(word) : Scales.Current;
            var targets = Targets(parse.GetValue(notebooks)!, parse.GetValue(output), parse.GetValue(inPlace));
            try
            {
                return await RunAsync(invocation, targets, options, chosen, parse.GetValue(html));
            }
            catch (InvalidInputException) when (Folder(targets) is { } folder && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
                throw;
            }
        });
        return command;
    }

    /// <summary>The hidden command that runs one notebook, in the process that <see cref="NotebookProcess"/> starts.</summary>
    public static Command CreateWorker()
    {
        var command = new Command(NotebookProcess.WorkerCommand, "Runs one notebook for `llmlab run`.") { Hidden = true };
        // Not Invocation.SetAction: Ctrl+C is the parent's to handle.
        command.SetAction(async _ =>
        {
            await NotebookWorker.RunAsync(() => NotebookSession.Create());
            // Threads that a cell left behind must not keep the process alive.
            Environment.Exit(Invocation.Done);
        });
        return command;
    }

    static async Task<int> RunAsync(Invocation invocation, IReadOnlyList<(string Notebook, string Output)> targets, NotebookRunOptions options, Scale scale, bool html)
    {
        var worker = NotebookProcess.OfThisProgram();
        var done = new List<object>();
        string? file = Folder(targets) is { } folder ? Path.Combine(folder, ResultsFile.FileName) : null;
        var others = file is null ? null : ResultsFile.Without(file, scale.ToString().ToLowerInvariant(), targets.Select(t => Path.GetFileName(t.Notebook)));
        var results = new List<RecordedResult>();
        CellFailure? failure = null;
        foreach (var (notebook, output) in targets)
        {
            var run = await worker.RunAsync(notebook, output, options, scale);
            failure = run.Failure;
            results.AddRange(run.Results);
            bool isWritten = failure?.Error.Name != "ProcessEnded";
            if (html && isWritten) AtomicFile.WriteText(Path.ChangeExtension(output, ".html"), NotebookPage.ToHtml(run.Notebook, Path.GetFileNameWithoutExtension(output)));
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(notebook)}  {run.CellsRun} cells  {run.Elapsed.TotalSeconds:0.0} s  {run.Results.Count} recorded") + (isWritten ? $"  {output}" : ""));
            done.Add(new
            {
                notebook,
                output = isWritten ? output : null,
                cells = run.CellsRun,
                seconds = Math.Round(run.Elapsed.TotalSeconds, 3),
                results = run.Results,
                failure = failure is null ? null : new { failure.Cell, failure.Id, failure.ExecutionCount, failure.Status, error = failure.Error.Name, message = failure.Error.Message },
            });
            if (failure is null) continue;
            await Console.Error.WriteLineAsync($"llmlab: {notebook}, cell {failure.Cell} (In [{failure.ExecutionCount}]) {(failure.Status == CellStatus.Interrupted ? "was stopped" : "failed")}: {failure.Error.Name}: {failure.Error.Message}");
            bool repeats = failure.Error.Traceback.FirstOrDefault() is { } first && (first == failure.Error.Message || first == $"{failure.Error.Name}: {failure.Error.Message}");
            foreach (string line in failure.Error.Traceback.Skip(repeats ? 1 : 0)) await Console.Error.WriteLineAsync("  " + line);
            break;
        }
        if (file is not null) (others! with { Results = [.. others.Results, .. results] }).Write(file);
        invocation.Result(new { scale, notebooks = done });
        invocation.CancellationToken.ThrowIfCancellationRequested();
        return failure is null ? Invocation.Done : Invocation.Failed;
    }

    // Beside the executed copies; notebooks that are written in place carry their numbers themselves.
    static string? Folder(IReadOnlyList<(string Notebook, string Output)> targets) =>
        targets.All(t => t.Notebook == t.Output) ? null : Path.GetDirectoryName(targets[0].Output);

    static Dictionary<string, string> Parameters(string[] given)
    {
        var parameters = new Dictionary<string, string>();
        foreach (string text in given)
        {
            int at = text.IndexOf('=');
            if (at < 1) throw new InvalidInputException($"The parameter \"{text}\" has no value: expected name=value.");
            if (!parameters.TryAdd(text[..at].Trim(), text[(at + 1)..])) throw new InvalidInputException($"The parameter \"{text[..at].Trim()}\" is given twice.");
        }
        return parameters;
    }

    static List<(string Notebook, string Output)> Targets(string[] notebooks, string? output, bool inPlace)
    {
        // All are read before the first runs: a broken one is found at once.
        foreach (string notebook in notebooks) NotebookFile.Read(notebook);
        var full = notebooks.Select(Path.GetFullPath).ToList();
        if (inPlace) return [.. full.Select(n => (n, n))];
        if (full.GroupBy(Path.GetFileNameWithoutExtension).FirstOrDefault(g => g.Count() > 1) is { } same)
            throw new InvalidInputException($"Two notebooks are called {same.Key}, and their executed copies would be one file: run them one by one, or with --in-place.");
        string folder = output is not null ? Path.GetFullPath(output) : Workspace.Open(Path.Combine(Workspace.Open().Folder, "notebooks")).NewFolder("run");
        return [.. full.Select(n => (n, Path.Combine(folder, Path.GetFileNameWithoutExtension(n) + ".ipynb")))];
    }
}
