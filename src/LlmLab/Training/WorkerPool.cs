using TorchSharp;

namespace LlmLab.Training;

/// <summary>
/// A fixed set of threads that run one piece of work each, again and again. Each uses a given number of libtorch threads of its own:
/// with one, a whole forward and backward pass runs on one core without a barrier after every small operation.
/// </summary>
public sealed class WorkerPool : IDisposable
{
    readonly Thread[] threads;
    readonly SemaphoreSlim[] starts;
    readonly CountdownEvent done;
    readonly Exception?[] failures;
    Action<int>? work;
    bool stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="count">How many.</param>
    /// <param name="torchThreads">libtorch threads within each.</param>
    public WorkerPool(int count, int torchThreads)
    {
        Count = count;
        starts = [.. Enumerable.Range(0, count).Select(_ => new SemaphoreSlim(0))];
        done = new CountdownEvent(count);
        failures = new Exception?[count];
        threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() => Loop(i, torchThreads), 16 << 20) { IsBackground = true, Name = $"training {i}" })];
        foreach (var thread in threads) thread.Start();
    }

    /// <summary>Number of threads.</summary>
    public int Count { get; }

    /// <summary>Runs the work on every thread, each with its number from 0, and waits for all.</summary>
    /// <exception cref="AggregateException">Some of it threw; with one cause, that cause is thrown.</exception>
    public void Run(Action<int> action)
    {
        work = action;
        done.Reset();
        foreach (var start in starts) start.Release();
        done.Wait();
        work = null;
        var thrown = failures.OfType<Exception>().ToArray();
        if (thrown.Length == 0) return;
        Array.Clear(failures);
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(thrown[0]);
    }

    /// <summary>A thread's even part of a range of numbers, on cache-line borders.</summary>
    public (long First, long Last) Part(long length, int worker)
    {
        long lines = (length + 15) / 16;
        return (Math.Min(length, lines * worker / Count * 16), Math.Min(length, lines * (worker + 1) / Count * 16));
    }

    void Loop(int index, int torchThreads)
    {
        torch.set_num_threads(torchThreads);
        while (true)
        {
            starts[index].Wait();
            if (stopping) return;
            try
            {
                work!(index);
            }
            catch (Exception e)
            {
                failures[index] = e;
            }
            done.Signal();
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        stopping = true;
        foreach (var start in starts) start.Release();
        foreach (var thread in threads) thread.Join();
        foreach (var start in starts) start.Dispose();
        done.Dispose();
    }
}
