using LlmLab.Notebooks.CSharp;

namespace LlmLab.Notebooks.Tests.CSharp;

/// <summary>A C# session for tests, with what its cells put out.</summary>
sealed class Cells : ICellHost, IAsyncDisposable
{
    readonly List<Output> outputs = [];
    readonly Queue<string> input = [];

    public CSharpLanguage Language { get; } = new();

    public IReadOnlyList<Output> Outputs
    {
        get { lock (outputs) return [.. outputs]; }
    }

    /// <summary>Console text so far.</summary>
    public string Text => string.Concat(Outputs.OfType<StreamOutput>().Where(output => !output.IsError).Select(output => output.Text));

    public async Task<CellResult> Run(string code, CancellationToken cancellationToken = default)
    {
        using var host = new OrderedHost(this);
        return await Language.ExecuteAsync(code, new CellContext(host, cancellationToken));
    }

    /// <summary>Runs cells that must succeed, and returns the last one's value.</summary>
    public async Task<object?> Values(params string[] codes)
    {
        object? value = null;
        foreach (var code in codes)
        {
            var result = await Run(code);
            Assert.True(result.Status == CellStatus.Ok, $"{code}\n{string.Join('\n', result.Error?.Traceback ?? [])}");
            value = result.Value;
        }

        return value;
    }

    /// <summary>Runs a cell that must fail.</summary>
    public async Task<ErrorOutput> Error(string code)
    {
        var result = await Run(code);
        Assert.Equal(CellStatus.Error, result.Status);
        return result.Error!;
    }

    public void Type(string line) => input.Enqueue(line);

    void ICellHost.Publish(Output output)
    {
        lock (outputs) outputs.Add(output);
    }

    string ICellHost.ReadLine(string prompt, bool isPassword) =>
        input.TryDequeue(out var line) ? line : throw new InvalidInputException("This front end takes no input.");

    public ValueTask DisposeAsync() => Language.DisposeAsync();
}
