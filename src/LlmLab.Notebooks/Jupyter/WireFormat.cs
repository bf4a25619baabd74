using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>
/// Jupyter's <see href="https://jupyter-client.readthedocs.io/en/latest/messaging.html#the-wire-protocol">wire protocol</see>:
/// identities, delimiter, signature, header, parent header, metadata, content, each one ZeroMQ frame.
/// </summary>
public sealed class WireFormat(MessageSigner signer)
{
    /// <summary>Version of the messaging protocol.</summary>
    public const string ProtocolVersion = "5.4";

    static readonly byte[] delimiter = "<IDS|MSG>"u8.ToArray();
    static readonly byte[] empty = "{}"u8.ToArray();
    static readonly JsonWriterOptions relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly string session = Guid.NewGuid().ToString();

    /// <summary>Takes a received message apart.</summary>
    /// <returns>The request, or null and the reason for which the message is dropped.</returns>
    public (JupyterRequest? Request, string Problem) Decode(KernelChannel channel, IReadOnlyList<byte[]> frames)
    {
        int at = 0;
        while (at < frames.Count && !frames[at].AsSpan().SequenceEqual(delimiter)) at++;
        if (frames.Count < at + 6) return (null, "it lacks frames");
        byte[] header = frames[at + 2], parent = frames[at + 3], metadata = frames[at + 4], content = frames[at + 5];
        if (signer.Reject(frames[at + 1], header, parent, metadata, content) is { } reason) return (null, reason);
        try
        {
            if (JsonNode.Parse(header) is not JsonObject headerObject || JsonNode.Parse(content) is not JsonObject contentObject)
                return (null, "its header or content is no JSON object");
            return (new JupyterRequest(channel, [.. frames.Take(at)], headerObject, header, contentObject), "");
        }
        catch (JsonException e)
        {
            return (null, "its JSON is malformed: " + e.Message);
        }
        catch (ArgumentException e)
        {
            return (null, "its JSON repeats a name: " + e.Message);
        }
    }

    /// <summary>Makes the frames of a message.</summary>
    /// <param name="prefix">The identities for which it is meant, or the topic under which it is published.</param>
    /// <param name="type">The message type.</param>
    /// <param name="parentHeaderJson">Header of the request that this answers, or null.</param>
    /// <param name="content">The content.</param>
    public IReadOnlyList<byte[]> Encode(IReadOnlyList<byte[]> prefix, string type, byte[]? parentHeaderJson, JsonObject content)
    {
        byte[] header = Write(new JsonObject
        {
            ["msg_id"] = Guid.NewGuid().ToString(),
            ["session"] = session,
            ["username"] = "kernel",
            ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            ["msg_type"] = type,
            ["version"] = ProtocolVersion,
        });
        byte[] parent = parentHeaderJson ?? empty, body = Write(content);
        return [.. prefix, delimiter, Encoding.ASCII.GetBytes(signer.Sign(header, parent, empty, body)), header, parent, empty, body];
    }

    static byte[] Write(JsonObject value)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, relaxed)) value.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
