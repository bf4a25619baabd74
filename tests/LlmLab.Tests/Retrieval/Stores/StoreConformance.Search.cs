using LlmLab.Retrieval.Stores;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Tests.Retrieval.Stores;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Search_TopAndSkip_AreOneRanking()
    {
        var notes = await Filled();
        float[] query = [1, 0.1f, 0.05f];
        var all = await notes.SearchAsync(query, 5, cancellationToken: Token).ToListAsync(Token);
        Assert.Equal(["a", "b", "c", "d", "e"], all.Select(result => result.Record.Id));
        var part = await notes.SearchAsync(query, 2, new VectorSearchOptions<Note> { Skip = 1 }, Token).ToListAsync(Token);
        Assert.Equal(["b", "c"], part.Select(result => result.Record.Id));
        Assert.Empty(await notes.SearchAsync(query, 2, new VectorSearchOptions<Note> { Skip = 5 }, Token).ToListAsync(Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Search_IncludeVectors_DecidesWhetherTheyCome(bool include)
    {
        var notes = await Filled();
        var found = await notes.SearchAsync(new float[] { 0, 0, 1 }, 1, new VectorSearchOptions<Note> { IncludeVectors = include }, Token).ToListAsync(Token);
        Assert.Equal(include ? Returned([0, 0, 2]) : [], found[0].Record.Vector.ToArray());
        Assert.Equal(Properties(Note.Five()[3]), Properties(found[0].Record));
    }

    [Fact]
    public async Task Search_Threshold_CutsTheRanking()
    {
        var notes = await Filled();
        var found = await notes.SearchAsync(new float[] { 1, 0, 0 }, 5, new VectorSearchOptions<Note> { ScoreThreshold = 0.7 }, Token).ToListAsync(Token);
        Assert.Equal(["a", "b"], found.Select(result => result.Record.Id));
    }

    /// <summary>Functions that the store compares by; others are refused when the collection is had.</summary>
    protected virtual IReadOnlySet<string> SupportedFunctions { get; } = new HashSet<string>
    {
        DistanceFunction.CosineSimilarity, DistanceFunction.CosineDistance, DistanceFunction.DotProductSimilarity,
        DistanceFunction.NegativeDotProductSimilarity, DistanceFunction.EuclideanDistance, DistanceFunction.EuclideanSquaredDistance,
    };

    [Theory]
    [InlineData(DistanceFunction.CosineSimilarity, "slm", 1, 0.948683298, -1)]
    [InlineData(DistanceFunction.CosineDistance, "slm", 0, 0.051316702, 2)]
    [InlineData(DistanceFunction.DotProductSimilarity, "lsm", 6, 1, -2)]
    [InlineData(DistanceFunction.NegativeDotProductSimilarity, "lsm", -6, -1, 2)]
    [InlineData(DistanceFunction.EuclideanDistance, "sml", 0.707106781, 2.828427125, 3.16227766)]
    [InlineData(DistanceFunction.EuclideanSquaredDistance, "sml", 0.5, 8, 10)]
    public async Task Search_ByEachFunction_RanksAndScoresAsDefined(string function, string ranking, double first, double second, double third)
    {
        var store = Opened();
        if (!SupportedFunctions.Contains(function))
        {
            Assert.Contains(function, Assert.Throws<InvalidInputException>(() => store.GetDynamicCollection(CollectionName, Definition(function))).Message);
            return;
        }
        var collection = store.GetDynamicCollection(CollectionName, Definition(function));
        await collection.EnsureCollectionExistsAsync(Token);
        await collection.UpsertAsync([Record("s", [0.5f, 0.5f]), Record("l", [4, 2]), Record("m", [-1, -1])], Token);
        var found = await collection.SearchAsync(new float[] { 1, 1 }, 3, cancellationToken: Token).ToListAsync(Token);
        Assert.Equal(ranking, string.Concat(found.Select(result => result.Record["key"])));
        Assert.Equal(first, found[0].Score!.Value, 5);
        Assert.Equal(second, found[1].Score!.Value, 5);
        Assert.Equal(third, found[2].Score!.Value, 5);
    }

    static VectorStoreCollectionDefinition Definition(string? function = null, int dimensions = 2, string? model = null) => new()
    {
        Properties =
        [
            new VectorStoreKeyProperty("key", typeof(string)),
            new VectorStoreDataProperty("title", typeof(string)) { IsIndexed = true },
            new VectorStoreVectorProperty("embedding", typeof(ReadOnlyMemory<float>), dimensions)
            {
                DistanceFunction = function,
                ProviderAnnotations = model is null ? null : new() { [VectorStores.EmbeddingModelAnnotation] = model },
            },
        ],
    };

    static Dictionary<string, object?> Record(string key, float[] vector) =>
        new() { ["key"] = key, ["title"] = "Title of " + key, ["embedding"] = new ReadOnlyMemory<float>(vector) };

    [Fact]
    public async Task DynamicRecord_FilteredByItsDictionary_ComesBackWhole()
    {
        var collection = Opened().GetDynamicCollection(CollectionName, Definition());
        await collection.EnsureCollectionExistsAsync(Token);
        await collection.UpsertAsync([Record("x", [1, 0]), Record("y", [0, 1])], Token);
        var found = await collection.SearchAsync(new float[] { 1, 1 }, 2, new VectorSearchOptions<Dictionary<string, object?>> { Filter = record => (string?)record["title"] == "Title of y", IncludeVectors = true }, Token).ToListAsync(Token);
        var only = Assert.Single(found).Record;
        Assert.Equal("y", only["key"]);
        Assert.Equal([0f, 1f], ((ReadOnlyMemory<float>)only["embedding"]!).ToArray());
        await collection.DeleteAsync("y", Token);
        Assert.Null(await collection.GetAsync("y", cancellationToken: Token));
    }

    [Fact]
    public async Task Vector_OfAnotherLength_IsRefusedWithBothLengths()
    {
        var notes = await Filled();
        var upsert = await Assert.ThrowsAsync<InvalidInputException>(() => notes.UpsertAsync(new Note { Id = "f", Vector = new float[] { 1, 2 } }, Token));
        var search = await Assert.ThrowsAsync<InvalidInputException>(async () => await notes.SearchAsync(new float[] { 1, 2, 3, 4 }, 1, cancellationToken: Token).ToListAsync(Token));
        Assert.Contains("2 dimensions", upsert.Message);
        Assert.Contains("4 dimensions", search.Message);
        Assert.All([upsert, search], error => Assert.Contains("holds 3", error.Message));
        Assert.Null(await notes.GetAsync("f", cancellationToken: Token));
    }

    [Fact]
    public async Task Vector_NotANumber_IsRefused()
    {
        var notes = await Filled();
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => notes.UpsertAsync(new Note { Id = "f", Vector = new float[] { 1, float.NaN, 0 } }, Token));
        Assert.Contains("NaN", error.Message);
    }

    [Fact]
    public async Task Collection_FilledByAnotherModel_IsRefusedInOneSentence()
    {
        var first = Opened().GetDynamicCollection(CollectionName, Definition(model: "encoder-1"));
        await first.EnsureCollectionExistsAsync(Token);
        await first.UpsertAsync(Record("x", [1, 0]), Token);
        var second = Opened().GetDynamicCollection(CollectionName, Definition(model: "encoder-2"));
        InvalidInputException[] errors =
        [
            await Assert.ThrowsAsync<InvalidInputException>(() => second.EnsureCollectionExistsAsync(Token)),
            await Assert.ThrowsAsync<InvalidInputException>(() => second.UpsertAsync(Record("y", [1, 0]), Token)),
            await Assert.ThrowsAsync<InvalidInputException>(async () => await second.SearchAsync(new float[] { 1, 0 }, 1, cancellationToken: Token).ToListAsync(Token)),
        ];
        Assert.All(errors, error => Assert.Matches("filled by the embedding model 'encoder-1', and this one is 'encoder-2'", error.Message));
        var longer = Opened().GetDynamicCollection(CollectionName, Definition(dimensions: 3));
        Assert.Contains("2 dimensions", (await Assert.ThrowsAsync<InvalidInputException>(() => longer.EnsureCollectionExistsAsync(Token))).Message);
        await Opened().GetDynamicCollection(CollectionName, Definition(model: "encoder-1")).EnsureCollectionExistsAsync(Token);
    }

    [Fact]
    public async Task Text_WithGenerator_IsEmbeddedInRecordsAndSearches()
    {
        var definition = new VectorStoreCollectionDefinition
        {
            Properties = [new VectorStoreKeyProperty("key", typeof(string)), new VectorStoreVectorProperty("text", typeof(string), 2)],
        };
        var collection = Opened(new VectorStoreOptions { EmbeddingGenerator = new LetterCounts() }).GetDynamicCollection(CollectionName, definition);
        await collection.EnsureCollectionExistsAsync(Token);
        await collection.UpsertAsync([new() { ["key"] = "1", ["text"] = "aaab" }, new() { ["key"] = "2", ["text"] = "abbb" }], Token);
        var found = await collection.SearchAsync("bb", 2, cancellationToken: Token).ToListAsync(Token);
        Assert.Equal(["2", "1"], found.Select(result => result.Record["key"]));
        Assert.Equal(3 / Math.Sqrt(10), found[0].Score!.Value, 5);
    }

    [Fact]
    public async Task Text_WithoutGenerator_IsRefused()
    {
        var notes = await Filled();
        var error = await Assert.ThrowsAsync<InvalidInputException>(async () => await notes.SearchAsync("budget", 1, cancellationToken: Token).ToListAsync(Token));
        Assert.Contains("embedding generator", error.Message);
    }

    /// <summary>How many letters a and b a text has.</summary>
    sealed class LetterCounts : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(new float[] { text.Count(c => c == 'a'), text.Count(c => c == 'b') }))));

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("test", null, "letters", 2) : null;

        public void Dispose() { }
    }
}
