namespace LlmLab.Notebooks.Jupyter;

/// <summary>
/// Which cell runs, for questions that are answered beside it. A question waits for the cells that were sent before it, so that it
/// sees what they declare, but only briefly: who types while a model trains wants proposals now.
/// </summary>
sealed class RunningCell
{
    static readonly TimeSpan patience = TimeSpan.FromMilliseconds(300);

    readonly object gate = new();
    JupyterRequest? cell;
    long lastEnded, givenUp;

    /// <summary>Whether a cell runs.</summary>
    public bool IsBusy
    {
        get
        {
            lock (gate) return cell is not null;
        }
    }

    /// <summary>Sequence number of the cell that arrived last; read and written by the sockets' thread only.</summary>
    public long LastQueued { get; private set; }

    /// <summary>A cell has arrived.</summary>
    public void Queued(JupyterRequest request) => LastQueued = Math.Max(LastQueued, request.Sequence);

    public void Begin(JupyterRequest request, Action publish)
    {
        lock (gate)
        {
            cell = request;
            publish();
        }
    }

    public void End(JupyterRequest request, Action publish)
    {
        lock (gate)
        {
            cell = null;
            lastEnded = request.Sequence;
            publish();
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits for the cell that was sent last before a question; once in vain is enough for each of them.</summary>
    /// <param name="before">That cell's sequence number.</param>
    public void WaitBriefly(long before)
    {
        lock (gate)
        {
            long until = Environment.TickCount64 + (long)patience.TotalMilliseconds;
            while (lastEnded < before && givenUp < before)
            {
                int left = (int)(until - Environment.TickCount64);
                if (left <= 0 || !Monitor.Wait(gate, left)) givenUp = before;
            }
        }
    }

    /// <summary>Publishes something and then, if a cell runs, says so again, with no end of the cell in between.</summary>
    public void Interject(Action publish, Action<JupyterRequest> again)
    {
        lock (gate)
        {
            publish();
            if (cell is not null) again(cell);
        }
    }
}
