using System.Net;
using LlmLab.Retrieval.Stores;
using LlmLab.Retrieval.Stores.Remote;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Tests.Retrieval.Stores;

public sealed class QdrantStoreTests : StoreConformance
{
    readonly FakeQdrantServer server = new();

    protected override Store Open(VectorStoreOptions options) => new QdrantStore("http://localhost:6333", "geheim", options, server);

    protected override bool ReturnsUnitVectors => true;

    [Fact]
    public async Task Key_InEveryRequest_IsAHeaderAndNothingElse()
    {
        await Filled();
        Assert.Equal("geheim", server.Headers["api-key"]);
        Assert.DoesNotContain(server.Requests, request => request.Path.Contains("geheim") || request.Body?.ToJsonString().Contains("geheim") == true);
    }

    [Fact]
    public async Task Requests_OfASearch_AreInTheDocumentedForm()
    {
        var notes = await Filled();
        await notes.SearchAsync(new float[] { 1, 0, 0 }, 2, new VectorSearchOptions<Note> { Filter = note => note.Project == "Atlas" && note.Pages > 1 }, Token).ToListAsync(Token);
        var (method, path, body) = server.Requests[^1];
        Assert.Equal(("POST", $"/collections/{CollectionName}/points/query"), (method, path));
        Assert.Equal("""{"query":[1,0,0],"using":"Vector","limit":2,"with_payload":true,"with_vector":false,"filter":{"must":[{"key":"Project","match":{"value":"Atlas"}},{"key":"Pages","range":{"gt":1}}]}}""", body!.ToJsonString());
    }

    [Fact]
    public async Task Server_BusyTwice_IsAskedAgain()
    {
        var notes = await Filled(new VectorStoreOptions { Retry = Patient() });
        server.Failures.Enqueue(HttpStatusCode.ServiceUnavailable);
        server.Failures.Enqueue(HttpStatusCode.TooManyRequests);
        Assert.NotNull(await notes.GetAsync("a", cancellationToken: Token));
    }

    [Fact]
    public async Task Server_Down_IsNamedAfterTheTries()
    {
        using var store = Open(new VectorStoreOptions { Retry = Patient() });
        for (int i = 0; i < 3; i++) server.Failures.Enqueue(HttpStatusCode.BadGateway);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => store.CollectionExistsAsync("any", Token));
        Assert.Contains("qdrant at http://localhost:6333 did not answer in 3 tries", error.Message);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Server_RefusesTheKey_IsNotAskedAgain()
    {
        using var store = Open(new VectorStoreOptions { Retry = Patient() });
        server.Failures.Enqueue(HttpStatusCode.Forbidden);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => store.CollectionExistsAsync("any", Token));
        Assert.Contains("QDRANT_API_KEY", error.Message);
        Assert.DoesNotContain("geheim", error.ToString());
        Assert.Single(server.Requests);
    }

    static RetryPolicy Patient() => new(3, TimeSpan.FromSeconds(1)) { Delay = (_, _) => Task.CompletedTask };
}
