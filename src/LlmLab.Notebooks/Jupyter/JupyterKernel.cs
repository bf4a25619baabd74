using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>
/// A Jupyter kernel: <see href="https://jupyter-client.readthedocs.io/en/latest/messaging.html">messaging protocol 5.4</see> over ZeroMQ,
/// driving one <see cref="INotebookSession"/>. Cells run in order on one thread. Requests on control are answered at once on another, so
/// that a running cell can be interrupted; and questions that run nothing, such as completion, on a third, so that they need not
/// wait for the end of a long training.
/// </summary>
public sealed class JupyterKernel : IDisposable
{
    static readonly TimeSpan closingTime = TimeSpan.FromSeconds(2);

    readonly ConnectionFile connection;
    readonly Action<string> log;
    readonly KernelSockets sockets;
    readonly Task<INotebookSession> session;
    readonly InputRequests input;
    readonly StreamFlusher flusher = new();
    readonly ExecutionHistory history = new();
    readonly ExecuteRequests execution;
    readonly RunningCell running = new();
    readonly BlockingCollection<JupyterRequest> shell = [], control = [], questions = [];
    int isCompletionWarm;
    readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Listens at once; the session is made meanwhile.</summary>
    /// <param name="connection">Where to listen.</param>
    /// <param name="createSession">Makes the session, on a thread of the pool.</param>
    /// <param name="log">Gets one sentence for each message that was dropped or failed; Jupyter shows the kernel's standard error in its log.</param>
    /// <exception cref="InvalidInputException">A port is taken.</exception>
    public JupyterKernel(ConnectionFile connection, Func<INotebookSession> createSession, Action<string> log)
    {
        (this.connection, this.log) = (connection, log);
        session = Task.Run(createSession);
        sockets = new KernelSockets(connection, new WireFormat(new MessageSigner(connection.Key, connection.SignatureScheme)), Receive, log);
        input = new InputRequests(sockets);
        execution = new ExecuteRequests(sockets, session, flusher, input, history);
        sockets.Publish(null, "status", new JsonObject { ["execution_state"] = "starting" });
        Start("shell", shell, AnswerInTurn);
        Start("control", control, Answer);
        Start("questions", questions, AnswerQuestion);
    }

    /// <summary>Ends when a front end asked the kernel to shut down, or <see cref="Stop"/> was called.</summary>
    public Task Completion => stopped.Task;

    /// <summary>Ends the running cell, if there is one.</summary>
    public void Interrupt()
    {
        input.Cancel();
        if (session.IsCompletedSuccessfully) session.Result.Interrupt();
    }

    /// <summary>Ends the kernel.</summary>
    public void Stop() => stopped.TrySetResult();

    /// <summary>Interrupts what runs, sends what is queued, and closes.</summary>
    public void Dispose()
    {
        Stop();
        Interrupt();
        shell.CompleteAdding();
        control.CompleteAdding();
        questions.CompleteAdding();
        flusher.Dispose();
        if (session.IsCompletedSuccessfully) session.Result.DisposeAsync().AsTask().Wait(closingTime);
        sockets.Dispose();
    }

    void Receive(JupyterRequest request)
    {
        if (request.Channel == KernelChannel.Stdin)
        {
            input?.Answer(request);
            return;
        }
        if (request.Type == "execute_request") running.Queued(request);
        var queue = request.Channel == KernelChannel.Control ? control : IsQuestion(request) ? questions : shell;
        if (queue == questions) request = request with { Sequence = running.LastQueued };
        if (!queue.IsAddingCompleted) queue.Add(request);
    }

    static bool IsQuestion(JupyterRequest request) => request.Type is
        "complete_request" or "inspect_request" or "is_complete_request" or "history_request" or "kernel_info_request" or "comm_info_request";

    // Cells nest deeply now and then (Roslyn on a long expression), hence the large stack.
    void Start(string name, BlockingCollection<JupyterRequest> requests, Action<JupyterRequest> answer) => new Thread(() =>
    {
        foreach (var request in requests.GetConsumingEnumerable()) answer(request);
    }, 16 << 20)
    { IsBackground = true, Name = $"LlmLab kernel {name}" }.Start();

    void AnswerInTurn(JupyterRequest request)
    {
        if (request.Type != "execute_request")
        {
            Answer(request);
            return;
        }
        running.Begin(request, () => Status(request, "busy"));
        AnswerOnly(request);
        running.End(request, () => Status(request, "idle"));
        WarmCompletion();
    }

