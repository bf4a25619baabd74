using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// Work on a sequence by several threads whose results are consumed in the sequence's order: the outcome is the same for any
/// number of threads, and at most a few batches are in memory at a time.
/// </summary>
static class OrderedParallel
{
    /// <summary>Runs <paramref name="work"/> on batches in parallel and <paramref name="consume"/> on the results, in order, on the calling thread.</summary>
    /// <param name="items">The sequence; read by one thread.</param>
    /// <param name="size">Weight of an item; a batch is closed when it reaches <paramref name="batchSize"/>.</param>
    /// <param name="batchSize">Weight of a batch.</param>
    /// <param name="threads">Batches in work at a time.</param>
    /// <param name="work">Called in parallel.</param>
    /// <param name="consume">Called in order, one at a time.</param>
    public static void Run<T, TResult>(IEnumerable<T> items, Func<T, long> size, long batchSize, int threads, Func<IReadOnlyList<T>, TResult> work, Action<TResult> consume)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Operation.Current.CancellationToken);
        using var queue = new BlockingCollection<Task<TResult>>(threads + 2);
        using var slots = new SemaphoreSlim(threads);
        ExceptionDispatchInfo? failure = null;
        var reader = Task.Factory.StartNew(() =>
        {
            try
            {
                foreach (var batch in Batches(items, size, batchSize))
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

    static IEnumerable<IReadOnlyList<T>> Batches<T>(IEnumerable<T> items, Func<T, long> size, long batchSize)
    {
        var batch = new List<T>();
        long weight = 0;
        foreach (var item in items)
        {
            batch.Add(item);
            weight += size(item);
            if (weight < batchSize && batch.Count < 512) continue;
            yield return batch;
            (batch, weight) = ([], 0);
        }
        if (batch.Count > 0) yield return batch;
    }
}
