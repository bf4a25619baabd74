using LlmLab.Retrieval.Stores;
using LlmLab.Retrieval.Stores.Remote;
using Microsoft.Extensions.VectorData;
using MongoDB.Bson;

namespace LlmLab.Tests.Retrieval.Stores;

public sealed class MongoStoreTests : StoreConformance
{
    readonly FakeMongoServer server = new();

    protected override Store Open(VectorStoreOptions options) => new MongoStore($"mongodb://127.0.0.1:{server.Port}/llmlab?directConnection=true", options);

    public override void Dispose()
    {
        base.Dispose();
        server.Dispose();
    }

    [Fact]
    public async Task Command_OfASearch_IsInTheDocumentedForm()
    {
        var notes = await Filled();
        await notes.SearchAsync(new float[] { 1, 0, 0 }, 2, new VectorSearchOptions<Note> { Filter = note => note.Project == "Atlas" && note.Pages > 1 }, Token).ToListAsync(Token);
        var expected = BsonDocument.Parse("""{ "$vectorSearch": { "index": "llmlab_vectors", "path": "Vector", "queryVector": [1.0, 0.0, 0.0], "numCandidates": 100, "limit": 2, "filter": { "$and": [{ "Project": { "$eq": "Atlas" } }, { "Pages": { "$gt": 1 } }] } } }""");
        Assert.Equal(expected, server.Commands.Last(command => command.Contains("aggregate"))["pipeline"][0]);
    }

    [Fact]
    public async Task Store_ThatIsDown_IsNamedAfterTheTries()
    {
        var retry = new RetryPolicy(2, TimeSpan.FromSeconds(1)) { Delay = (_, _) => Task.CompletedTask };
        using var store = new MongoStore("mongodb://ann:geheim@127.0.0.1:1/llmlab?directConnection=true&serverSelectionTimeoutMS=50", new VectorStoreOptions { Retry = retry });
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => store.CollectionExistsAsync("any", Token));
        Assert.Contains("in 2 tries", error.Message);
        Assert.DoesNotContain("geheim", error.Message);
    }

    [Fact]
    public void Address_ThatCannotBeRead_IsRefusedWithoutRepeatingIt() =>
        Assert.DoesNotContain("geheim", Assert.Throws<InvalidInputException>(() => VectorStores.Open("mongodb+srv:ann:geheim@")).ToString());
}
