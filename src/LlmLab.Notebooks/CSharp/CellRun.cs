namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// One run of a cell, and the synchronisation context of its code: continuations come back to the cell's thread while it awaits.
/// If that thread is blocked (<c>task.Wait()</c>, <c>.Result</c>), they go on in the pool, so that such a wait cannot deadlock;
/// likewise after the cell's end, for work that it left in the background.
/// </summary>
sealed class CellRun(Func<object?> code, CancellationToken cancellationToken) : SynchronizationContext
{
    static readonly TimeSpan blockedCheck = TimeSpan.FromMilliseconds(10);

    readonly object gate = new();
    readonly Queue<Posted> queue = [];
    readonly TaskCompletionSource<object?> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Thread? thread;
    bool isPumping, isWatched, hasEnded, wasInterrupted;

    sealed record Posted(SendOrPostCallback Callback, object? State)
    {
        public void Run() => Callback(State);
    }

    /// <summary>Ends with the cell.</summary>
    public Task<object?> Completion => completion.Task;

    /// <summary>Runs the cell on the current thread.</summary>
    public void Execute()
    {
        lock (gate) thread = Thread.CurrentThread;
        var previous = Current;
        SetSynchronizationContext(this);
        object? value = null;
        Exception? error = null;
        try
        {
            value = code();
            if (value is Task<object> task)
            {
                task.ContinueWith(_ => Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                Pump(task);
                value = task.GetAwaiter().GetResult();
            }
        }
        catch (Exception exception)
        {
            error = exception;
        }

        SetSynchronizationContext(previous);
        End();
        if (error is null) completion.TrySetResult(value);
        else completion.TrySetException(error);
    }

    void Pump(Task task)
    {
        while (!task.IsCompleted)
        {
            Posted? next = null;
            lock (gate)
            {
                if (!queue.TryDequeue(out next))
                {
                    // A task that never ends is left behind; its continuations find the cell ended.
                    cancellationToken.ThrowIfCancellationRequested();
                    isPumping = true;
                    try
                    {
                        Monitor.Wait(gate);
                    }
                    finally
                    {
                        isPumping = false;
                    }
                }
            }

            next?.Run();
        }
    }

    /// <summary>No interrupt reaches the thread after this, and one that is pending is used up.</summary>
    void End()
    {
        Posted[] left;
        lock (gate)
        {
            hasEnded = true;
            left = [.. queue];
            queue.Clear();
        }

        if (!cancellationToken.IsCancellationRequested)
        {
            foreach (var posted in left) ThreadPool.QueueUserWorkItem(_ => posted.Run());
        }

        if (!wasInterrupted) return;
        try
        {
            Thread.Sleep(1);
        }
        catch (ThreadInterruptedException)
        {
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        var posted = new Posted(d, state);
        lock (gate)
        {
            // What an interrupted cell still awaited shall not go on when it comes.
            if (hasEnded && cancellationToken.IsCancellationRequested) return;
            if (!hasEnded && !IsBlocked())
            {
                queue.Enqueue(posted);
                if (isPumping)
                {
                    Monitor.PulseAll(gate);
                }
                else if (!isWatched)
                {
                    isWatched = true;
                    ThreadPool.UnsafeQueueUserWorkItem(_ => _ = WatchAsync(), null);
                }

                return;
            }
        }

        ThreadPool.QueueUserWorkItem(_ => posted.Run());
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (Thread.CurrentThread == thread) d(state);
        else throw new NotSupportedException("A cell's thread takes no synchronous calls.");
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Looks now and then whether the thread that should run what is queued is blocked.</summary>
    async Task WatchAsync()
    {
        while (true)
        {
            await Task.Delay(blockedCheck).ConfigureAwait(false);
            Posted[] stuck = [];
            lock (gate)
            {
                if (hasEnded || queue.Count == 0)
                {
                    isWatched = false;
                    return;
                }

                if (IsBlocked())
                {
                    stuck = [.. queue];
                    queue.Clear();
                }
            }

            foreach (var posted in stuck) ThreadPool.QueueUserWorkItem(_ => posted.Run());
        }
    }

    bool IsBlocked() => !isPumping && thread is { } running && running != Thread.CurrentThread && (running.ThreadState & ThreadState.WaitSleepJoin) != 0;

    /// <summary>Makes the pump look again.</summary>
    public void Wake()
    {
        lock (gate) Monitor.PulseAll(gate);
    }

    /// <summary>Ends a sleep or a wait of the cell's code.</summary>
    public void InterruptWait()
    {
        lock (gate)
        {
            if (hasEnded || isPumping || thread is null || (thread.ThreadState & ThreadState.WaitSleepJoin) == 0) return;
            wasInterrupted = true;
            thread.Interrupt();
        }
    }

    /// <summary>Gives up waiting for code that answers nothing.</summary>
    public void Abandon()
    {
        lock (gate) hasEnded = true;
        completion.TrySetException(new OperationCanceledException("The cell was interrupted; a call in it does not answer and goes on in the background.", cancellationToken));
    }
}
