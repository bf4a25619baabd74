using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// Work on a sequence of batches by several threads whose results are consumed in the sequence's order: the outcome is the same for
/// any number of threads, and at most a few batches are in memory at a time.
/// </summary>
static class OrderedParallel
{
    /// <summary>Runs <paramref name="work"/> on batches in parallel and <paramref name="consume"/> on the results, in order, on the calling thread.</summary>
    /// <param name="batches">The sequence; read by one thread.</param>
    /// <param name="threads">Batches in work at a time.</param>
    /// <param name="work">Called in parallel.</param>
    /// <param name="consume">Called in order, one at a time.</param>
    public static void Run<T, TResult>(IEnumerable<T> batches, int threads, Func<T, TResult> work, Action<TResult> consume)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Operation.Current.CancellationToken);
        using var queue = new BlockingCollection<Task<TResult>>(threads + 2);
        using var slots = new SemaphoreSlim(threads);
        ExceptionDispatchInfo? failure = null;
        var reader = Task.Factory.StartNew(() =>
        {
            try
            {
                foreach (var batch in batches)
                {
                    slots.Wait(stop.Token);
                    queue.Add(Task.Run(() =>
                    {
                        try { return work(batch); }
                        finally { slots.Release(); }
                    }, CancellationToken.None), stop.Token);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
            catch (Exception e) { failure = ExceptionDispatchInfo.Capture(e); }
            finally { queue.CompleteAdding(); }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var task in queue.GetConsumingEnumerable())
            {
                consume(task.GetAwaiter().GetResult());
                Operation.Current.ThrowIfCancelled();
            }
        }
        finally
        {
            stop.Cancel();
            reader.Wait(CancellationToken.None);
            // Work begun must have ended before its semaphore goes.
            foreach (var task in queue.GetConsumingEnumerable()) task.ContinueWith(static _ => { }, TaskContinuationOptions.ExecuteSynchronously).Wait(CancellationToken.None);
        }
        failure?.Throw();
        Operation.Current.ThrowIfCancelled();
    }
}
