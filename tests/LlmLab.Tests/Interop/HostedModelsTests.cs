using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using LlmLab.Interop;
using LlmLab.Retrieval.Embeddings;
using Microsoft.Extensions.AI;

namespace LlmLab.Tests.Interop;

/// <summary>Against a stand-in that takes and gives what OpenAI's reference documents. The environment is the process's: one test at a time.</summary>
[Collection(nameof(HostedModelsTests))]
[CollectionDefinition(nameof(HostedModelsTests), DisableParallelization = true)]
public sealed class HostedModelsTests : IDisposable
{
    readonly (string Name, string? Value)[] before = [.. new[] { "OPENAI_API_KEY", "OPENAI_BASE_URL" }.Select(name => (name, Environment.GetEnvironmentVariable(name)))];

    public HostedModelsTests() => Set("key", "http://127.0.0.1:9/v1");

    public void Dispose()
    {
        foreach (var (name, value) in before) Environment.SetEnvironmentVariable(name, value);
    }

    static void Set(string? key, string? address)
    {
        Environment.SetEnvironmentVariable("OPENAI_API_KEY", key);
        Environment.SetEnvironmentVariable("OPENAI_BASE_URL", address);
    }

    sealed class Server(HttpStatusCode status, string answer) : HttpMessageHandler
    {
        public HttpRequestMessage? Request { get; private set; }
        public JsonNode? Body { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (Request, Body) = (request, JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken)));
            return new HttpResponseMessage(status) { Content = new StringContent(answer, Encoding.UTF8, "application/json") };
        }
    }

    [Fact]
    public async Task Embeddings_TwoTexts_AsksAndReadsAsDocumented()
    {
        string vector = Convert.ToBase64String([.. BitConverter.GetBytes(0.5f), .. BitConverter.GetBytes(-1f)]);   // the client asks for base64
        var server = new Server(HttpStatusCode.OK, $$"""{"object":"list","data":[{"object":"embedding","index":0,"embedding":"{{vector}}"},{"object":"embedding","index":1,"embedding":"{{vector}}"}],"model":"small","usage":{"prompt_tokens":7,"total_tokens":7} }""");
        using var model = HostedModels.Embeddings("small", server);
        var made = await model.GenerateAsync(["one", "two"], EmbeddingRole.Query, TestContext.Current.CancellationToken);
        Assert.Equal([0.5f, -1f], made[1].Vector.ToArray());
        Assert.Equal(7, made.Usage!.InputTokenCount);
        Assert.Equal("/v1/embeddings", server.Request!.RequestUri!.AbsolutePath);
        Assert.Equal("Bearer key", server.Request.Headers.Authorization!.ToString());
        Assert.Equal(["one", "two"], server.Body!["input"]!.AsArray().Select(text => (string)text!));
        Assert.Equal("small", EmbeddingModelInfo.Of(model).Name);
    }

    [Fact]
    public async Task Chat_AQuestion_GivesTheAnswer()
    {
        var server = new Server(HttpStatusCode.OK, """{"id":"1","object":"chat.completion","created":1,"model":"large","choices":[{"index":0,"message":{"role":"assistant","content":"Yara [1]","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5} }""");
        using var chat = HostedModels.Chat("large", server);
        Assert.Equal("Yara [1]", (await chat.GetResponseAsync("Who leads?", cancellationToken: TestContext.Current.CancellationToken)).Text);
        Assert.Equal("/v1/chat/completions", server.Request!.RequestUri!.AbsolutePath);
        Assert.Equal("large", (string?)server.Body!["model"]);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "OPENAI_API_KEY")]
    [InlineData(HttpStatusCode.NotFound, "the model's name")]
    [InlineData(HttpStatusCode.TooManyRequests, "HTTP 429")]
    public async Task GenerateAsync_ServerThatRefuses_OneSentence(HttpStatusCode status, string expected)
    {
        using var model = HostedModels.Embeddings("small", new Server(status, """{"error":{"message":"no","type":"x","code":null} }"""));
        using var chat = HostedModels.Chat("small", new Server(status, """{"error":{"message":"no","type":"x","code":null} }"""));
        var cancel = TestContext.Current.CancellationToken;
        Assert.Contains(expected, (await Assert.ThrowsAsync<InvalidInputException>(() => model.GenerateAsync(["one"], cancellationToken: cancel))).Message);
        Assert.Contains(expected, (await Assert.ThrowsAsync<InvalidInputException>(() => chat.GetResponseAsync("one", cancellationToken: cancel))).Message);
        Assert.Contains(expected, (await Assert.ThrowsAsync<InvalidInputException>(async () => { await foreach (var _ in chat.GetStreamingResponseAsync("one", cancellationToken: cancel)) { } })).Message);
    }

    [Fact]
    public async Task GenerateAsync_NobodyListens_SaysWhere()
    {
        Set(null, "http://127.0.0.1:1/v1");   // no key: a server of one's own needs none
        using var model = HostedModels.Embeddings("small", new SocketsHttpHandler());
        Assert.Contains("127.0.0.1:1 does not answer", (await Assert.ThrowsAsync<InvalidInputException>(() => model.GenerateAsync(["one"], cancellationToken: TestContext.Current.CancellationToken))).Message);
    }

    [Theory]
    [InlineData(null, null, "small", "OPENAI_API_KEY")]
    [InlineData(null, "localhost", "small", "\"localhost\"")]
    [InlineData("key", null, "", "openai:NAME")]
    public void Open_NoKeyOrNoAddressOrNoName_SaysWhatToDo(string? key, string? address, string model, string expected)
    {
        Set(key, address);
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => EmbeddingModels.Open("openai:" + model)).Message);
    }
}
