namespace LlmLab.Notebooks;

/// <summary>
/// A notebook's state: its languages, variables and displays. The Jupyter kernel, the runner and tests all drive this one type
/// (<c>NotebookSession</c>).
/// </summary>
public interface INotebookSession : IAsyncDisposable
{
    /// <summary>Runs a cell: splits it at <c>#!…</c> lines, runs the parts in their languages, stops at the first error.</summary>
    /// <param name="code">The cell's text.</param>
    /// <param name="language">The cell's language from notebook metadata; null means C#.</param>
    /// <param name="host">Where output goes.</param>
    /// <param name="silent">Show nothing.</param>
    /// <param name="timeLimit">Interrupts the cell after this time.</param>
    Task<CellResult> ExecuteAsync(string code, string? language, ICellHost host, bool silent = false, TimeSpan? timeLimit = null);

    /// <summary>Ends the running cell, if there is one, within a second; variables live on.</summary>
    void Interrupt();

    /// <summary>Proposals at a position (UTF-16 units).</summary>
    Task<CompletionList> CompleteAsync(string code, int position, CancellationToken cancellationToken = default);

    /// <summary>Signature and documentation of what stands at a position, or null.</summary>
    Task<MimeBundle?> InspectAsync(string code, int position, CancellationToken cancellationToken = default);

    /// <summary>Whether the code is whole.</summary>
    Task<Completeness> IsCompleteAsync(string code);

    /// <summary>Evaluates a C# expression without showing it, for Jupyter's user_expressions.</summary>
    /// <returns>The formatted value, or the error.</returns>
    Task<(MimeBundle? Value, ErrorOutput? Error)> EvaluateAsync(string expression);

    /// <summary>Sets a C# variable.</summary>
    void SetVariable(string name, object? value);

    /// <summary>The C# variables that are alive.</summary>
    IReadOnlyList<SessionVariable> Variables { get; }
}
