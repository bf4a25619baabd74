using LlmLab.Retrieval.Stores;
using LlmLab.Retrieval.Stores.Remote;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Tests.Retrieval.Stores;

public sealed class WeaviateStoreTests : StoreConformance
{
    readonly FakeWeaviateServer server = new();

    protected override Store Open(VectorStoreOptions options) => new WeaviateStore("http://localhost:8080", "geheim", options, server);

    [Fact]
    public async Task Requests_OfASearch_AreInTheDocumentedForm()
    {
        var notes = await Filled();
        await notes.SearchAsync(new float[] { 1, 0, 0.5f }, 2, new VectorSearchOptions<Note> { Filter = note => note.Project == "At\"las" && note.Pages > 1 }, Token).ToListAsync(Token);
        var (method, path, body) = server.Requests[^1];
        Assert.Equal(("POST", "/v1/graphql"), (method, path));
        Assert.Equal("Bearer geheim", server.Headers["Authorization"]);
        Assert.Equal($$"""{ Get { {{CollectionName}}(nearVector: {vector: [1, 0, 0.5]}, where: {operator: And, operands: [{operator: Equal, path: ["project"], valueText: "At\"las"}, {operator: GreaterThan, path: ["pages"], valueInt: 1}]}, limit: 2) { llmlabKey project pages revision cost draft written roles text _additional { distance } } } }""", body!["query"]!.GetValue<string>());
    }

    [Fact]
    public void Names_ThatWeaviateDoesNotTake_AreRefused()
    {
        Assert.Contains("capital letter", Assert.Throws<InvalidInputException>(() => Opened().GetCollection<string, Note>("notes")).Message);
        var definition = new VectorStoreCollectionDefinition { Properties = [new VectorStoreKeyProperty("key", typeof(string)), new VectorStoreDataProperty("Id", typeof(string)), new VectorStoreVectorProperty("v", typeof(float[]), 2)] };
        Assert.Contains("'Id'", Assert.Throws<InvalidInputException>(() => Opened().GetDynamicCollection("Notes", definition)).Message);
    }
}
