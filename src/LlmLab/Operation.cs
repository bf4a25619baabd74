namespace LlmLab;

/// <summary>How far a long piece of work is. Rate and time left are computed by whoever shows it.</summary>
/// <param name="Name">What is being done, in a few words: "training", "encoding".</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all, or null where that is not known.</param>
/// <param name="Unit">The unit, plural: "steps", "documents", "bytes".</param>
/// <param name="Detail">A short addition, such as the current loss.</param>
public sealed record ProgressReport(string Name, double Done, double? Total, string Unit, string? Detail = null);

/// <summary>
/// What the caller of a long call gives it: a token to observe and a place to report progress. It flows with the logical call
/// (like <see cref="System.Diagnostics.Activity"/>), so that a notebook cell can be interrupted and shows a live bar without
/// passing either by hand. The command line, the notebook engine and tests enter one; library methods read <see cref="Current"/>.
/// </summary>
public sealed class Operation
{
    static readonly AsyncLocal<Operation?> current = new();
    static readonly Operation none = new(CancellationToken.None, null);

    Operation(CancellationToken cancellationToken, IProgress<ProgressReport>? progress)
    {
        CancellationToken = cancellationToken;
        Progress = progress;
    }

    /// <summary>The innermost operation of this logical call; outside any, one that is never cancelled and reports nowhere.</summary>
    public static Operation Current => current.Value ?? none;

    /// <summary>Cancelled when the user asks to stop: Ctrl+C, or the notebook's interrupt button.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Where progress goes, or null.</summary>
    public IProgress<ProgressReport>? Progress { get; }

    /// <summary>Makes an operation current until the returned value is disposed.</summary>
    public static IDisposable Enter(CancellationToken cancellationToken, IProgress<ProgressReport>? progress = null)
    {
        var previous = current.Value;
        current.Value = new Operation(cancellationToken, progress ?? previous?.Progress);
        return new Exit(previous);
    }

    /// <summary>Throws <see cref="OperationCanceledException"/> if the user asked to stop.</summary>
    public void ThrowIfCancelled() => CancellationToken.ThrowIfCancellationRequested();

    /// <summary>Reports progress and throws if the user asked to stop: the one call that a long loop makes.</summary>
    public void Report(string name, double done, double? total, string unit, string? detail = null)
    {
        CancellationToken.ThrowIfCancellationRequested();
        Progress?.Report(new ProgressReport(name, done, total, unit, detail));
    }

    sealed class Exit(Operation? previous) : IDisposable
    {
        public void Dispose() => current.Value = previous;
    }
}
