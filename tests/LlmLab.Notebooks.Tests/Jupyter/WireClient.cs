using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmLab.Notebooks.Jupyter;
using NetMQ;
using NetMQ.Sockets;

namespace LlmLab.Notebooks.Tests.Jupyter;

/// <summary>A message as a front end sees it.</summary>
sealed record Message(JsonObject Header, JsonObject Parent, JsonObject Content)
{
    public string Type => (string)Header["msg_type"]!;

    public string ParentId => (string?)Parent["msg_id"] ?? "";
}

/// <summary>A front end with its own framing and signing, connected to a kernel in this process.</summary>
sealed class WireClient : IDisposable
{
    public const string Key = "a0436f6c-1916-498b-8eb9-e81ab9368e84";
    static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    readonly string key;
    readonly DealerSocket shell = new(), control = new(), stdin = new(), heartbeat = new();
    readonly SubscriberSocket iopub = new();

    public WireClient(string key = Key)
    {
        this.key = key;
        int[] ports = FreePorts(5);
        Kernel = new JupyterKernel(
            new ConnectionFile("127.0.0.1", ports[0], ports[1], ports[2], ports[3], ports[4], key, "hmac-sha256"), () => Session, Log.Add);
        foreach (var (socket, port) in new (NetMQSocket, int)[] { (shell, ports[0]), (control, ports[1]), (iopub, ports[2]), (stdin, ports[3]), (heartbeat, ports[4]) })
        {
            // Shell and stdin share an identity: a question goes back to whoever ran the cell.
            if (socket is DealerSocket) socket.Options.Identity = Encoding.ASCII.GetBytes("client");
            socket.Connect($"tcp://127.0.0.1:{port}");
        }
        iopub.SubscribeToAnyTopic();
        while (Published().Type != "iopub_welcome") { }
    }

    public FakeSession Session { get; } = new();

    public JupyterKernel Kernel { get; }

    public List<string> Log { get; } = [];

    /// <summary>Sends a request on shell and returns its id.</summary>
    public string Send(string type, JsonObject content, bool onControl = false, string? signature = null, string? id = null)
    {
        id ??= Guid.NewGuid().ToString();
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(new { msg_id = id, session = "s", username = "test", date = "2026-01-01T00:00:00Z", msg_type = type, version = "5.4" });
        byte[] body = Encoding.UTF8.GetBytes(content.ToJsonString());
        byte[] parts = [.. header, .. "{}{}"u8, .. body];
        signature ??= key.Length == 0 ? "" : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), parts));
        (onControl ? control : shell).SendMultipartBytes("<IDS|MSG>"u8.ToArray(), Encoding.ASCII.GetBytes(signature), header, "{}"u8.ToArray(), "{}"u8.ToArray(), body);
        return id;
    }

    public Message Reply(bool onControl = false) => Receive(onControl ? control : shell);

    public Message Published() => Receive(iopub);

    public Message Question() => Receive(stdin);

    public void AnswerInput(string value)
    {
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(new { msg_id = Guid.NewGuid().ToString(), msg_type = "input_reply", version = "5.4" });
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new { value });
        byte[] parts = [.. header, .. "{}{}"u8, .. body];
        stdin.SendMultipartBytes("<IDS|MSG>"u8.ToArray(), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), parts))),
            header, "{}"u8.ToArray(), "{}"u8.ToArray(), body);
    }

    public byte[] Beat(byte[] payload)
    {
        heartbeat.SendMultipartBytes([], payload);
        NetMQMessage? message = null;
        Assert.True(heartbeat.TryReceiveMultipartMessage(patience, ref message), "no heartbeat");
        return message.Last.ToByteArray();
    }

    /// <summary>All that is published for a request, until it is idle; "busy" first and "idle" last are checked and left out.</summary>
    public List<Message> OutputsOf(string id)
    {
        var outputs = new List<Message>();
        while (true)
        {
            var message = Published();
            if (message.ParentId != id) continue;
            if (message.Type == "status" && (string?)message.Content["execution_state"] == "idle") break;
            outputs.Add(message);
        }
        Assert.Equal("busy", (string?)outputs[0].Content["execution_state"]);
        return outputs[1..];
    }

    public Message Ask(string type, JsonObject content)
    {
        string id = Send(type, content);
        var reply = Reply();
        Assert.Equal(id, reply.ParentId);
        return reply;
    }

    public (Message Reply, List<Message> Outputs) Execute(string code)
    {
        string id = Send("execute_request", new JsonObject { ["code"] = code });
        return (Reply(), OutputsOf(id));
    }

    public void Dispose()
    {
        foreach (var socket in new NetMQSocket[] { shell, control, stdin, heartbeat, iopub }) socket.Dispose();
        Kernel.Dispose();
    }

    Message Receive(NetMQSocket socket)
    {
        NetMQMessage? message = null;
        Assert.True(socket.TryReceiveMultipartMessage(patience, ref message), "no message");
        byte[][] frames = [.. message.Select(frame => frame.ToByteArray())];
        int at = Array.FindIndex(frames, frame => frame.AsSpan().SequenceEqual("<IDS|MSG>"u8));
        if (key.Length > 0)
        {
            byte[] parts = [.. frames[at + 2], .. frames[at + 3], .. frames[at + 4], .. frames[at + 5]];
            Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), parts)), Encoding.ASCII.GetString(frames[at + 1]));
        }
        return new Message(Parse(frames[at + 2]), Parse(frames[at + 3]), Parse(frames[at + 5]));
    }

    static JsonObject Parse(byte[] json) => JsonNode.Parse(json)!.AsObject();

    static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (var listener in listeners) listener.Stop();
        return ports;
    }
}
