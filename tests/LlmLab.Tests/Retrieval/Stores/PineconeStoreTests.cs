using LlmLab.Retrieval.Stores;
using LlmLab.Retrieval.Stores.Remote;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Tests.Retrieval.Stores;

public sealed class PineconeStoreTests : StoreConformance
{
    readonly FakePineconeServer server = new();

    protected override string CollectionName { get; } = "notes-" + Guid.NewGuid().ToString("N")[..12];

    protected override Store Open(VectorStoreOptions options) =>
        new PineconeStore("https://api.pinecone.io", "geheim", options with { Retry = options.Retry with { Delay = (_, _) => Task.CompletedTask } }, "aws", "us-east-1", server);

    [Fact]
    public async Task Requests_OfASearch_AreInTheDocumentedForm()
    {
        var notes = await Filled();
        await notes.SearchAsync(new float[] { 1, 0, 0 }, 2, new VectorSearchOptions<Note> { Filter = note => note.Project == "Atlas" && note.Pages > 1 }, Token).ToListAsync(Token);
        var (method, path, body) = server.Requests[^1];
        Assert.Equal(("POST", "/query"), (method, path));
        Assert.Equal("geheim", server.Headers["Api-Key"]);
        Assert.Equal("""{"vector":[1,0,0],"topK":2,"includeValues":false,"includeMetadata":true,"filter":{"$and":[{"Project":{"$eq":"Atlas"}},{"Pages":{"$gt":1}}]}}""", body!.ToJsonString());
    }

    [Fact]
    public void Name_ThatPineconeDoesNotTake_IsRefused() =>
        Assert.Contains("small letters", Assert.Throws<InvalidInputException>(() => Opened().GetCollection<string, Note>("My Notes")).Message);
}
