using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>Answers execute_request; called from the shell thread only.</summary>
sealed class ExecuteRequests(
    KernelSockets sockets, Task<INotebookSession> session, StreamFlusher flusher, InputRequests input, ExecutionHistory history)
{
    int executionCount;
    long abortUntil;

    /// <summary>Runs the code, then the user expressions.</summary>
    /// <returns>Content of the execute_reply.</returns>
    public JsonObject Run(JupyterRequest request)
    {
        if (request.Sequence <= abortUntil) return new JsonObject { ["status"] = "aborted", ["execution_count"] = executionCount };

        string code = request.Text("code");
        bool silent = request.Flag("silent", absent: false);
        bool counts = !silent && request.Flag("store_history", absent: true);
        if (counts) executionCount++;
        if (!silent) sockets.Publish(request, "execute_input", new JsonObject { ["code"] = code, ["execution_count"] = executionCount });

        var host = new JupyterCellHost(sockets, flusher, input, request, executionCount);
        var error = Execute(code, silent, host);
        host.FlushStreams(whole: true);
        if (counts) history.Add(executionCount, code, host.ResultText);

        JsonObject reply;
        if (error is null)
        {
            reply = Replies.Ok(("payload", new JsonArray()), ("user_expressions", Evaluate(request)));
        }
        else
        {
            reply = Replies.Failed(error);
            reply["payload"] = new JsonArray();
            reply["user_expressions"] = new JsonObject();
            // What the front end had queued behind the failed cell must not run; what it sends after it saw the failure must.
            if (request.Flag("stop_on_error", absent: true) && !silent) abortUntil = sockets.DrainShell();
        }
        reply["execution_count"] = executionCount;
        return reply;
    }

    ErrorOutput? Execute(string code, bool silent, JupyterCellHost host)
    {
        if (string.IsNullOrWhiteSpace(code)) return null;
        try
        {
            var result = session.GetAwaiter().GetResult().ExecuteAsync(code, null, host, silent).GetAwaiter().GetResult();
            if (result.Status == CellStatus.Ok) return null;
            return result.Error ?? host.Error ?? new ErrorOutput("KeyboardInterrupt", "The cell was interrupted.", ["The cell was interrupted."]);
        }
        catch (Exception e)
        {
            // The engine's own failure: the front end must hear of it like of any other.
            var error = new ErrorOutput(e.GetType().Name, e.Message, e.ToString().Split('\n'));
            if (!silent) host.Publish(error);
            return error;
        }
    }

    JsonObject Evaluate(JupyterRequest request)
    {
        var values = new JsonObject();
        if (request.Content["user_expressions"] is not JsonObject expressions) return values;
        foreach (var (name, expression) in expressions)
        {
            var (value, error) = session.Result.EvaluateAsync(expression?.ToString() ?? "").GetAwaiter().GetResult();
            if (error is not null)
            {
                values[name] = Replies.Failed(error);
                continue;
            }
            var bundle = value is null ? new JsonObject { ["data"] = new JsonObject(), ["metadata"] = new JsonObject() } : JupyterCellHost.Bundle(value, null);
            bundle.Remove("transient");
            bundle["status"] = "ok";
            values[name] = bundle;
        }
        return values;
    }
}
