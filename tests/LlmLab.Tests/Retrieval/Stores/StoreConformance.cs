using System.Linq.Expressions;
using LlmLab.Retrieval.Stores;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Tests.Retrieval.Stores;

/// <summary>What holds for every vector store, whatever is behind it: one derived class a store.</summary>
public abstract partial class StoreConformance : IDisposable
{
    readonly List<Store> opened = [];

    /// <summary>A store that is empty of the collections of this test. It may be asked several times: all are the same store.</summary>
    protected abstract Store Open(VectorStoreOptions options);

    /// <summary>The test's own collection name, in letters that every store allows.</summary>
    protected virtual string CollectionName { get; } = "Notes" + Guid.NewGuid().ToString("N")[..12];

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected Store Opened(VectorStoreOptions? options = null)
    {
        var store = Open(options ?? new());
        opened.Add(store);
        return store;
    }

    public virtual void Dispose()
    {
        opened.FirstOrDefault()?.EnsureCollectionDeletedAsync(CollectionName).GetAwaiter().GetResult();
        foreach (var store in opened) store.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether vectors that are compared by cosine come back at length 1.</summary>
    protected virtual bool ReturnsUnitVectors => false;

    protected float[] Returned(float[] vector) => ReturnsUnitVectors ? [.. vector.Select(x => x / MathF.Sqrt(vector.Sum(y => y * y)))] : vector;

    protected async Task<VectorStoreCollection<string, Note>> Filled(VectorStoreOptions? options = null)
    {
        var notes = Opened(options).GetCollection<string, Note>(CollectionName);
        await notes.EnsureCollectionExistsAsync(Token);
        await notes.UpsertAsync(Note.Five(), Token);
        return notes;
    }

    static async Task<string> Sorted(IAsyncEnumerable<Note> notes) => string.Concat((await notes.ToListAsync(Token)).Select(note => note.Id).Order());

    static object Properties(Note note) => new { note.Id, note.Project, note.Pages, note.Revision, note.Cost, note.Draft, note.Written, Roles = string.Join(",", note.Roles), note.Text };

    [Fact]
    public async Task Collection_MadeAndDeleted_ExistsInBetween()
    {
        var store = Opened();
        var notes = store.GetCollection<string, Note>(CollectionName);
        Assert.False(await notes.CollectionExistsAsync(Token));
        await notes.EnsureCollectionExistsAsync(Token);
        await notes.EnsureCollectionExistsAsync(Token); // no harm
        Assert.True(await notes.CollectionExistsAsync(Token));
        Assert.True(await store.CollectionExistsAsync(CollectionName, Token));
        Assert.Contains(CollectionName, await store.ListCollectionNamesAsync(Token).ToListAsync(Token));
        await notes.EnsureCollectionDeletedAsync(Token);
        await notes.EnsureCollectionDeletedAsync(Token);
        Assert.False(await notes.CollectionExistsAsync(Token));
        Assert.DoesNotContain(CollectionName, await store.ListCollectionNamesAsync(Token).ToListAsync(Token));
    }

    [Fact]
    public async Task Search_CollectionThatIsNotThere_SaysSo()
    {
        var notes = Opened().GetCollection<string, Note>(CollectionName);
        var error = await Assert.ThrowsAsync<InvalidInputException>(async () => await notes.SearchAsync(new float[] { 1, 0, 0 }, 1, cancellationToken: Token).ToListAsync(Token));
        Assert.Contains(CollectionName, error.Message);
    }

    [Fact]
    public async Task Get_AfterBatch_GivesEveryPropertyBack()
    {
        var notes = await Filled();
        foreach (var expected in Note.Five())
        {
            var note = await notes.GetAsync(expected.Id, new RecordRetrievalOptions { IncludeVectors = true }, Token);
            Assert.NotNull(note);
            Assert.Equal(Properties(expected), Properties(note));
            Assert.Equal(Returned(expected.Vector.ToArray()), note.Vector.ToArray());
        }
    }

    [Fact]
    public async Task Get_WithoutVectors_LeavesThemOut()
    {
        var notes = await Filled();
        Assert.True((await notes.GetAsync("a", cancellationToken: Token))!.Vector.IsEmpty);
    }

    [Fact]
    public async Task Get_SeveralKeys_GivesThoseThatExist()
    {
        var notes = await Filled();
        Assert.Equal("ac", await Sorted(notes.GetAsync(["a", "nobody's", "c"], cancellationToken: Token)));
        Assert.Null(await notes.GetAsync("nobody's", cancellationToken: Token));
    }

    [Fact]
    public async Task Upsert_SameKey_ReplacesRecordAndVector()
    {
        var notes = await Filled();
        await notes.UpsertAsync(new Note { Id = "a", Text = "new", Vector = new float[] { 0, 0, 1 } }, Token);
        var found = await notes.SearchAsync(new float[] { 0, 0, 1 }, 5, cancellationToken: Token).ToListAsync(Token);
        Assert.Equal(5, found.Count);
        Assert.Equal("new", (await notes.GetAsync("a", cancellationToken: Token))!.Text);
        Assert.Null((await notes.GetAsync("a", cancellationToken: Token))!.Project);
        Assert.Equal(["a", "d"], found.Take(2).Select(result => result.Record.Id).Order());
    }

    [Fact]
    public async Task Upsert_KeyTwiceInOneBatch_KeepsTheLast()
    {
        var notes = await Filled();
        await notes.UpsertAsync([new Note { Id = "z", Pages = 1, Vector = new float[] { 1, 1, 1 } }, new Note { Id = "z", Pages = 2, Vector = new float[] { 1, 1, 1 } }], Token);
        Assert.Equal(2, (await notes.GetAsync("z", cancellationToken: Token))!.Pages);
    }

    [Fact]
    public async Task Delete_OneAndSeveral_AreFoundNoMore()
    {
        var notes = await Filled();
        await notes.DeleteAsync("a", Token);
        await notes.DeleteAsync(["b", "nobody's", "c"], Token);
        Assert.Equal("de", await Sorted(notes.GetAsync(note => true, 10, cancellationToken: Token)));
        Assert.Equal(["d", "e"], (await notes.SearchAsync(new float[] { 1, 0, 0 }, 5, cancellationToken: Token).ToListAsync(Token)).Select(result => result.Record.Id).Order());
    }

    [Fact]
    public async Task Get_ByFilter_OrdersSkipsAndStops()
    {
        var notes = await Filled();
        var options = new FilteredRecordRetrievalOptions<Note> { Skip = 1, OrderBy = order => order.Descending(note => note.Pages) };
        var found = await notes.GetAsync(note => note.Pages >= 2, 2, options, Token).ToListAsync(Token);
        Assert.Equal(["d", "c"], found.Select(note => note.Id));
    }

    [Fact]
    public async Task Get_ByFilterThroughAnotherHandleOfTheCollection_FindsTheSame()
    {
        await Filled();
        var again = Opened().GetCollection<string, Note>(CollectionName);
        Assert.Equal(Note.Five().Where(note => note.Project != "Atlas").Select(note => note.Id).Order(), (await again.GetAsync(note => note.Project != "Atlas", 10, cancellationToken: Token).ToListAsync(Token)).Select(note => note.Id).Order());
    }

    /// <summary>The filters, each with the keys of the notes that fulfil it in C#.</summary>
    public static TheoryData<string> FilterNames => [.. Filters.Keys];

    static readonly Dictionary<string, Expression<Func<Note, bool>>> Filters = new()
    {
        ["text"] = note => note.Project == "Atlas",
        ["text with quotes"] = note => note.Project == "it's \"Borea\"",
        ["other text"] = note => note.Project != "Atlas",
        ["null"] = note => note.Project == null,
        ["not null"] = note => note.Project != null,
        ["key"] = note => note.Id == "c",
        ["whole number"] = note => note.Pages == 3,
        ["less"] = note => note.Pages < 3,
        ["at most, value first"] = note => 3 >= note.Pages,
        ["range"] = note => note.Pages > 1 && note.Pages <= 4,
        ["fraction"] = note => note.Cost > 1.5,
        ["fraction by whole number"] = note => note.Cost >= 0,
        ["order of null"] = note => note.Revision < 3,
        ["negated order of null"] = note => !(note.Revision < 3),
        ["truth value"] = note => note.Draft,
        ["negated truth value"] = note => !note.Draft,
        ["date"] = note => note.Written >= new DateTimeOffset(2026, 3, 5, 9, 0, 0, TimeSpan.Zero),
        ["date is one instant in every zone"] = note => note.Written == new DateTimeOffset(2026, 3, 5, 9, 0, 0, TimeSpan.Zero),
        ["role"] = note => note.Roles.Contains("finance"),
        ["not role"] = note => !note.Roles.Contains("finance"),
        ["one of"] = note => new[] { "Atlas", "Ceres" }.Contains(note.Project),
        ["none of"] = note => !new[] { "Atlas", "Ceres" }.Contains(note.Project),
        ["one of numbers"] = note => new[] { 1, 5, 9 }.Contains(note.Pages),
        ["or of ands"] = note => (note.Project == "Atlas" && note.Draft) || (note.Project == null && note.Pages == 4),
        ["negated and"] = note => !(note.Project == "Atlas" && note.Draft),
        ["negated or"] = note => !(note.Pages == 1 || note.Roles.Contains("board")),
        ["nothing"] = note => note.Project == "Zephyr",
        ["everything"] = note => true,
    };

    [Theory]
    [MemberData(nameof(FilterNames))]
    public async Task Filter_InGetAndSearch_MeansWhatItMeansInCSharp(string name)
    {
        var filter = Filters[name];
        string expected = string.Concat(Note.Five().Where(filter.Compile()).Select(note => note.Id));
        var notes = await Filled();
        Assert.Equal(expected, await Sorted(notes.GetAsync(filter, 10, cancellationToken: Token)));
        var found = await notes.SearchAsync(new float[] { 1, 0, 0 }, 10, new VectorSearchOptions<Note> { Filter = filter }, Token).ToListAsync(Token);
        Assert.Equal(expected, string.Concat(found.Select(result => result.Record.Id).Order()));
    }

    [Fact]
    public async Task Filter_CallThatNoStoreKnows_IsRefusedByName()
    {
        var notes = await Filled();
        var error = await Assert.ThrowsAsync<InvalidInputException>(async () => await notes.GetAsync(note => note.Text.StartsWith("The"), 10, cancellationToken: Token).ToListAsync(Token));
        Assert.Contains("StartsWith", error.Message);
    }
}
