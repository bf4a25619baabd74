using System.Globalization;
using System.Text.RegularExpressions;
using LlmLab.Notebooks.CSharp;
using LlmLab.Notebooks.Display;
using LlmLab.Notebooks.Languages;

namespace LlmLab.Notebooks;

/// <summary>
/// A notebook's state: its languages, their variables, its formatter. A cell is split at its <c>#!name</c> lines, the parts run in
/// their languages one after the other, and the value of the last C# expression is shown. One cell runs at a time; interrupting
/// it leaves variables alive. Another language is one more <see cref="ILanguage"/> in the list.
/// </summary>
public sealed partial class NotebookSession : INotebookSession
{
    const string MainLanguage = "csharp";

    readonly IReadOnlyList<ILanguage> languages;
    readonly Dictionary<string, ILanguage> byName = new(StringComparer.OrdinalIgnoreCase);
    readonly SemaphoreSlim oneAtATime = new(1, 1);
    readonly Lock gate = new();
    CancellationTokenSource? running;
    int executed;

    /// <summary>A session with these languages.</summary>
    /// <exception cref="ArgumentException">Two languages share a name.</exception>
    public NotebookSession(IEnumerable<ILanguage> languages, Formatter? formatter = null)
    {
        this.languages = [.. languages];
        Formatter = formatter ?? new Formatter();
        foreach (var language in this.languages)
            foreach (string name in language.Aliases.Prepend(language.Name))
                if (!byName.TryAdd(name, language) && byName[name] != language) throw new ArgumentException($"{byName[name].Name} and {language.Name} share the name {name}.");
    }

    /// <summary>What turns values into displays; cells add to it by <see cref="Formatter.Register{T}"/>.</summary>
    public Formatter Formatter { get; }

    /// <summary>A session with C# and all languages beside it.</summary>
    /// <param name="folder">The notebook's folder, where bash runs; null means the current folder.</param>
    public static NotebookSession Create(string? folder = null)
    {
        var main = new CSharpLanguage();
        return new NotebookSession([main, .. SubLanguages(folder), new SqlLanguage(main, folder)]);
    }

    /// <summary>The languages beside C#: Markdown, HTML, JavaScript, SVG, Mermaid, and bash in the given folder.</summary>
    /// <param name="folder">The notebook's folder, where bash runs; null means the current folder.</param>
    public static IReadOnlyList<ILanguage> SubLanguages(string? folder = null) => [.. ContentLanguage.All, new BashLanguage(folder)];

    /// <inheritdoc/>
    public IReadOnlyList<SessionVariable> Variables => Main.Variables;

    ILanguage Main => byName.GetValueOrDefault(MainLanguage) ?? throw new InvalidInputException("This session has no C#.");

    /// <inheritdoc/>
    public async Task<CellResult> ExecuteAsync(string code, string? language, ICellHost host, bool silent = false, TimeSpan? timeLimit = null)
    {
        await oneAtATime.WaitAsync();
        using var stop = new CancellationTokenSource();
        using var ordered = new OrderedHost(host);
        var limited = new TimeLimitedHost(ordered, timeLimit, stop);
        var cell = new CellContext(limited, stop.Token, silent, Formatter) { Number = silent ? null : host.CellNumber ?? ++executed };
        lock (gate) running = stop;
        try
        {
            CellContext.Current = cell;
            using var progress = new ProgressDisplay(cell);
            using var operation = Operation.Enter(stop.Token, progress);
            return limited.Final(await ExecuteAsync(code, language, cell));
        }
        finally
        {
            CellContext.Current = null;
            lock (gate) running = null;
            limited.Dispose();
            oneAtATime.Release();
        }
    }

    /// <summary>Checks that every language that a cell names is known, without running it.</summary>
    /// <exception cref="InvalidInputException">One is not; the message lists those that are.</exception>
    public void Check(string code, string? language) => Split(code, language);

    /// <inheritdoc/>
    public void Interrupt()
    {
        lock (gate) running?.Cancel();
    }

    /// <inheritdoc/>
    public async Task<CompletionList> CompleteAsync(string code, int position, CancellationToken cancellationToken = default)
    {
        position = Math.Clamp(position, 0, code.Length);
        if (TypedMarker().Match(code[..position]) is { Success: true } marker)
        {
            string typed = marker.Groups[1].Value;
            var names = CellParts.Commands.Concat(languages.Select(l => l.Name)).Where(n => n.StartsWith(typed, StringComparison.OrdinalIgnoreCase));
            return new CompletionList(marker.Index, position, [.. names.Select(n => new Completion("#!" + n, "keyword"))]);
        }
        if (PartAt(code, position) is not { } part) return new CompletionList(position, position, []);
        int shift = part.Line - part.Start;
        var list = await byName[part.Name].CompleteAsync(part.PaddedCode, position + shift, cancellationToken);
        return list with { Start = list.Start - shift, End = list.End - shift };
    }

