using System.Globalization;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace LlmLab.Notebooks.CSharp;

/// <summary>C# cells: compiled by Roslyn, one assembly a cell, run on a thread of their own, interruptible.</summary>
public sealed class CSharpLanguage : ILanguage
{
    /// <summary>The compiler needs half a second for its first cell: it begins while the front end still connects.</summary>
    static readonly Lazy<Task> warm = new(() =>
    {
        var first = Task.Run(() => CellCompiler.Warm("1 + 1"));
        // What most notebooks use next; nobody waits for it.
        _ = first.ContinueWith(_ => CellCompiler.Warm("var xs = Enumerable.Range(0, 3).Select(n => n + 1).ToList(); Console.WriteLine(xs.Count);"), TaskScheduler.Default);
        return first;
    });

    readonly CSharpState state = new();
    readonly PackageRestore packages = new();
    readonly CellTools tools = new();
    readonly CellRunner runner;
    readonly SemaphoreSlim turn = new(1);
    int executed;

    /// <summary>Starts a session.</summary>
    public CSharpLanguage()
    {
        runner = new CellRunner(state.Checks);
        CellConsole.Install();
        _ = warm.Value;
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
            // Compiling beside it would only take its time.
            await warm.Value.ConfigureAwait(false);
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
            return await CompileAndRunAsync(code, label, context).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is InvalidInputException or OperationCanceledException)
        {
            return Fail(CellErrors.OfException(exception, context.CancellationToken.IsCancellationRequested, state.CellOf), context);
        }
    }

    async Task<CellResult> CompileAndRunAsync(string code, string label, CellContext context)
    {
        var directives = CellDirectives.Of(code);
        if (await PrepareAsync(directives, context).ConfigureAwait(false) is { Status: not CellStatus.Ok } failed) return failed;

        var cell = CellSyntax.Parse(directives.Code, context.CancellationToken);
        var (layout, compiled) = Compile(cell, label, context.CancellationToken);
        if (compiled.Errors.Count > 0) return Fail(CellErrors.OfCompilation(compiled.Errors, code, label), context);

        LoadedCell loaded;
        var before = cell.DeclaredNames().Distinct().Where(name => state.CellOf(name) is not null).ToDictionary(name => name, name => state.CellOf(name)!);
        lock (state) loaded = state.Load(cell, layout, compiled);
        var run = loaded.Assembly.GetType(loaded.Class)!.GetMethod(CellText.RunName, BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<Func<object?>>();
        using var reflection = state.Assemblies.EnterContextualReflection();
        try
        {
            var value = await runner.RunAsync(run, context.CancellationToken).ConfigureAwait(false);
            lock (state) state.Release(loaded, before);
            return new(CellStatus.Ok, Value: value);
        }
        catch (Exception exception)
        {
            lock (state) state.Restore(loaded, before);
            return Fail(CellErrors.OfException(exception, context.CancellationToken.IsCancellationRequested, state.CellOf), context);
        }
    }

    (CellLayout Layout, CompiledCell Compiled) Compile(CellSyntax cell, string label, CancellationToken cancellationToken)
    {
        var structure = new TextEdits();
        CellLayout layout;
        lock (state) layout = state.Layout(cell, label, structure);
        return (layout, CellCompiler.Compile(cell, layout, structure, [.. state.References.All, .. layout.Scope.References], state.NeedsChecks, cancellationToken));
    }

    /// <summary>Does what the cell's directives ask for.</summary>
    async Task<CellResult?> PrepareAsync(CellDirectives directives, CellContext context)
    {
        foreach (var source in directives.Sources) packages.AddSource(source);
        if (directives.Packages.Count > 0 && await packages.RestoreAsync(directives.Packages).ConfigureAwait(false) is { } restored)
        {
            foreach (var file in restored.Runtime)
            {
                if (AssemblyFile.Read(file) is not { } assembly) continue;
                lock (state) state.References.Add(assembly, isAskedFor: false, restored.Compile.GetValueOrDefault(assembly.Name.Name!));
            }

            foreach (var folder in restored.NativeFolders) state.Assemblies.AddNativeFolder(folder);
        }

        foreach (var file in directives.Files)
        {
            lock (state) state.References.AddLibrary(file);
        }

        foreach (var script in directives.Scripts)
        {
            var path = Path.GetFullPath(script);
            if (!File.Exists(path)) throw new InvalidInputException($"#load \"{script}\": there is no file {path}; the path is taken from the notebook's folder, {Directory.GetCurrentDirectory()}.");
            var result = await CompileAndRunAsync(await File.ReadAllTextAsync(path, context.CancellationToken).ConfigureAwait(false), script, context).ConfigureAwait(false);
            if (result.Status != CellStatus.Ok) return result;
        }

        return null;
    }

    static CellResult Fail(ErrorOutput error, CellContext context)
    {
        context.Publish(error);
        return new(error.Name == "KeyboardInterrupt" ? CellStatus.Interrupted : CellStatus.Error, error);
    }

    /// <inheritdoc/>
    public Task<object?> InvokeAsync(Func<object?> work, CancellationToken cancellationToken) => runner.RunAsync(work, cancellationToken);

    /// <inheritdoc/>
    public Task<CompletionList> CompleteAsync(string code, int position, CancellationToken cancellationToken) =>
        Task.Run(() => CellTools.CompleteAsync(Open(code, cancellationToken), position, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<MimeBundle?> InspectAsync(string code, int position, CancellationToken cancellationToken) =>
        Task.Run(() => CellTools.InspectAsync(Open(code, cancellationToken), position, cancellationToken), cancellationToken);

    CellTools.OpenCell Open(string code, CancellationToken cancellationToken)
    {
        var cell = CellSyntax.Parse(CellDirectives.Blank(code), cancellationToken);
        CellLayout layout;
        MetadataReference[] references;
        lock (state)
        {
            layout = state.LayoutForTools(cell);
            references = [.. state.References.All, .. layout.Scope.References];
        }

        return tools.Open(cell, layout, references, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Completeness> IsCompleteAsync(string code)
    {
        var cell = CellSyntax.Parse(CellDirectives.Blank(code));
        if (!SyntaxFactory.IsCompleteSubmission(cell.Tree)) return Task.FromResult(new Completeness("incomplete", cell.Indent));
        var isInvalid = cell.Tree.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        return Task.FromResult(new Completeness(isInvalid ? "invalid" : "complete"));
    }

    /// <inheritdoc/>
    public IReadOnlyList<SessionVariable> Variables =>
    [
        .. state.Names.Where(name => name.Value.Variables.Contains(name.Key)).OrderBy(name => name.Key, StringComparer.Ordinal).Select(name =>
            new SessionVariable(name.Key, name.Value.Field(name.Key).FieldType, name.Value.Field(name.Key).GetValue(null))),
    ];

    /// <inheritdoc/>
    public void SetVariable(string name, object? value)
    {
        if (!SyntaxFacts.IsValidIdentifier(name)) throw new InvalidInputException($"\"{name}\" is no name for a variable: it needs a letter or _ first, then letters, digits and _.");
        turn.Wait();
        try
        {
            var type = ValueTypes.Visible(value?.GetType() ?? typeof(object));
            if (state.CellOf(name) is { } known && known.Variables.Contains(name) && known.Field(name).FieldType == type)
            {
                known.Field(name).SetValue(null, value);
                return;
            }

            ValueTypes.ForEachAssembly(type, state.References.AddLoaded);
            var code = SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;
            var cell = CellSyntax.Parse($"{ValueTypes.Code(type)} {code};");
            var (layout, compiled) = Compile(cell, "Parameters", CancellationToken.None);
            if (compiled.Errors.Count > 0) throw new InvalidOperationException($"The variable {name} of type {type} could not be declared: {compiled.Errors[0].Message}");
            state.Load(cell, layout, compiled).Field(name).SetValue(null, value);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The loaded cells.</summary>
    internal IEnumerable<System.Reflection.Assembly> Assemblies => state.Assemblies.Assemblies;

    /// <summary>A variable's value.</summary>
    /// <returns>False if there is no such variable.</returns>
    public bool TryGetVariable(string name, out object? value)
    {
        var cell = state.CellOf(name) is { } found && found.Variables.Contains(name) ? found : null;
        value = cell?.Field(name).GetValue(null);
        return cell is not null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        runner.Dispose();
        tools.Dispose();
        turn.Dispose();
        return ValueTask.CompletedTask;
    }
}