    void AnswerQuestion(JupyterRequest request)
    {
        if (request.Type is "complete_request" or "inspect_request" or "history_request") running.WaitBriefly(request.Sequence);
        Status(request, "busy");
        AnswerOnly(request);
        // Front ends show the last status that came: if a cell runs, it must be that cell's.
        running.Interject(() => Status(request, "idle"), cell => Status(cell, "busy"));
    }

    void Answer(JupyterRequest request)
    {
        Status(request, "busy");
        AnswerOnly(request);
        Status(request, "idle");
        if (request.Type == "shutdown_request") Stop();
    }

    void AnswerOnly(JupyterRequest request)
    {
        try
        {
            if (request.Type.EndsWith("_request", StringComparison.Ordinal))
                sockets.Send(request.Channel, request, request.Type[..^"request".Length] + "reply", Reply(request));
            else
                Note(request);
        }
        catch (Exception e)
        {
            log($"{request.Type} failed: {e}");
            if (request.Type.EndsWith("_request", StringComparison.Ordinal))
                sockets.Send(request.Channel, request, request.Type[..^"request".Length] + "reply", Replies.Failed(e.GetType().Name, e.Message));
        }
    }

    /// <summary>The services behind completion take two seconds to start: better after the first cell than at the first key.</summary>
    void WarmCompletion()
    {
        if (Interlocked.Exchange(ref isCompletionWarm, 1) == 0) _ = Task.Run(() => Session.CompleteAsync("Console.", "Console.".Length));
    }

    JsonObject Reply(JupyterRequest request) => request.Type switch
    {
        "execute_request" when request.Channel == KernelChannel.Shell => execution.Run(request),
        "complete_request" => CodeQuestions.Complete(Session, request),
        "inspect_request" => CodeQuestions.Inspect(Session, request, withValue: !running.IsBusy),
        "is_complete_request" => CodeQuestions.IsComplete(Session, request),
        "history_request" => Replies.Ok(("history", history.Find(request))),
        "kernel_info_request" => KernelInfo.Reply(),
        "connect_request" => Replies.Ok(
            ("shell_port", connection.ShellPort), ("iopub_port", connection.IOPubPort), ("stdin_port", connection.StdinPort),
            ("control_port", connection.ControlPort), ("hb_port", connection.HeartbeatPort)),
        "comm_info_request" => Replies.Ok(("comms", new JsonObject())),
        "interrupt_request" => InterruptReply(),
        "shutdown_request" => ShutdownReply(request),
        "debug_request" => DebugReply(request),
        _ => Replies.Failed("UnknownRequest", $"{request.Type} on {request.Channel.ToString().ToLowerInvariant()} is not known to protocol {WireFormat.ProtocolVersion}."),
    };

    // Messages without reply.
    void Note(JupyterRequest request)
    {
        switch (request.Type)
        {
            case "comm_open":
                // No comm targets here: the specification asks to close such a comm at once.
                sockets.Publish(request, "comm_close", new JsonObject { ["comm_id"] = request.Text("comm_id"), ["data"] = new JsonObject() });
                break;
            case "comm_msg" or "comm_close":
                break;
            default:
                log($"A message of the unknown type \"{request.Type}\" was ignored.");
                break;
        }
    }

    INotebookSession Session => session.GetAwaiter().GetResult();

    JsonObject InterruptReply()
    {
        Interrupt();
        return Replies.Ok();
    }

    JsonObject ShutdownReply(JupyterRequest request)
    {
        var reply = Replies.Ok(("restart", request.Flag("restart", absent: false)));
        // Other front ends of this kernel hear of it too.
        sockets.Publish(request, "shutdown_reply", reply.DeepClone().AsObject());
        return reply;
    }

    // The Debug Adapter Protocol's way to say no.
    static JsonObject DebugReply(JupyterRequest request) => new()
    {
        ["type"] = "response",
        ["seq"] = 0,
        ["request_seq"] = request.Number("seq") ?? 0,
        ["command"] = request.Text("command"),
        ["success"] = false,
        ["message"] = "This kernel has no debugger: attach one to the process of the kernel instead.",
        ["body"] = new JsonObject(),
    };

    void Status(JupyterRequest request, string state) => sockets.Publish(request, "status", new JsonObject { ["execution_state"] = state });
}
