using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>Questions to the user on the stdin channel; one is open at a time.</summary>
sealed class InputRequests(KernelSockets sockets)
{
    readonly Lock turn = new();
    volatile TaskCompletionSource<string>? open;

    /// <summary>Asks whoever made the request for a line, and waits for it.</summary>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public string Ask(JupyterRequest request, string prompt, bool isPassword)
    {
        lock (turn)
        {
            var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            open = answer;
            sockets.Send(KernelChannel.Stdin, request, "input_request", new JsonObject { ["prompt"] = prompt, ["password"] = isPassword });
            try
            {
                return answer.Task.GetAwaiter().GetResult();
            }
            finally
            {
                open = null;
            }
        }
    }

    /// <summary>Passes an answer on; one that nobody waits for is ignored.</summary>
    public void Answer(JupyterRequest reply)
    {
        if (reply.Type == "input_reply") open?.TrySetResult(reply.Text("value"));
    }

    /// <summary>Ends the wait of an interrupted cell.</summary>
    public void Cancel() => open?.TrySetCanceled();
}
