using LlmLab.Notebooks.Display;

namespace LlmLab.Notebooks;

/// <summary>Cancels a cell after its time limit, and says so in place of the language's "interrupted".</summary>
sealed class TimeLimitedHost : ICellHost, IDisposable
{
    readonly ICellHost inner;
    readonly TimeSpan? limit;
    readonly Timer? timer;
    volatile bool isOver;

    public TimeLimitedHost(ICellHost inner, TimeSpan? limit, CancellationTokenSource stop)
    {
        this.inner = inner;
        this.limit = limit;
        if (limit is not { } time) return;
        timer = new Timer(_ =>
        {
            isOver = true;
            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The cell ended at that very moment.
            }
        }, null, time, Timeout.InfiniteTimeSpan);
    }

    public void Publish(Output output) => inner.Publish(isOver && output is ErrorOutput interrupted ? Error(interrupted) : output);

    public string ReadLine(string prompt, bool isPassword) => inner.ReadLine(prompt, isPassword);

    /// <summary>The cell's result, with the time limit as its error if that ended it.</summary>
    public CellResult Final(CellResult result) =>
        isOver && result.Status != CellStatus.Ok ? new CellResult(CellStatus.Interrupted, Error(result.Error)) : result;

    public void Dispose() => timer?.Dispose();

    // The lines at which the cell was stopped stay.
    ErrorOutput Error(ErrorOutput? interrupted)
    {
        string message = $"The cell was stopped at its time limit of {ProgressLine.Duration(limit!.Value)} (minutes:seconds).";
        return new ErrorOutput("TimeLimit", message, [message, .. interrupted?.Traceback.Skip(1) ?? []]);
    }
}
