using LlmLab.Retrieval.Stores;
using LlmLab.Retrieval.Stores.Postgres;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Tests.Retrieval.Stores;

/// <summary>Against the real server that LLMLAB_POSTGRES names: tests/stores/run.sh starts one.</summary>
[Collection(nameof(PostgresStoreTests))] // one connection at a time is all that PGlite takes
public sealed class PostgresStoreTests : StoreConformance
{
    const string Variable = "LLMLAB_POSTGRES";

    protected override Store Open(VectorStoreOptions options) => new PostgresStore(Address(), options);

    static string Address()
    {
        string? address = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipUnless(address is { Length: > 0 }, $"{Variable} names no server with pgvector: tests/stores/run.sh starts one.");
        return address!;
    }

    [Theory]
    [InlineData(IndexKind.Hnsw)]
    [InlineData(IndexKind.IvfFlat)]
    [InlineData(IndexKind.Flat)]
    public async Task Index_OfEachKind_FindsTheNearestAndIsMeasured(string kind)
    {
        var definition = new VectorStoreCollectionDefinition
        {
            Properties = [new VectorStoreKeyProperty("key", typeof(long)), new VectorStoreDataProperty("half", typeof(int)) { IsIndexed = true }, new VectorStoreVectorProperty("embedding", typeof(float[]), 8) { IndexKind = kind }],
        };
        var collection = Opened().GetDynamicCollection(CollectionName, definition);
        await collection.EnsureCollectionExistsAsync(Token);
        var random = new Random(3);
        var vectors = Enumerable.Range(0, 600).Select(_ => Enumerable.Range(0, 8).Select(_ => random.NextSingle() - 0.5f).ToArray()).ToArray();
        await collection.UpsertAsync(vectors.Select((vector, i) => new Dictionary<string, object?> { ["key"] = (long)i, ["half"] = i % 2, ["embedding"] = vector }), Token);
        var index = (IVectorIndex)collection.GetService(typeof(IVectorIndex))!;
        await index.BuildAsync(Token);
        Assert.Equal(600, index.Count);
        Assert.Equal(kind != IndexKind.Flat, index.IsApproximate);
        var report = await index.MeasureRecallAsync(null, 10, Token);
        Assert.InRange(report.Recall, kind == IndexKind.Flat ? 1 : 0.95, 1);
        var found = await collection.SearchAsync(vectors[77], 200, new VectorSearchOptions<Dictionary<string, object?>> { Filter = record => (int)record["half"]! == 1 }, Token).ToListAsync(Token);
        Assert.Equal(77L, found[0].Record["key"]);
        Assert.Equal(200, found.Count); // more than a scan of 40 candidates would give
        Assert.All(found, result => Assert.Equal(1, result.Record["half"]));
    }

    [Fact]
    public async Task HybridSearch_WordsAndVector_AreFusedByRank()
    {
        var notes = (IKeywordHybridSearchable<Note>)await Filled();
        // "bridges" and "opens" are stemmed; b is second by vector and first by words, a first by vector and second by words
        var found = await notes.HybridSearchAsync(new float[] { 1, 0, 0 }, ["bridges open"], 5, cancellationToken: Token).ToListAsync(Token);
        Assert.Equal(["b", "a"], found.Take(2).Select(result => result.Record.Id));
        Assert.Equal(1.0 / 62 + 1.0 / 61, found[0].Score!.Value, 6);
        Assert.Equal(1.0 / 61, found[1].Score!.Value, 6);
        var filtered = await notes.HybridSearchAsync(new float[] { 1, 0, 0 }, ["bridge", "tunnel"], 5, new HybridSearchOptions<Note> { Filter = note => note.Pages > 1, IncludeVectors = true }, Token).ToListAsync(Token);
        Assert.DoesNotContain(filtered, result => result.Record.Id == "a");
        Assert.Equal(3, filtered[0].Record.Vector.Length);
        Assert.Contains(filtered, result => result.Record.Id == "c");
    }

    [Fact]
    public async Task Delete_TableOfAnotherProgram_IsRefused()
    {
        var store = Opened();
        await using var source = Npgsql.NpgsqlDataSource.Create(PostgresAddress.Parse(Address()).ToString());
        await using (var make = source.CreateCommand($"CREATE TABLE \"{CollectionName}\" (id int)")) await make.ExecuteNonQueryAsync(Token);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => store.EnsureCollectionDeletedAsync(CollectionName, Token));
        Assert.Contains("not made as a collection", error.Message);
        await using (var drop = source.CreateCommand($"DROP TABLE \"{CollectionName}\"")) await drop.ExecuteNonQueryAsync(Token);
    }
}

/// <summary>What needs no server.</summary>
public sealed class PostgresAddressTests
{
    [Fact]
    public void Parse_Uri_GivesItsParts()
    {
        var parts = PostgresAddress.Parse("postgres://ann:p%40ss@db.example:5433/company?Maximum Pool Size=1");
        Assert.Equal(("ann", "p@ss", "db.example", 5433, "company", 1), (parts.Username, parts.Password, parts.Host, parts.Port, parts.Database, parts.MaxPoolSize));
        Assert.Equal("localhost", PostgresAddress.Parse("Host=localhost;Database=x").Host);
    }

    [Fact]
    public void Parse_Nonsense_IsRefusedWithoutRepeatingIt() =>
        Assert.DoesNotContain("geheim", Assert.Throws<InvalidInputException>(() => PostgresAddress.Parse("postgres://ann:geheim@host:many/x")).ToString());

    [Fact]
    public async Task Store_ThatIsDown_IsAskedAgainThenNamed()
    {
        var delays = new List<TimeSpan>();
        var retry = new RetryPolicy(3, TimeSpan.FromSeconds(1)) { Delay = (delay, _) => { delays.Add(delay); return Task.CompletedTask; } };
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        int port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop(); // a port on which no one listens
        using var store = new PostgresStore($"postgres://ann:geheim@127.0.0.1:{port}/company", new VectorStoreOptions { Retry = retry });
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => store.CollectionExistsAsync("any", TestContext.Current.CancellationToken));
        Assert.Contains("in 3 tries", error.Message);
        Assert.Contains($"127.0.0.1:{port}", error.Message);
        Assert.DoesNotContain("geheim", error.ToString());
        Assert.Equal(2, delays.Count);
        Assert.InRange(delays[0].TotalSeconds, 0.5, 1);
        Assert.InRange(delays[1].TotalSeconds, 1, 2);
    }
}
