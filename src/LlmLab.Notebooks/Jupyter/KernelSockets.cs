using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using NetMQ;
using NetMQ.Sockets;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>
/// The five sockets of a kernel on one thread of their own, which never runs anything long: it answers heartbeats, checks and hands
/// over what comes in, and sends what is queued, in the order of the calls.
/// </summary>
public sealed class KernelSockets : IDisposable
{
    static readonly TimeSpan linger = TimeSpan.FromSeconds(1);

    readonly WireFormat wire;
    readonly Action<JupyterRequest> received;
    readonly Action<string> log;
    readonly RouterSocket shell = new(), control = new(), stdin = new(), heartbeat = new();
    readonly XPublisherSocket publisher = new();
    readonly NetMQQueue<(NetMQSocket Socket, IReadOnlyList<byte[]> Frames)> outgoing = new();
    readonly NetMQPoller poller;
    long sequence;

    /// <summary>Binds the sockets and starts to listen.</summary>
    /// <param name="connection">Where to listen.</param>
    /// <param name="wire">Takes messages apart and makes them.</param>
    /// <param name="received">Gets every message of shell, control and stdin; called on the sockets' thread, must not block.</param>
    /// <param name="log">Gets one sentence for each message that was dropped.</param>
    /// <exception cref="InvalidInputException">A port is taken, or the address is not of this machine.</exception>
    public KernelSockets(ConnectionFile connection, WireFormat wire, Action<JupyterRequest> received, Action<string> log)
    {
        (this.wire, this.received, this.log) = (wire, received, log);
        poller = new NetMQPoller { shell, control, stdin, heartbeat, publisher, outgoing };
        foreach (var (socket, name, port) in new (NetMQSocket, string, int)[]
        {
            (shell, "shell", connection.ShellPort), (control, "control", connection.ControlPort), (stdin, "stdin", connection.StdinPort),
            (heartbeat, "hb", connection.HeartbeatPort), (publisher, "iopub", connection.IOPubPort),
        })
        {
            // Nothing may be dropped, however fast a cell prints.
            socket.Options.SendHighWatermark = 0;
            socket.Options.ReceiveHighWatermark = 0;
            socket.Options.Linger = linger;
            // A front end that comes back under its old identity takes over from the connection that it lost.
            if (socket is RouterSocket router) router.Options.RouterHandover = true;
            Bind(socket, connection.Endpoint(port), name);
        }
        publisher.Options.XPubVerbose = true;
        shell.ReceiveReady += (_, _) => Receive(shell, KernelChannel.Shell);
        control.ReceiveReady += (_, _) => Receive(control, KernelChannel.Control);
        stdin.ReceiveReady += (_, _) => Receive(stdin, KernelChannel.Stdin);
        heartbeat.ReceiveReady += (_, _) => Echo();
        publisher.ReceiveReady += (_, _) => Welcome();
        outgoing.ReceiveReady += (_, _) => SendQueued();
        poller.RunAsync("LlmLab kernel sockets");
    }

    /// <summary>Queues a reply or question to whoever made a request.</summary>
    public void Send(KernelChannel channel, JupyterRequest request, string type, JsonObject content) =>
        outgoing.Enqueue((Socket(channel), wire.Encode(request.Identities, type, request.HeaderJson, content)));

    /// <summary>Queues output for everyone who listens.</summary>
    public void Publish(JupyterRequest? parent, string type, JsonObject content) =>
        outgoing.Enqueue((publisher, wire.Encode([Encoding.ASCII.GetBytes(type)], type, parent?.HeaderJson, content)));

    /// <summary>Takes in all that has arrived on shell by now.</summary>
    /// <returns>Sequence number of the last message.</returns>
    public long DrainShell()
    {
        var drain = new Task<long>(() =>
        {
            Receive(shell, KernelChannel.Shell);
            return sequence;
        });
        drain.Start(poller);
        return drain.GetAwaiter().GetResult();
    }

    /// <summary>Sends what is queued, and closes.</summary>
    public void Dispose()
    {
        using var flushed = new ManualResetEventSlim();
        var flush = new Task(SendQueued);
        flush.Start(poller);
        flush.Wait(linger);
        poller.Stop();
        poller.Dispose();
        foreach (var socket in new NetMQSocket[] { shell, control, stdin, heartbeat, publisher }) socket.Dispose();
        outgoing.Dispose();
    }

    void Receive(RouterSocket socket, KernelChannel channel)
    {
        NetMQMessage? message = null;
        while (socket.TryReceiveMultipartMessage(TimeSpan.Zero, ref message))
        {
            var (request, problem) = wire.Decode(channel, [.. message.Select(frame => frame.ToByteArray())]);
            if (request is null) log($"A message on {channel} was dropped: {problem}.");
            else received(request with { Sequence = channel == KernelChannel.Shell ? ++sequence : 0 });
        }
    }

    void Echo()
    {
        NetMQMessage? message = null;
        while (heartbeat.TryReceiveMultipartMessage(TimeSpan.Zero, ref message)) heartbeat.TrySendMultipartMessage(message);
    }

    // Tells a new listener that it is heard: protocol 5.4's iopub_welcome.
    void Welcome()
    {
        while (publisher.TryReceiveFrameBytes(TimeSpan.Zero, out byte[]? subscription))
        {
            if (subscription is not [1, .. var topic]) continue;
            var content = new JsonObject { ["subscription"] = Encoding.UTF8.GetString(topic) };
            publisher.TrySendMultipartBytes(TimeSpan.Zero, wire.Encode([topic], "iopub_welcome", null, content));
        }
    }

    void SendQueued()
    {
        while (outgoing.TryDequeue(out var message, TimeSpan.Zero)) message.Socket.TrySendMultipartBytes(TimeSpan.Zero, message.Frames);
    }

    NetMQSocket Socket(KernelChannel channel) => channel switch
    {
        KernelChannel.Shell => shell,
        KernelChannel.Control => control,
        KernelChannel.Stdin => stdin,
        _ => publisher,
    };

    static void Bind(NetMQSocket socket, string endpoint, string name)
    {
        try
        {
            socket.Bind(endpoint);
        }
        catch (Exception e) when (e is NetMQException or System.Net.Sockets.SocketException)
        {
            throw new InvalidInputException($"The kernel can't listen on {endpoint} ({name}): {e.Message.TrimEnd('.')}; is the port taken by another program?", e);
        }
    }
}
