using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>The sockets of a kernel.</summary>
public enum KernelChannel { Shell, Control, IOPub, Stdin }

/// <summary>A message from a front end whose signature was right.</summary>
/// <param name="Channel">Where it came in, and where its reply goes.</param>
/// <param name="Identities">ZeroMQ's routing prefix: who asked.</param>
/// <param name="Header">Its header.</param>
/// <param name="HeaderJson">The header as received, which becomes the parent header of everything that answers it.</param>
/// <param name="Content">What is asked.</param>
public sealed record JupyterRequest(
    KernelChannel Channel, IReadOnlyList<byte[]> Identities, JsonObject Header, byte[] HeaderJson, JsonObject Content)
{
    /// <summary>The message type, such as "execute_request".</summary>
    public string Type { get; } = Text(Header, "msg_type");

    /// <summary>Position among all received messages of its channel.</summary>
    public long Sequence { get; init; }

    /// <summary>A string of the content; empty if it is absent or not a string.</summary>
    public string Text(string name) => Text(Content, name);

    /// <summary>A truth value of the content.</summary>
    public bool Flag(string name, bool absent) => Content[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : absent;

    /// <summary>A whole number of the content.</summary>
    public int? Number(string name) =>
        Content[name] is not JsonValue value ? null
        : value.TryGetValue(out int number) ? number
        : value.TryGetValue(out double real) ? (int)real
        : null;

    static string Text(JsonObject owner, string name) => owner[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
