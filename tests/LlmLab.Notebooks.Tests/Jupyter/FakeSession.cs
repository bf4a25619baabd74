using LlmLab.Notebooks;

namespace LlmLab.Notebooks.Tests.Jupyter;

/// <summary>A session whose cells are one of a few words, for tests of the kernel alone.</summary>
sealed class FakeSession : INotebookSession
{
    readonly ManualResetEventSlim interrupted = new();

    /// <summary>The cells that ran.</summary>
    public List<string> Ran { get; } = [];

    public Task<CellResult> ExecuteAsync(string code, string? language, ICellHost host, bool silent, TimeSpan? timeLimit) => Task.Run(() =>
    {
        Ran.Add(code);
        var context = new CellContext(host, CancellationToken.None, silent);
        string[] words = code.Split(' ', 2);
        switch (words[0])
        {
            case "value":
                context.Publish(new ResultOutput(MimeBundle.Of("text/plain", words[1])));
                break;
            case "fail":
                var error = new ErrorOutput("DivideByZeroException", "Attempted to divide by zero.", ["line 1"]);
                context.Publish(error);
                return new CellResult(CellStatus.Error, error);
            case "lines":
                for (int i = 0; i < int.Parse(words[1]); i++) context.Publish(new StreamOutput(false, i + "\n"));
                break;
            case "mixed":
                context.Publish(new StreamOutput(false, "before"));
                context.Publish(new DisplayOutput(MimeBundle.Of("text/html", "<b>x</b>"), "chart"));
                context.Publish(new StreamOutput(true, "warning"));
                context.Publish(new StreamOutput(false, "af"));
                context.Publish(new StreamOutput(false, "ter"));
                context.Publish(new UpdateDisplayOutput(MimeBundle.Of("text/html", "<b>y</b>"), "chart"));
                context.Publish(new ClearOutput(true));
                break;
            case "late":
                // A thread that outlives its cell.
                new Thread(() =>
                {
                    LateMayWrite.Wait(TimeSpan.FromSeconds(20));
                    host.Publish(new StreamOutput(false, "late"));
                }).Start();
                break;
            case "letlate":
                LateMayWrite.Set();
                context.Publish(new StreamOutput(false, "mine"));
                break;
            case "ask":
                context.Publish(new StreamOutput(false, "Hello, " + host.ReadLine("Name? ", false)));
                break;
            case "wait":
                interrupted.Reset();
                Waiting.Set();
                interrupted.Wait();
                var stop = new ErrorOutput("KeyboardInterrupt", "The cell was interrupted.", []);
                context.Publish(stop);
                return new CellResult(CellStatus.Interrupted, stop);
        }
        return new CellResult(CellStatus.Ok);
    });

    public ManualResetEventSlim LateMayWrite { get; } = new();

    public ManualResetEventSlim Waiting { get; } = new();

    public void Interrupt() => interrupted.Set();

    public Task<CompletionList> CompleteAsync(string code, int position, CancellationToken cancellationToken) =>
        Task.FromResult(new CompletionList(position - 1, position, [new Completion("Length", "property", "int string.Length", "How long.")]));

    public Task<MimeBundle?> InspectAsync(string code, int position, CancellationToken cancellationToken) =>
        Task.FromResult(code.StartsWith("known") ? MimeBundle.Of("text/plain", $"int known at {position}") : null);

    public Task<Completeness> IsCompleteAsync(string code) =>
        Task.FromResult(code.EndsWith('{') ? new Completeness("incomplete", "    ") : new Completeness("complete"));

    public Task<(MimeBundle? Value, ErrorOutput? Error)> EvaluateAsync(string expression) => Task.FromResult<(MimeBundle?, ErrorOutput?)>(
        expression == "bad" ? (null, new ErrorOutput("CompilationError", "bad is unknown", [])) : (MimeBundle.Of("text/plain", expression + "!"), null));

    public void SetVariable(string name, object? value) { }

    public IReadOnlyList<SessionVariable> Variables => [new SessionVariable("known", typeof(int), 3)];

    public ValueTask DisposeAsync() => default;
}
