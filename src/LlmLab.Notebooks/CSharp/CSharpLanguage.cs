using System.Globalization;
using System.Reflection;

namespace LlmLab.Notebooks.CSharp;

/// <summary>C# cells: compiled by Roslyn, one assembly a cell, run on a thread of their own, interruptible.</summary>
public sealed class CSharpLanguage : ILanguage
{
    readonly CSharpState state = new();
    readonly CellRunner runner;
    readonly SemaphoreSlim turn = new(1);
    int executed;

    /// <summary>Starts a session.</summary>
    public CSharpLanguage()
    {
        runner = new CellRunner(state.SetInterruptFlag);
        CellConsole.Install();
    }

    /// <inheritdoc/>
    public string Name => "csharp";

    /// <inheritdoc/>
    public IReadOnlyList<string> Aliases => ["c#", "cs"];

    /// <inheritdoc/>
    public async Task<CellResult> ExecuteAsync(string code, CellContext context)
    {
        await turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var number = context.Number ?? (context.IsSilent ? null : ++executed);
            var label = number is null ? "Expression" : string.Create(CultureInfo.InvariantCulture, $"Cell {number}");
            // Roslyn and the restore run in the pool: the caller's thread may be the one that has to take the interrupt.
            return await Task.Run(() => ExecuteHereAsync(code, label, context)).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    async Task<CellResult> ExecuteHereAsync(string code, string label, CellContext context)
    {
        CellContext.Current = context;
        using var operation = Operation.Enter(context.CancellationToken);
        try
        {
            return await CompileAndRunAsync(code, label, firstLine: 1, context).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is InvalidInputException or OperationCanceledException)
        {
            return Fail(CellErrors.OfException(exception, context.CancellationToken.IsCancellationRequested, state.CellOf), context);
        }
    }

    async Task<CellResult> CompileAndRunAsync(string code, string label, int firstLine, CellContext context)
    {
        var cell = CellSyntax.Parse(code, context.CancellationToken);
        var structure = new TextEdits();
        var layout = state.Layout(cell, label, firstLine, structure);
        var compiled = CellCompiler.Compile(cell, layout, structure, [.. state.References, .. layout.Scope.References], state.NeedsChecks, context.CancellationToken);
        if (compiled.Errors.Count > 0) return Fail(CellErrors.OfCompilation(compiled.Errors, code, firstLine, label), context);

        var before = cell.DeclaredNames().Distinct().Where(name => state.CellOf(name) is not null).ToDictionary(name => name, name => state.CellOf(name)!);
        var loaded = state.Load(cell, layout, compiled);
        var run = loaded.Assembly.GetType(loaded.Class)!.GetMethod(CellText.RunName, BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<Func<object?>>();
        using var reflection = state.Assemblies.EnterContextualReflection();
        try
        {
            return new(CellStatus.Ok, Value: await runner.RunAsync(run, context.CancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            state.Restore(loaded, before);
            return Fail(CellErrors.OfException(exception, context.CancellationToken.IsCancellationRequested, state.CellOf), context);
        }
    }

    static CellResult Fail(ErrorOutput error, CellContext context)
    {
        context.Publish(error);
        return new(error.Name == "KeyboardInterrupt" ? CellStatus.Interrupted : CellStatus.Error, error);
    }

    /// <inheritdoc/>
    public Task<object?> InvokeAsync(Func<object?> work, CancellationToken cancellationToken) => runner.RunAsync(work, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<SessionVariable> Variables =>
    [
        .. state.Names.Where(name => name.Value.Variables.Contains(name.Key)).OrderBy(name => name.Key, StringComparer.Ordinal).Select(name =>
            new SessionVariable(name.Key, name.Value.Field(name.Key).FieldType, name.Value.Field(name.Key).GetValue(null))),
    ];

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        runner.Dispose();
        turn.Dispose();
        return ValueTask.CompletedTask;
    }
}
