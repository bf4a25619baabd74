using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>A store's HTTP answer that is no success. It holds what the server said, never what was sent.</summary>
sealed class HttpApiException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status => status;

    /// <summary>Whether the same request may succeed later: the server is busy, restarting or behind a gateway that lost it.</summary>
    public bool IsTransient => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500 && status != HttpStatusCode.NotImplemented;
}

/// <summary>JSON over HTTP, with the store's key in a header that appears in no message.</summary>
sealed class HttpApi : IDisposable
{
    const int LongestMessage = 300;
    static readonly JsonSerializerOptions relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    readonly HttpClient client;

    /// <param name="headers">Sent with every request; those without a value are left out.</param>
    /// <param name="handler">Answers instead of the network; for tests.</param>
    public HttpApi(Uri address, IEnumerable<(string Name, string? Value)> headers, HttpMessageHandler? handler = null)
    {
        client = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        foreach (var (name, value) in headers)
            if (value is { Length: > 0 } && !client.DefaultRequestHeaders.TryAddWithoutValidation(name, value))
                throw new InvalidInputException($"The value for the header {name} cannot be sent: it holds characters that headers do not take.");
    }

    /// <summary>JSON as every store reads it, with letters as they are.</summary>
    public static string Text(JsonNode? node) => node?.ToJsonString(relaxed) ?? "null";

    /// <summary>Sends a request; null where the answer is 404, or has no body.</summary>
    /// <param name="path">Relative to the address, or a full address.</param>
    /// <exception cref="HttpApiException">The answer is another failure.</exception>
    public async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(Text(body), Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        string text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) throw new HttpApiException(response.StatusCode, $"{(int)response.StatusCode} {response.ReasonPhrase}: {(text.Length <= LongestMessage ? text : text[..LongestMessage] + "…")}");
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            throw new HttpApiException(HttpStatusCode.NotImplemented, "the answer is not JSON: is this the address of the store's API?");
        }
    }

    public void Dispose() => client.Dispose();
}
