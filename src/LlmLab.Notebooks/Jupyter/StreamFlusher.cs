using System.Collections.Concurrent;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>
/// Sends collected console text a moment after its first character. It has its own thread, so that a cell which keeps the thread
/// pool busy still shows its output.
/// </summary>
sealed class StreamFlusher : IDisposable
{
    /// <summary>How long text may wait for more.</summary>
    static readonly TimeSpan delay = TimeSpan.FromMilliseconds(15);

    readonly BlockingCollection<(JupyterCellHost Host, long Due)> waiting = [];

    public StreamFlusher() => new Thread(Run) { IsBackground = true, Name = "LlmLab kernel output" }.Start();

    public void Schedule(JupyterCellHost host)
    {
        if (!waiting.IsAddingCompleted) waiting.Add((host, Environment.TickCount64 + (long)delay.TotalMilliseconds));
    }

    public void Dispose() => waiting.CompleteAdding();

    void Run()
    {
        // The delay is the same for all, so the first that came is the first that is due.
        foreach (var (host, due) in waiting.GetConsumingEnumerable())
        {
            long left = due - Environment.TickCount64;
            if (left > 0) Thread.Sleep((int)left);
            host.FlushStreams();
        }
    }
}