    /// <inheritdoc/>
    public async Task<MimeBundle?> InspectAsync(string code, int position, CancellationToken cancellationToken = default)
    {
        position = Math.Clamp(position, 0, code.Length);
        return PartAt(code, position) is { } part
            ? await byName[part.Name].InspectAsync(part.PaddedCode, position + part.Line - part.Start, cancellationToken)
            : null;
    }

    /// <inheritdoc/>
    public async Task<Completeness> IsCompleteAsync(string code) =>
        PartAt(code, code.Length) is { IsBlank: false } part ? await byName[part.Name].IsCompleteAsync(part.PaddedCode) : new Completeness("complete");

    /// <inheritdoc/>
    public async Task<(MimeBundle? Value, ErrorOutput? Error)> EvaluateAsync(string expression)
    {
        await oneAtATime.WaitAsync();
        using var stop = new CancellationTokenSource();
        var cell = new CellContext(SilentHost.Instance, stop.Token, silent: true, Formatter);
        lock (gate) running = stop;
        try
        {
            CellContext.Current = cell;
            using var operation = Operation.Enter(stop.Token);
            var result = await Main.ExecuteAsync(expression, cell);
            return result.Error is null ? (await FormatAsync(result.Value, Main, cell), null) : (null, result.Error);
        }
        catch (Exception e)
        {
            return (null, Errors.Of(e));
        }
        finally
        {
            CellContext.Current = null;
            lock (gate) running = null;
            oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void SetVariable(string name, object? value) => Main.SetVariable(name, value);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Interrupt();
        foreach (var language in languages) await language.DisposeAsync();
        oneAtATime.Dispose();
    }

    async Task<CellResult> ExecuteAsync(string code, string? language, CellContext cell)
    {
        long start = TimeProvider.System.GetTimestamp();
        var result = new CellResult(CellStatus.Ok);
        bool showTime = false;
        try
        {
            foreach (var part in Split(code, language))
            {
                if (part is { IsCommand: true, Name: "time" }) showTime = true;
                else if (part.IsCommand) cell.Publish(new DisplayOutput(VariableTable.Of(Variables, withValues: part.Name == "whos")));
                else if (!part.IsBlank) result = await byName[part.Name].ExecuteAsync(part.PaddedCode, cell);
                if (result.Status != CellStatus.Ok) break;
                if (!part.IsCommand && !cell.IsSilent && result.Value is { } value)
                    cell.Publish(new ResultOutput(await FormatAsync(value, byName[part.Name], cell)));
            }
        }
        catch (Exception e)
        {
            // Of a lazy sequence that throws when it is shown, of an unknown #!name, of an interrupt between two parts.
            var error = Errors.Of(e);
            cell.Publish(error);
            result = new CellResult(e is OperationCanceledException or ThreadInterruptedException ? CellStatus.Interrupted : CellStatus.Error, error);
        }
        if (showTime) cell.Publish(new DisplayOutput(Bundles.Text(WallTime(TimeProvider.System.GetElapsedTime(start)))));
        return result;
    }

    async Task<MimeBundle> FormatAsync(object? value, ILanguage language, CellContext cell) =>
        (MimeBundle)(await language.InvokeAsync(() => Formatter.Format(value), cell.CancellationToken))!;

    IReadOnlyList<CellPart> Split(string code, string? language) =>
        CellParts.Split(code, Resolve(language), name => byName.GetValueOrDefault(name)?.Name, languages.Select(l => l.Name));

    /// <exception cref="InvalidInputException">The cell's language is unknown.</exception>
    string Resolve(string? language) =>
        byName.GetValueOrDefault(string.IsNullOrWhiteSpace(language) ? MainLanguage : language)?.Name
        ?? throw new InvalidInputException($"The cell's language \"{language}\" is unknown here: known are {string.Join(", ", languages.Select(l => l.Name))}.");

    CellPart? PartAt(string code, int position)
    {
        try
        {
            return Split(code, language: null).LastOrDefault(p => !p.IsCommand && p.Start <= position && position <= p.Start + p.Code.Length);
        }
        catch (InvalidInputException)
        {
            return null; // Half-typed: running it will say what is wrong.
        }
    }

    static string WallTime(TimeSpan time) => time.TotalSeconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"Wall time: {time.TotalMilliseconds:0.#} ms"),
        < 60 => string.Create(CultureInfo.InvariantCulture, $"Wall time: {time.TotalSeconds:0.##} s"),
        _ => $"Wall time: {ProgressLine.Duration(time)}",
    };

    [GeneratedRegex(@"(?:^|(?<=\n))#!([\w#+.\-]*)$")]
    private static partial Regex TypedMarker();

    /// <summary>Takes what an evaluation that is not to be shown writes.</summary>
    sealed class SilentHost : ICellHost
    {
        public static readonly SilentHost Instance = new();

        public void Publish(Output output) { }

        public string ReadLine(string prompt, bool isPassword) => throw new InvalidInputException("An expression that is evaluated in the background takes no input.");
    }
}
