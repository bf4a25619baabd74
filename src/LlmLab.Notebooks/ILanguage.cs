using LlmLab.Notebooks.Display;

namespace LlmLab.Notebooks;

/// <summary>How a cell ended.</summary>
public enum CellStatus { Ok, Error, Interrupted }

/// <summary>The end of a cell's run. Its outputs went to the <see cref="ICellHost"/> already.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Error">What was published as error, if it failed.</param>
/// <param name="Value">The trailing expression's value (boxed), if it has one; published as <see cref="ResultOutput"/> unless silent.</param>
public sealed record CellResult(CellStatus Status, ErrorOutput? Error = null, object? Value = null);

/// <summary>A running cell: passed to languages, and reachable from the cell's own code as <see cref="Current"/>, on whatever thread it goes on.</summary>
public sealed class CellContext(ICellHost host, CancellationToken cancellationToken, bool silent = false, Formatter? formatter = null)
{
    static readonly AsyncLocal<CellContext?> current = new();

    /// <summary>The cell that started this logical call, or null outside cells.</summary>
    public static CellContext? Current { get => current.Value; set => current.Value = value; }

    /// <summary>Where output goes.</summary>
    public ICellHost Host { get; } = host;

    /// <summary>Cancelled by the interrupt button.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>True if nothing is to be shown (Jupyter's silent execution).</summary>
    public bool IsSilent { get; } = silent;

    /// <summary>Turns values into what is shown; the session's own, with what its cells registered.</summary>
    public Formatter Formatter { get; } = formatter ?? new Formatter();

    /// <summary>The cell's number as the front end counts; null where it doesn't, then the language counts by itself.</summary>
    public int? Number { get; init; }

    /// <summary>Publishes unless silent.</summary>
    public void Publish(Output output)
    {
        if (!IsSilent) Host.Publish(output);
    }
}

/// <summary>One proposal at the cursor.</summary>
/// <param name="Text">What is inserted.</param>
/// <param name="Kind">Jupyter's experimental type: "method", "property", "class", "keyword", "instance", "namespace" …</param>
/// <param name="Signature">A one-line signature, or empty.</param>
/// <param name="Documentation">Plain text from the XML documentation, or empty.</param>
public sealed record Completion(string Text, string Kind, string Signature = "", string Documentation = "");

/// <summary>Proposals for the span [Start, End) of the code, in UTF-16 units.</summary>
public sealed record CompletionList(int Start, int End, IReadOnlyList<Completion> Items);

/// <summary>Whether a line-oriented front end should ask for more.</summary>
/// <param name="Status">"complete", "incomplete" or "invalid", as in Jupyter's is_complete_reply.</param>
/// <param name="Indent">Proposed indentation of the next line if incomplete.</param>
public sealed record Completeness(string Status, string Indent = "");

/// <summary>A language that a cell, or a part of one after <c>#!name</c>, can be written in.</summary>
public interface ILanguage : IAsyncDisposable
{
    /// <summary>Name as in <c>#!name</c> and in notebook metadata: "csharp".</summary>
    string Name { get; }

    /// <summary>Other names for it.</summary>
    IReadOnlyList<string> Aliases { get; }

    /// <summary>Runs code. Errors of the code are published and returned, not thrown.</summary>
    Task<CellResult> ExecuteAsync(string code, CellContext context);

    /// <summary>
    /// Does work that may run the cell's own code, such as showing a lazy sequence, where an interrupt ends it as it ends a cell.
    /// </summary>
    Task<object?> InvokeAsync(Func<object?> work, CancellationToken cancellationToken) => Task.FromResult(work());

    /// <summary>Proposals at a position (UTF-16 units).</summary>
    Task<CompletionList> CompleteAsync(string code, int position, CancellationToken cancellationToken) =>
        Task.FromResult(new CompletionList(position, position, []));

    /// <summary>Signature and documentation of what stands at a position, or null.</summary>
    Task<MimeBundle?> InspectAsync(string code, int position, CancellationToken cancellationToken) => Task.FromResult<MimeBundle?>(null);

    /// <summary>Whether the code is whole.</summary>
    Task<Completeness> IsCompleteAsync(string code) => Task.FromResult(new Completeness("complete"));

    /// <summary>Variables that are alive, for <c>#!whos</c>.</summary>
    IReadOnlyList<SessionVariable> Variables => [];

    /// <summary>Gives the language a variable, as for a cell's parameters or shared values.</summary>
    void SetVariable(string name, object? value) => throw new InvalidInputException($"Cells in {Name} take no variables.");
}

/// <summary>A variable of a session.</summary>
public sealed record SessionVariable(string Name, Type Type, object? Value);
