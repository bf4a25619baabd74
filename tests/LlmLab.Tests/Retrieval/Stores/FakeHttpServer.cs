using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace LlmLab.Tests.Retrieval.Stores;

/// <summary>
/// Stands in for a store's server: takes requests in the documented form only (anything else is answered by 400, so that a test fails) and answers in
/// the documented form.
/// </summary>
abstract class FakeHttpServer : HttpMessageHandler
{
    /// <summary>Method, path with query, and body of each request so far.</summary>
    public List<(string Method, string Path, JsonNode? Body)> Requests { get; } = [];

    /// <summary>Headers of the last request.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The host of the last request.</summary>
    public string Host { get; private set; } = "";

    /// <summary>Answers to give before the server comes to itself.</summary>
    public Queue<HttpStatusCode> Failures { get; } = new();

    /// <summary>The answer to a request; throws <see cref="UndocumentedException"/> for one that is not documented.</summary>
    protected abstract (HttpStatusCode, JsonNode?) Answer(string method, string path, IReadOnlyList<(string Name, string Value)> query, JsonNode? body);

    protected static (HttpStatusCode, JsonNode?) Ok(JsonNode? body) => (HttpStatusCode.OK, body);

    protected static (HttpStatusCode, JsonNode?) NotFound() => (HttpStatusCode.NotFound, new JsonObject { ["status"] = "not found" });

    /// <summary>Refuses a body with members that are not among those named; those with an exclamation mark must be there.</summary>
    protected static JsonObject Members(JsonNode? body, params string[] names)
    {
        var members = body as JsonObject ?? throw new UndocumentedException($"expected an object, found {body?.ToJsonString()}");
        foreach (var (name, _) in members)
            if (!names.Contains(name) && !names.Contains(name + "!")) throw new UndocumentedException($"unknown member {name}");
        foreach (string name in names)
            if (name.EndsWith('!') && !members.ContainsKey(name[..^1])) throw new UndocumentedException($"missing member {name}");
        return members;
    }

    protected sealed override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string? text = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        if (text is not null) Assert.Equal("application/json", request.Content!.Headers.ContentType!.MediaType);
        var body = text is null ? null : JsonNode.Parse(text);
        Requests.Add((request.Method.Method, request.RequestUri!.PathAndQuery, body));
        Host = request.RequestUri.Host;
        Headers.Clear();
        foreach (var (name, values) in request.Headers) Headers[name] = string.Join(", ", values);
        var (status, answer) = Failures.TryDequeue(out var failure) ? (failure, new JsonObject { ["error"] = "busy" }) : Documented(request, body);
        return new HttpResponseMessage(status) { Content = new StringContent(answer?.ToJsonString() ?? "", Encoding.UTF8, "application/json") };
    }

    (HttpStatusCode, JsonNode?) Documented(HttpRequestMessage request, JsonNode? body)
    {
        try
        {
            var query = request.RequestUri!.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(part => (Uri.UnescapeDataString(part.Split('=')[0]), Uri.UnescapeDataString(part.Split('=')[1]))).ToList();
            return Answer(request.Method.Method, Uri.UnescapeDataString(request.RequestUri.AbsolutePath), query, body);
        }
        catch (UndocumentedException problem)
        {
            return (HttpStatusCode.BadRequest, new JsonObject { ["error"] = problem.Message });
        }
    }

    public sealed class UndocumentedException(string message) : Exception(message);
}

/// <summary>Closeness of vectors as each server computes it.</summary>
static class FakeSimilarity
{
    public static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
    public static double Cosine(float[] a, float[] b) => Dot(a, a) * Dot(b, b) is var norms && norms > 0 ? Dot(a, b) / Math.Sqrt(norms) : 0;
    public static double SquaredDistance(float[] a, float[] b) => a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum();
    public static float[] Floats(JsonNode? array) => [.. array!.AsArray().Select(number => number!.GetValue<float>())];
}
