using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace LlmLab.Cli.Tests;

/// <summary>
/// A server on this machine with two of the requests that OpenAI's reference documents: embeddings (a number for each of a few words) and chat
/// (always the same answer).
/// </summary>
sealed class OpenAIServer : IAsyncDisposable
{
    static readonly string[] words = ["pump", "hall", "valve", "station"];
    readonly HttpListener listener = new();
    readonly Task serving;

    public OpenAIServer()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/v1";
        }
        listener.Prefixes.Add(Address + "/");
        listener.Start();
        serving = ServeAsync();
    }

    public string Address { get; }

    /// <summary>The last message that the chat model was sent.</summary>
    public string LastPrompt { get; private set; } = "";

    async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;   // stopped
            }
            var body = await JsonNode.ParseAsync(context.Request.InputStream);
            var answer = context.Request.Url!.AbsolutePath switch
            {
                "/v1/embeddings" => Embeddings(body!),
                "/v1/chat/completions" => Chat(body!),
                _ => null,
            };
            context.Response.StatusCode = answer is null ? 404 : 200;
            context.Response.ContentType = "application/json";
            using (var writer = new StreamWriter(context.Response.OutputStream)) await writer.WriteAsync((answer ?? new JsonObject()).ToJsonString());
            context.Response.Close();
        }
    }

    static JsonObject Embeddings(JsonNode body)
    {
        string[] texts = body["input"] is JsonArray many ? [.. many.Select(text => (string)text!)] : [(string)body["input"]!];
        return new JsonObject
        {
            ["object"] = "list",
            ["model"] = (string)body["model"]!,
            ["data"] = new JsonArray([.. texts.Select((text, i) => new JsonObject { ["object"] = "embedding", ["index"] = i, ["embedding"] = Vector(text, (string?)body["encoding_format"] == "base64") })]),
            ["usage"] = new JsonObject { ["prompt_tokens"] = texts.Length, ["total_tokens"] = texts.Length },
        };
    }

    static JsonNode Vector(string text, bool packed)
    {
        float[] vector = [1, .. words.Select(word => text.Contains(word, StringComparison.OrdinalIgnoreCase) ? 1f : 0)];
        return packed ? JsonValue.Create(Convert.ToBase64String([.. vector.SelectMany(BitConverter.GetBytes)])) : new JsonArray([.. vector.Select(x => JsonValue.Create(x))]);
    }

    JsonObject Chat(JsonNode body)
    {
        var content = body["messages"]!.AsArray()[^1]!["content"]!;
        LastPrompt = content is JsonArray parts ? string.Concat(parts.Select(part => (string?)part!["text"])) : (string)content!;
        return new JsonObject
        {
            ["id"] = "1",
            ["object"] = "chat.completion",
            ["created"] = 1,
            ["model"] = (string)body["model"]!,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = "hall A [1]" }, ["finish_reason"] = "stop" }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 1, ["completion_tokens"] = 1, ["total_tokens"] = 2 },
        };
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
    }
}
