using System.Text.Json;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>
/// What a front end tells a kernel it starts: addresses, ports and the key that signs messages
/// (Jupyter's <see href="https://jupyter-client.readthedocs.io/en/latest/kernels.html#connection-files">connection file</see>).
/// </summary>
/// <param name="Ip">Address of the interface to listen on, or "*".</param>
/// <param name="ShellPort">Requests that run code or ask about it.</param>
/// <param name="ControlPort">Requests that must not wait for a running cell.</param>
/// <param name="IOPubPort">Output, to everyone who listens.</param>
/// <param name="StdinPort">Questions to the user.</param>
/// <param name="HeartbeatPort">Echo.</param>
/// <param name="Key">Signs and checks messages; empty for none.</param>
/// <param name="SignatureScheme">"hmac-" and the name of a hash, such as hmac-sha256.</param>
public sealed record ConnectionFile(
    string Ip, int ShellPort, int ControlPort, int IOPubPort, int StdinPort, int HeartbeatPort, string Key, string SignatureScheme)
{
    /// <summary>Reads a connection file.</summary>
    /// <exception cref="InvalidInputException">It is missing, malformed, or asks for what is not supported; the sentence says which.</exception>
    public static ConnectionFile Load(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InvalidInputException($"The connection file \"{path}\" can't be read ({e.Message}): a Jupyter front end writes it and passes its path.", e);
        }
        try
        {
            using var document = JsonDocument.Parse(text);
            return Parse(document.RootElement, path);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"The connection file \"{path}\" is not JSON (line {e.LineNumber + 1}): expected Jupyter's object with ip, key and five ports.", e);
        }
    }

    static ConnectionFile Parse(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"The connection file \"{path}\" holds a JSON {root.ValueKind.ToString().ToLowerInvariant()}: expected Jupyter's object with ip, key and five ports.");
        string transport = Text("transport", "tcp");
        if (transport != "tcp")
            throw new InvalidInputException($"The connection file \"{path}\" asks for transport \"{transport}\": this kernel supports tcp.");
        string scheme = Text("signature_scheme", "hmac-sha256");
        if (!MessageSigner.IsSupported(scheme))
            throw new InvalidInputException($"The connection file \"{path}\" asks for signature_scheme \"{scheme}\": this kernel supports hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha1 and hmac-md5.");
        return new ConnectionFile(
            Text("ip", "127.0.0.1"), Port("shell_port"), Port("control_port"), Port("iopub_port"), Port("stdin_port"), Port("hb_port"),
            Text("key", ""), scheme);

        string Text(string name, string absent)
        {
            if (!root.TryGetProperty(name, out var value)) return absent;
            return value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw new InvalidInputException($"The connection file \"{path}\" has {name} = {value.GetRawText()}: expected a string.");
        }

        int Port(string name)
        {
            if (!root.TryGetProperty(name, out var value))
                throw new InvalidInputException($"The connection file \"{path}\" has no {name}: expected ports for shell, control, iopub, stdin and hb.");
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int port) && port is > 0 and < 65536
                ? port
                : throw new InvalidInputException($"The connection file \"{path}\" has {name} = {value.GetRawText()}: expected a port from 1 to 65535.");
        }
    }

    /// <summary>The endpoint of a port.</summary>
    public string Endpoint(int port) => $"tcp://{(Ip is "0.0.0.0" or "*" ? "*" : Ip.Contains(':') && !Ip.StartsWith('[') ? $"[{Ip}]" : Ip)}:{port}";
}
