using System.Text;
using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>
/// One cell's way to the front end: every output carries the header of the request that ran the cell, from whatever thread and
/// however late it comes. Console text is collected for a moment, and sent before any other output, so that the order is kept.
/// </summary>
sealed class JupyterCellHost(KernelSockets sockets, StreamFlusher flusher, InputRequests input, JupyterRequest request, int executionCount) : ICellHost
{
    const int LargestPiece = 1 << 15, LargestRate = 1 << 22;

    readonly Lock gate = new();
    readonly StringBuilder pending = new();
    readonly bool allowsInput = request.Flag("allow_stdin", absent: true);
    bool pendingIsError, isScheduled;
    long second, sentInSecond;

    /// <inheritdoc/>
    public int? CellNumber => executionCount;

    /// <summary>The trailing value as plain text, for the history.</summary>
    public string? ResultText { get; private set; }

    /// <summary>The last error that was published.</summary>
    public ErrorOutput? Error { get; private set; }

    public void Publish(Output output)
    {
        if (output is StreamOutput text)
        {
            int rest;
            lock (gate) rest = Collect(text);
            // A cell that prints without end must not fill the memory faster than a front end reads: 4 million characters a second.
            if (rest > 0) Thread.Sleep(rest);
            return;
        }
        lock (gate)
        {
            SendPending(whole: true);
            switch (output)
            {
                case DisplayOutput display:
                    Send("display_data", Bundle(display.Bundle, display.DisplayId));
                    break;
                case UpdateDisplayOutput update:
                    Send("update_display_data", Bundle(update.Bundle, update.DisplayId));
                    break;
                case ResultOutput result:
                    ResultText = result.Bundle.Data.TryGetValue("text/plain", out var plain) ? plain.ToString() : "";
                    var content = Bundle(result.Bundle, null);
                    content["execution_count"] = executionCount;
                    Send("execute_result", content);
                    break;
                case ErrorOutput error:
                    Error = error;
                    Send("error", Replies.Error(error));
                    break;
                case ClearOutput clear:
                    Send("clear_output", new JsonObject { ["wait"] = clear.Wait });
                    break;
                default:
                    throw new NotSupportedException($"Jupyter has no message for {output.GetType().Name}.");
            }
        }
    }

    public string ReadLine(string prompt, bool isPassword)
    {
        if (!allowsInput) throw new InvalidInputException("This front end takes no input (allow_stdin is false): give the value in the cell instead of asking for it.");
        FlushStreams(whole: true);
        return input.Ask(request, prompt, isPassword);
    }

    /// <summary>Sends collected text.</summary>
    /// <param name="whole">False to keep back the first half of a character that was cut in two.</param>
    public void FlushStreams(bool whole = false)
    {
        lock (gate)
        {
            isScheduled = false;
            SendPending(whole);
        }
    }

    /// <summary>MIME bundle as Jupyter has it in display_data, execute_result and user_expressions.</summary>
    public static JsonObject Bundle(MimeBundle bundle, string? displayId)
    {
        var data = new JsonObject();
        foreach (var (mimeType, value) in bundle.Data) data[mimeType] = value.DeepClone();
        return new JsonObject
        {
            ["data"] = data,
            ["metadata"] = bundle.Metadata?.DeepClone() ?? new JsonObject(),
            ["transient"] = displayId is null ? new JsonObject() : new JsonObject { ["display_id"] = displayId },
        };
    }

    // Returns how many milliseconds the writer has to rest.
    int Collect(StreamOutput stream)
    {
        if (stream.Text.Length == 0) return 0;
        if (pending.Length > 0 && pendingIsError != stream.IsError) SendPending(whole: true);
        pendingIsError = stream.IsError;
        pending.Append(stream.Text);
        int rest = 0;
        if (pending.Length >= LargestPiece)
        {
            rest = Rest(pending.Length);
            SendPending(whole: false);
        }
        if (pending.Length == 0 || isScheduled) return rest;
        isScheduled = true;
        flusher.Schedule(this);
        return rest;
    }

    int Rest(int length)
    {
        long now = Environment.TickCount64;
        if (now / 1000 != second) (second, sentInSecond) = (now / 1000, 0);
        sentInSecond += length;
        return sentInSecond > LargestRate ? (int)(1000 - now % 1000) : 0;
    }

    void SendPending(bool whole)
    {
        if (pending.Length == 0) return;
        int length = !whole && char.IsHighSurrogate(pending[^1]) ? pending.Length - 1 : pending.Length;
        if (length == 0) return;
        Send("stream", new JsonObject { ["name"] = pendingIsError ? "stderr" : "stdout", ["text"] = pending.ToString(0, length) });
        pending.Remove(0, length);
    }

    void Send(string type, JsonObject content) => sockets.Publish(request, type, content);
}
