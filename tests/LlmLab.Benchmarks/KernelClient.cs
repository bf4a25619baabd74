using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using LlmLab.Notebooks.Jupyter;
using NetMQ;
using NetMQ.Sockets;

namespace LlmLab.Benchmarks;

/// <summary>A kernel in a process of its own, driven over the wire: the same client for every kernel that is compared.</summary>
sealed class KernelClient : IDisposable
{
    static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    readonly string file = Path.GetTempFileName();
    readonly WireFormat wire;
    readonly DealerSocket shell = new(), control = new();
    readonly SubscriberSocket iopub = new();
    readonly Process process;

    /// <summary>Starts the process; sockets wait for it.</summary>
    /// <param name="arguments">Program and arguments; "{connection_file}" stands for the file.</param>
    public KernelClient(IReadOnlyList<string> arguments)
    {
        int[] ports = FreePorts();
        string key = Guid.NewGuid().ToString();
        wire = new WireFormat(new MessageSigner(key));
        File.WriteAllText(file, new JsonObject
        {
            ["transport"] = "tcp",
            ["ip"] = "127.0.0.1",
            ["key"] = key,
            ["signature_scheme"] = "hmac-sha256",
            ["shell_port"] = ports[0],
            ["control_port"] = ports[1],
            ["iopub_port"] = ports[2],
            ["stdin_port"] = ports[3],
            ["hb_port"] = ports[4],
        }.ToJsonString());
        iopub.SubscribeToAnyTopic();
        iopub.Options.ReceiveHighWatermark = 0;
        StartedAt = Stopwatch.GetTimestamp();
        process = Process.Start(new ProcessStartInfo(arguments[0], arguments.Skip(1).Select(argument => argument == "{connection_file}" ? file : argument))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        foreach (var (socket, port) in new (NetMQSocket, int)[] { (shell, ports[0]), (control, ports[1]), (iopub, ports[2]) })
        {
            socket.Options.ReconnectInterval = TimeSpan.FromMilliseconds(5);
            socket.Connect($"tcp://127.0.0.1:{port}");
        }
    }

    public long StartedAt { get; }

    /// <summary>Runs a cell until its reply came.</summary>
    public void Run(string code)
    {
        Send(shell, "execute_request", Request(code));
        Check(Receive(shell).Message, code);
    }

    /// <summary>Waits until output arrives: a subscription takes effect some time after the connection.</summary>
    public void WaitForOutput(string code)
    {
        do Send(shell, "execute_request", Request(code));
        while (TryReceive(iopub, TimeSpan.FromMilliseconds(200)) is null);
        Drain();
    }

    /// <summary>Runs a cell until it is idle.</summary>
    /// <returns>What it printed, and its trailing value.</returns>
    public (string Text, string? Value) RunToIdle(string code)
    {
        string id = Send(shell, "execute_request", Request(code));
        var text = new System.Text.StringBuilder();
        string? value = null;
        while (true)
        {
            var (message, parent) = Receive(iopub);
            if (parent != id) continue;
            if (message.Type == "stream") text.Append(message.Text("text"));
            else if (message.Type == "execute_result") value = (string?)message.Content["data"]!["text/plain"];
            else if (message.Type == "status" && message.Text("execution_state") == "idle") break;
        }
        Check(Receive(shell).Message, code);
        return (text.ToString(), value);
    }

    public void Dispose()
    {
        Send(control, "shutdown_request", new JsonObject { ["restart"] = false });
        if (!process.WaitForExit(5000)) process.Kill(entireProcessTree: true);
        process.Dispose();
        foreach (var socket in new NetMQSocket[] { shell, control, iopub }) socket.Dispose();
        File.Delete(file);
    }

    void Drain()
    {
        while (TryReceive(iopub, TimeSpan.FromMilliseconds(200)) is not null) { }
        while (TryReceive(shell, TimeSpan.Zero) is not null) { }
    }

    static JsonObject Request(string code) => new()
    {
        ["code"] = code,
        ["silent"] = false,
        ["store_history"] = true,
        ["user_expressions"] = new JsonObject(),
        ["allow_stdin"] = false,
        ["stop_on_error"] = true,
    };

    string Send(NetMQSocket socket, string type, JsonObject content)
    {
        var frames = wire.Encode([], type, null, content);
        socket.SendMultipartBytes(frames);
        return (string)JsonNode.Parse(frames[2])!["msg_id"]!;
    }

    (JupyterRequest Message, string Parent) Receive(NetMQSocket socket) =>
        TryReceive(socket, patience) ?? throw new TimeoutException($"no message from {process.StartInfo.FileName}");

    (JupyterRequest Message, string Parent)? TryReceive(NetMQSocket socket, TimeSpan timeout)
    {
        NetMQMessage? message = null;
        if (!socket.TryReceiveMultipartMessage(timeout, ref message)) return null;
        byte[][] frames = [.. message.Select(frame => frame.ToByteArray())];
        var (decoded, problem) = wire.Decode(KernelChannel.Shell, frames);
        if (decoded is null) throw new InvalidDataException(problem);
        var parent = JsonNode.Parse(frames[decoded.Identities.Count + 3])!;
        return (decoded, (string?)parent["msg_id"] ?? "");
    }

    static void Check(JupyterRequest reply, string code)
    {
        if (reply.Text("status") != "ok") throw new InvalidDataException($"{code}: {reply.Content.ToJsonString()}");
    }

    static int[] FreePorts()
    {
        var listeners = Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (var listener in listeners) listener.Stop();
        return ports;
    }
}
