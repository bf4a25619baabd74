namespace LlmLab.Notebooks.Tests;

/// <summary>Keeps what a cell puts out; gives prepared lines as input.</summary>
sealed class RecordingHost(params string[] input) : ICellHost
{
    readonly Queue<string> lines = new(input);
    readonly List<Output> outputs = [];

    public IReadOnlyList<Output> Outputs
    {
        get
        {
            lock (outputs) return [.. outputs];
        }
    }

    public string Text(bool isError = false) => string.Concat(Outputs.OfType<StreamOutput>().Where(s => s.IsError == isError).Select(s => s.Text));

    public void Publish(Output output)
    {
        lock (outputs) outputs.Add(output);
    }

    public string ReadLine(string prompt, bool isPassword) => lines.Count > 0 ? lines.Dequeue() : throw new InvalidInputException("No input here.");
}

/// <summary>A language in place of C#: each test says what running does.</summary>
sealed class FakeLanguage(Func<string, CellContext, Task<CellResult>> execute, string name = "csharp") : ILanguage
{
    /// <summary>A C# whose cells have the value that a function gives.</summary>
    public static FakeLanguage Returning(Func<string, CellContext, object?> value) =>
        new((code, cell) => Task.FromResult(new CellResult(CellStatus.Ok, Value: value(code, cell))));

    public string Name { get; } = name;

    public IReadOnlyList<string> Aliases { get; } = name == "csharp" ? ["c#"] : [];

    public List<string> Ran { get; } = [];

    public Dictionary<string, object?> Set { get; } = [];

    public (string Code, int Position) Asked { get; private set; }

    public IReadOnlyList<SessionVariable> Variables => [.. Set.Select(v => new SessionVariable(v.Key, v.Value?.GetType() ?? typeof(object), v.Value))];

    public Task<CellResult> ExecuteAsync(string code, CellContext context)
    {
        Ran.Add(code);
        return execute(code, context);
    }

    public Task<CompletionList> CompleteAsync(string code, int position, CancellationToken cancellationToken)
    {
        Asked = (code, position);
        return Task.FromResult(new CompletionList(position - 2, position, [new Completion("WriteLine", "method")]));
    }

    public void SetVariable(string name, object? value) => Set[name] = value;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

static class Sessions
{
    public static NotebookSession With(FakeLanguage main, string? folder = null) => new([main, .. NotebookSession.SubLanguages(folder)]);

    /// <summary>A session whose C# echoes the code's trimmed text as its value.</summary>
    public static NotebookSession Echo(string? folder = null) => With(FakeLanguage.Returning((code, _) => code.Trim()), folder);

    public static string Plain(this MimeBundle bundle) => bundle.Data["text/plain"].GetValue<string>();

    public static string Html(this MimeBundle bundle) => bundle.Data["text/html"].GetValue<string>();
}
