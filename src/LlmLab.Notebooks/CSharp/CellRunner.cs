namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// Runs cells one after another on one thread with a large stack, to which <c>await</c> comes back, and ends them on request:
/// first by the flag that the woven checks read, then by interrupting what the thread waits for.
/// </summary>
/// <param name="checks">The checks that are woven into the cells' code.</param>
sealed class CellRunner(WovenChecks checks) : IDisposable
{
    /// <summary>Deep but sensible recursion fits, and endless recursion ends soon.</summary>
    const int StackSize = 16 << 20;

    /// <summary>What is left of it for calls into libraries when a function's check fails.</summary>
    const int StackReserve = 1 << 20;

    /// <summary>How long a cell may take to answer the flag or the token before its waits are interrupted.</summary>
    static readonly TimeSpan patience = TimeSpan.FromMilliseconds(100);

    /// <summary>When a call that answers nothing is left to itself, and the next cell gets a thread of its own.</summary>
    static readonly TimeSpan abandonAfter = TimeSpan.FromSeconds(5);

    readonly object gate = new();
    Thread? thread;
    Action? work;
    bool disposed;

    /// <summary>Runs a cell's code.</summary>
    /// <param name="code">Returns its value, or a <see cref="Task{TResult}"/> of it.</param>
    /// <param name="cancellationToken">Cancelled to interrupt it.</param>
    /// <returns>Its value.</returns>
    /// <exception cref="OperationCanceledException">It was interrupted and did not answer.</exception>
    public Task<object?> RunAsync(Func<object?> code, CancellationToken cancellationToken)
    {
        var run = new CellRun(code, cancellationToken);
        var context = ExecutionContext.Capture();
        checks.Request(false);
        Start(() =>
        {
            if (context is null) run.Execute();
            else ExecutionContext.Run(context, _ => run.Execute(), null);
        });
        var interruption = cancellationToken.Register(() => Interrupt(run));
        return Finish();

        async Task<object?> Finish()
        {
            try
            {
                return await run.Completion.ConfigureAwait(false);
            }
            finally
            {
                interruption.Unregister();
            }
        }
    }

    void Start(Action next)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            work = next;
            if (thread is null)
            {
                thread = new Thread(Loop, StackSize) { IsBackground = true, Name = "C# cells" };
                // The thread is made for all cells: none of them shall flow into it.
                thread.UnsafeStart();
            }

            Monitor.PulseAll(gate);
        }
    }

    unsafe void Loop()
    {
        byte here;
        var end = (ulong)&here - StackSize + StackReserve;
        while (true)
        {
            Action next;
            lock (gate)
            {
                while (work is null)
                {
                    if (disposed || thread != Thread.CurrentThread) return;
                    Monitor.Wait(gate);
                }

                if (thread != Thread.CurrentThread) return;
                next = work;
                work = null;
            }

            checks.SetStack(end, StackSize - StackReserve);
            next();
        }
    }

    /// <summary>Raises the flag here and now: the cell may keep every thread of the pool busy.</summary>
    void Interrupt(CellRun run)
    {
        checks.Request(true);
        run.Wake();
        ThreadPool.UnsafeQueueUserWorkItem(_ => _ = InsistAsync(run), null);
    }

    async Task InsistAsync(CellRun run)
    {
        var started = Environment.TickCount64;
        while (await Task.WhenAny(run.Completion, Task.Delay(patience)).ConfigureAwait(false) != run.Completion)
        {
            run.InterruptWait();
            if (Environment.TickCount64 - started < abandonAfter.TotalMilliseconds) continue;
            lock (gate) thread = null;
            run.Abandon();
            return;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            Monitor.PulseAll(gate);
        }
    }
}
