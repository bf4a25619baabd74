using LlmLab.Retrieval.Stores;
using LlmLab.Retrieval.Stores.Sqlite;

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
