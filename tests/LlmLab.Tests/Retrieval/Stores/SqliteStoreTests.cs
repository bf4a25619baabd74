using LlmLab.Retrieval.Stores;
using LlmLab.Retrieval.Stores.Sqlite;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Tests.Retrieval.Stores;

public sealed class SqliteStoreTests : StoreConformance
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-sqlite-").FullName;

    string File => Path.Combine(folder, "notes.db");

    protected override Store Open(VectorStoreOptions options) => new SqliteStore(File, options);

    public override void Dispose()
    {
        base.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Records_OfOneStore_AreSeenByAnotherAtOnce()
    {
        var mine = await Filled();
        var theirs = Opened().GetCollection<string, Note>(CollectionName); // as another process would
        Assert.Equal("a", (await theirs.SearchAsync(new float[] { 1, 0, 0 }, 1, cancellationToken: Token).ToListAsync(Token))[0].Record.Id);
        await mine.UpsertAsync(new Note { Id = "near", Vector = new float[] { 0.1f, 0.2f, 0.9f } }, Token);
        Assert.Equal("near", (await theirs.SearchAsync(new float[] { 0.1f, 0.2f, 0.9f }, 1, cancellationToken: Token).ToListAsync(Token))[0].Record.Id);
        await theirs.DeleteAsync("near", Token);
        Assert.Equal("d", (await mine.SearchAsync(new float[] { 0.1f, 0.2f, 0.9f }, 1, cancellationToken: Token).ToListAsync(Token))[0].Record.Id);
    }

    [Fact]
    public async Task Collection_MadeAnewByAnother_IsNotMistakenForTheOld()
    {
        var mine = await Filled();
        Assert.Equal(5, (await mine.SearchAsync(new float[] { 1, 0, 0 }, 9, cancellationToken: Token).ToListAsync(Token)).Count);
        var theirs = Opened().GetCollection<string, Note>(CollectionName);
        await theirs.EnsureCollectionDeletedAsync(Token);
        await theirs.EnsureCollectionExistsAsync(Token);
        await theirs.UpsertAsync(new Note { Id = "only", Vector = new float[] { 0, 1, 0 } }, Token);
        var found = await mine.SearchAsync(new float[] { 1, 0, 0 }, 9, cancellationToken: Token).ToListAsync(Token);
        Assert.Equal("only", Assert.Single(found).Record.Id);
        Assert.Equal(0, found[0].Score!.Value, 6);
    }

    static VectorStoreOptions EarlyGraph => new() { Index = new() { HnswFrom = 400, ConstructionWidth = 60 } };

    static List<Note> Many(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(i => new Note { Id = $"n{i}", Pages = i, Vector = new[] { random.NextSingle() - 0.5f, random.NextSingle() - 0.5f, random.NextSingle() - 0.5f } })];
    }

    [Fact]
    public async Task Graph_KeptInTheFile_ServesTheNextProcessWithItsChanges()
    {
        var many = Many(600);
        var first = Opened(EarlyGraph).GetCollection<string, Note>(CollectionName);
        await first.EnsureCollectionExistsAsync(Token);
        await first.UpsertAsync(many, Token);
        var index = (IVectorIndex)first.GetService(typeof(IVectorIndex))!;
        await index.BuildAsync(Token);
        Assert.True(index.IsApproximate);
        await first.DeleteAsync(many[..30].Select(note => note.Id), Token);
        await first.UpsertAsync(new Note { Id = "late", Vector = new float[] { 0.3f, 0.3f, 0.3f } }, Token);

        var second = Opened(EarlyGraph).GetCollection<string, Note>(CollectionName);
        var found = await second.SearchAsync(new float[] { 0.3f, 0.3f, 0.3f }, 3, cancellationToken: Token).ToListAsync(Token);
        Assert.Equal("late", found[0].Record.Id);
        var again = (IVectorIndex)second.GetService(typeof(IVectorIndex))!;
        Assert.Equal(571, again.Count);
        Assert.True(again.IsApproximate);
        Assert.InRange((await again.MeasureRecallAsync(cancellationToken: Token)).Recall, 0.98, 1);
        Assert.Empty(await second.SearchAsync(many[3].Vector, 600, new VectorSearchOptions<Note> { Filter = note => note.Pages > 0 && note.Pages < 30 }, Token).ToListAsync(Token));
    }

    [Fact]
    public async Task Search_WhileOthersWrite_AlwaysAnswers()
    {
        var many = Many(2500);
        var notes = Opened(EarlyGraph).GetCollection<string, Note>(CollectionName);
        await notes.EnsureCollectionExistsAsync(Token);
        await notes.UpsertAsync(many[..500], Token);
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++) Assert.Equal($"n{i}", (await notes.SearchAsync(many[i].Vector, 1, cancellationToken: Token).ToListAsync(Token))[0].Record.Id);
        }, Token)).ToArray();
        for (int i = 500; i < 2500; i += 100) await notes.UpsertAsync(many[i..(i + 100)], Token);
        await Task.WhenAll(readers);
        Assert.Equal("n2499", (await notes.SearchAsync(many[2499].Vector, 1, cancellationToken: Token).ToListAsync(Token))[0].Record.Id);
    }

    [Fact]
    public async Task Batch_WithOneBadRecord_WritesNone()
    {
        var notes = await Filled();
        await Assert.ThrowsAsync<InvalidInputException>(() => notes.UpsertAsync([new Note { Id = "f", Vector = new float[] { 1, 0, 0 } }, new Note { Id = "g", Vector = new float[] { 1 } }], Token));
        Assert.Null(await notes.GetAsync("f", cancellationToken: Token));
    }

    [Fact]
    public async Task Open_FileOfAnotherKind_SaysSo()
    {
        await System.IO.File.WriteAllTextAsync(File, "This is a letter, and quite a long one, not a database at all: it has no header and no pages.", Token);
        using var store = new SqliteStore(File);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => store.CollectionExistsAsync("any", Token));
        Assert.Contains("not an SQLite database", error.Message);
        System.IO.File.Delete(File);
    }

    [Fact]
    public void Open_Addresses_GiveTheirStores()
    {
        Assert.IsType<InMemoryStore>(VectorStores.Open("memory:"));
        using var sqlite = VectorStores.Open("sqlite:" + File);
        Assert.IsType<SqliteStore>(sqlite);
        Assert.Contains("expected", Assert.Throws<InvalidInputException>(() => VectorStores.Open("oracle://secret@host")).Message);
        Assert.DoesNotContain("secret", Assert.Throws<InvalidInputException>(() => VectorStores.Open("oracle://secret@host")).Message);
    }
}
