using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// Work that goes on beside the caller, one item after another in the order in which they were added, such as filling tables while
/// the next batch is read. At most a few items wait; a failure comes out of the next call.
/// </summary>
sealed class OrderedStage<T> : IDisposable
{
    readonly BlockingCollection<T> waiting;
    readonly CancellationTokenSource stop = new();
    readonly Task work;
    ExceptionDispatchInfo? failure;

    /// <param name="action">Called for each item, one at a time.</param>
    /// <param name="capacity">Items that may wait before <see cref="Add"/> does.</param>
    public OrderedStage(Action<T> action, int capacity)
    {
        waiting = new BlockingCollection<T>(capacity);
        work = Task.Factory.StartNew(() =>
        {
            try
            {
                foreach (var item in waiting.GetConsumingEnumerable()) action(item);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
                stop.Cancel(); // whoever waits for room would wait forever
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Hands an item over; waits while too many are before it.</summary>
    public void Add(T item)
    {
        try
        {
            waiting.Add(item, stop.Token);
        }
        catch (OperationCanceledException)
        {
            failure!.Throw();
        }
    }

    /// <summary>Waits until all is done.</summary>
    public void Complete()
    {
        waiting.CompleteAdding();
        work.Wait(CancellationToken.None);
        failure?.Throw();
    }

    /// <summary>Ends the work; what has been handed over is still done.</summary>
    public void Dispose()
    {
        if (!waiting.IsAddingCompleted) waiting.CompleteAdding();
        work.Wait(CancellationToken.None);
        waiting.Dispose();
        stop.Dispose();
    }
}
