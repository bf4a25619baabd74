using System.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// A cell host before another one: gathers console text for at most 50 ms, so that a thousand printed lines are a few messages,
/// and keeps its order with everything else that is published, from whatever thread.
/// </summary>
public sealed class OrderedHost : ICellHost, IDisposable
{
    const int MaximumDelayMilliseconds = 50;

    /// <summary>Text of this length goes on at once.</summary>
    const int MaximumLength = 16 * 1024;

    readonly ICellHost inner;
    readonly object gate = new();
    readonly StringBuilder text = new();
    readonly Timer timer;
    long started;
    bool isError, hasEnded;

    /// <summary>Wraps a host.</summary>
    public OrderedHost(ICellHost inner)
    {
        this.inner = inner;
        timer = new Timer(_ => Flush());
    }

    /// <inheritdoc/>
    public void Publish(Output output)
    {
        lock (gate)
        {
            if (output is StreamOutput stream)
            {
                Append(stream.IsError, stream.Text);
            }
            else
            {
                Flush();
                inner.Publish(output);
            }
        }
    }

    /// <inheritdoc/>
    public string ReadLine(string prompt, bool isPassword)
    {
        Flush();
        return inner.ReadLine(prompt, isPassword);
    }

    /// <summary>Hands on what was gathered. Call it at the end of the cell.</summary>
    public void Flush()
    {
        lock (gate)
        {
            if (text.Length == 0) return;
            var gathered = text.ToString();
            text.Clear();
            inner.Publish(new StreamOutput(isError, gathered));
        }
    }

    void Append(bool toError, string added)
    {
        if (added.Length == 0) return;
        if (toError != isError) Flush();
        isError = toError;
        if (text.Length == 0)
        {
            started = Environment.TickCount64;
            timer.Change(MaximumDelayMilliseconds, Timeout.Infinite);
        }

        text.Append(added);
        // The timer needs a thread of the pool, and the cell may keep them all busy.
        if (hasEnded || text.Length >= MaximumLength || Environment.TickCount64 - started >= MaximumDelayMilliseconds) Flush();
    }

    /// <summary>Hands on what is left; text that comes later (from a thread that the cell left behind) goes on at once.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            hasEnded = true;
            Flush();
        }
    }
}
