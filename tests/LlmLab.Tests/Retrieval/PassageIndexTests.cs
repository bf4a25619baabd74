using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Evaluation.Fluency;
using LlmLab.Retrieval.Chunking;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Search;
using LlmLab.Retrieval.Stores;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Tests.Retrieval;

public sealed class PassageIndexTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-index-").FullName;
    readonly HashedNgramEmbeddings embeddings = new(64);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string IndexFolder => Path.Combine(folder, "index");

    public void Dispose()
    {
        embeddings.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    Store Sqlite() => VectorStores.Open($"sqlite:{Path.Combine(folder, "vectors.db")}");

    static Corpus Corpus(params (string Id, string Text)[] documents) =>
        LlmLab.Data.Corpus.FromDocuments("test", [.. documents.Select(d => new Document(d.Id, d.Text, new DocumentMetadata { Title = d.Id, Project = "Amber" }))]);

    static Corpus Without(Corpus corpus, Func<Document, Document?> change) =>
        new(corpus.Name, corpus.Provenance, () => corpus.Documents.Select(change).OfType<Document>());

    [Fact]
    public async Task Update_OnePercentOfDocumentsChanged_EmbedsOnlyTheirChangedPassages()
    {
        var corpus = CompanyCorpus.Generate(1, 250_000);
        int documents = corpus.Documents.Count();
        using var store = Sqlite();
        var counting = new Counting(embeddings);
        using var index = await PassageIndex.OpenAsync(IndexFolder, store, counting, cancellationToken: Token);
        var full = await index.UpdateAsync(corpus, cancellationToken: Token);
        Assert.Equal((documents, documents, 0, 0), (full.Documents, full.Added, full.Changed, full.Removed));
        Assert.Equal(full.Passages, full.Embedded);

        int changedCount = Math.Max(1, documents / 100), every = documents / changedCount;
        var changedIds = corpus.Documents.Select((d, i) => (d.Id, i)).Where(d => d.i % every == 0).Take(changedCount).Select(d => d.Id).ToHashSet();
        var changed = Without(corpus, d => changedIds.Contains(d.Id) ? d with { Text = d.Text + "\n\nOne more paragraph, about zebras." } : d);
        counting.Texts = 0;
        var update = await index.UpdateAsync(changed, cancellationToken: Token);
        Assert.Equal((0, changedCount, 0), (update.Added, update.Changed, update.Removed));
        Assert.Equal(update.Embedded, counting.Texts);
        Assert.True(update.Embedded <= 0.03 * full.Embedded, $"{update.Embedded} of {full.Embedded} passages were embedded again.");
        Assert.Contains(await index.SearchAsync("zebras", cancellationToken: Token), found => found.Passage.Text.Contains("zebras", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Update_OfAStoreWithAGraph_TunesItsSearchToQuestionsAndAgainOnlyOnceItHasGrown()
    {
        var corpus = CompanyCorpus.Generate(1, 100_000);
        using var store = VectorStores.Open($"sqlite:{Path.Combine(folder, "graph.db")}", new VectorStoreOptions { Index = new() { HnswFrom = 200 } });
        using var index = await PassageIndex.OpenAsync(IndexFolder, store, embeddings, cancellationToken: Token);
        var full = await index.UpdateAsync(corpus, cancellationToken: Token);
        Assert.True(full.Passages > 200);
        Assert.InRange(full.Tuned!.Recall, 0.99, 1);
        Assert.Null((await index.UpdateAsync(Without(corpus, d => d.Id == corpus.Documents.First().Id ? d with { Text = d.Text + "\n\nZebras." } : d), cancellationToken: Token)).Tuned);
        var asked = await index.TuneSearchAsync(["Who leads Amber Kettle?", "What is the budget of Amber Kettle?"], cancellationToken: Token);
        Assert.InRange(asked!.Recall, 0.99, 1);
        await Assert.ThrowsAsync<InvalidInputException>(() => index.TuneSearchAsync(["?"], recall: 1.5, Token));
    }

    [Fact]
    public async Task Search_BySentence_FindsThePassageThatSaysItAmongMuchElse()
    {
        string much = string.Join(' ', Enumerable.Range(0, 12).Select(i => $"Sentence number {i} is about lamps, ropes and the weather in week {i + 20}."));
        var corpus = Corpus(("a", $"{much} The kettle whistles at dawn."), ("b", "The kettle is made of tin and copper."), ("c", "A whistle hangs by the door."));
        using var store = VectorStores.Open("memory:");
        var counting = new Counting(embeddings);
        using var sentences = await PassageIndex.OpenAsync(null, store, counting, collection: "s", unit: EmbeddingUnit.Sentence, cancellationToken: Token);
        counting.Texts = 0;
        var update = await sentences.UpdateAsync(corpus, cancellationToken: Token);
        Assert.Equal((3, 15), (update.Embedded, counting.Texts));
        var options = new SearchOptions { Mode = SearchMode.Vectors };
        var found = await sentences.SearchAsync("The kettle whistles at dawn.", options, Token);
        Assert.Equal(["a", "b", "c"], found.Select(f => f.Passage.DocumentId).Order());
        Assert.Equal("a", found[0].Passage.DocumentId);

        await sentences.UpdateAsync(Corpus(("b", "The kettle is made of tin and copper.")), cancellationToken: Token);
        Assert.Equal(["b"], (await sentences.SearchAsync("The kettle whistles at dawn.", options, Token)).Select(f => f.Passage.DocumentId));
        using var raw = store.GetCollection<string, PassageRecord>("s", PassageRecord.Definition(64, $"{EmbeddingModelInfo.Of(counting).Name} {EmbeddingModelInfo.Of(counting).Fingerprint}"));
        Assert.Equal(["b"], (await raw.GetAsync(record => record.Project == "Amber", 20, cancellationToken: Token).ToListAsync(Token)).Select(record => record.Document));
    }

    [Fact]
    public async Task Open_WithAnotherUnit_IsRefused()
    {
        using var store = Sqlite();
        using (var index = await PassageIndex.OpenAsync(IndexFolder, store, embeddings, unit: EmbeddingUnit.Sentence, cancellationToken: Token))
            await index.UpdateAsync(Corpus(("a", "one")), cancellationToken: Token);
        await Assert.ThrowsAsync<InvalidInputException>(() => PassageIndex.OpenAsync(IndexFolder, store, embeddings, unit: EmbeddingUnit.Passage, cancellationToken: Token));
        using var same = await PassageIndex.OpenAsync(IndexFolder, store, embeddings, cancellationToken: Token);
        Assert.Equal(EmbeddingUnit.Sentence, same.Unit);
    }

    [Fact]
    public async Task Update_OfASmallStore_HasNothingToTune()
    {
        using var store = Sqlite();
        using var index = await PassageIndex.OpenAsync(IndexFolder, store, embeddings, cancellationToken: Token);
        Assert.Null((await index.UpdateAsync(Corpus(("a", "one"), ("b", "two")), cancellationToken: Token)).Tuned);
        Assert.Null(await index.TuneSearchAsync(["one?"], cancellationToken: Token));
    }

    [Theory]
    [InlineData(EmbeddingUnit.Passage)]
    [InlineData(EmbeddingUnit.Sentence)]
    public async Task Update_InSteps_EqualsAnIndexBuiltAtOnce(EmbeddingUnit unit)
    {
        var corpus = CompanyCorpus.Generate(2, 60_000);
        var ids = corpus.Documents.Select(d => d.Id).ToArray();
        var last = Without(corpus, d => d.Id == ids[0] ? null : d.Id == ids[1] ? d with { Text = "Entirely new. " + d.Text } : d.Id == ids[2] ? d with { Metadata = d.Metadata with { Sensitivity = Sensitivity.Personal } } : d);
        using var store = VectorStores.Open("memory:");
        using var steps = await PassageIndex.OpenAsync(null, store, embeddings, collection: "steps", unit: unit, cancellationToken: Token);
        await steps.UpdateAsync(Without(corpus, d => d.Id == ids[3] ? null : d), cancellationToken: Token);
        await steps.UpdateAsync(corpus, cancellationToken: Token);
        var update = await steps.UpdateAsync(last, cancellationToken: Token);
        Assert.Equal((0, 2, 1), (update.Added, update.Changed, update.Removed));
        using var once = await PassageIndex.OpenAsync(null, store, embeddings, collection: "once", unit: unit, cancellationToken: Token);
        await once.UpdateAsync(last, cancellationToken: Token);
        Assert.Equal(once.Count, steps.Count);
        foreach (string question in new[] { "Who leads the project?", "budget", "meeting on Friday", "password of the server" })
            foreach (var mode in Enum.GetValues<SearchMode>())
            {
                var options = new SearchOptions { Mode = mode, Most = 20 };
                // Scores, not ids: equal scores may come in another order, and BM25 counts passages that were replaced until segments merge.
                var (one, other) = (await steps.SearchAsync(question, options, Token), await once.SearchAsync(question, options, Token));
                Assert.Equal(other.Count, one.Count);
                if (mode == SearchMode.Vectors) Assert.All(one.Zip(other), pair => Assert.Equal(pair.Second.Score, pair.First.Score, 1e-5));
            }
    }

    [Fact]
    public async Task Update_TheSameVersion_DoesNotEvenReadTheDocuments()
    {
        using var store = VectorStores.Open("memory:");
        using var index = await PassageIndex.OpenAsync(null, store, embeddings, cancellationToken: Token);
        var version = new DatasetVersion("company", "abc", new Dictionary<string, string>(), [], 1, 10);
        await index.UpdateAsync(Corpus(("a", "Words here.")), version: version, cancellationToken: Token);
        var unread = new Corpus("company", "", () => throw new InvalidOperationException("read"));
        var update = await index.UpdateAsync(unread, version: version, cancellationToken: Token);
        Assert.Equal((0, 0), (update.Embedded, update.Changed));
        Assert.Equal("abc", index.DataHash);
        // Other passages need another index, whatever the version.
        await Assert.ThrowsAsync<InvalidOperationException>(() => index.UpdateAsync(unread, new SentenceChunker(), version, Token));
    }

    [Fact]
    public async Task Update_StoppedBetweenVectorsAndWords_AnswersAsBeforeAndIsMended()
    {
        using var store = Sqlite();
        var failing = new Counting(embeddings);
        using var index = await PassageIndex.OpenAsync(IndexFolder, store, failing, cancellationToken: Token);
        await index.UpdateAsync(Corpus(("a", "Old words about tea.")), cancellationToken: Token);
        failing.FailAfter = 1;   // the first batch of 256 gets through, then the model fails
        var many = Corpus([.. Enumerable.Range(0, 300).Select(i => ($"d{i}", $"Text number {i} about coffee."))]);
        await Assert.ThrowsAsync<TimeoutException>(() => index.UpdateAsync(many, cancellationToken: Token));
        Assert.Equal("Old words about tea.", Assert.Single(await index.SearchAsync("tea or coffee", cancellationToken: Token)).Passage.Text);
        failing.FailAfter = int.MaxValue;
        var update = await index.UpdateAsync(many, cancellationToken: Token);
        Assert.Equal((256, 44), (update.Reused, update.Embedded));
        Assert.Equal(300, index.Count);
        Assert.DoesNotContain(await index.SearchAsync("tea", new SearchOptions { Most = 300 }, Token), found => found.Passage.Text.Contains("tea", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Search_WithoutClearance_NeverReturnsWhatMayNotBeRead()
    {
        var corpus = CompanyCorpus.Generate(1, 150_000);
        string[] roles = [.. corpus.Documents.SelectMany(d => d.Metadata.Roles).Distinct().Order()];
        using var store = Sqlite();
        using var index = await PassageIndex.OpenAsync(IndexFolder, store, embeddings, cancellationToken: Token);
        await index.UpdateAsync(corpus, cancellationToken: Token);
        var secret = corpus.Documents.First(d => d.Metadata.Roles.Count > 0);
        string words = secret.Text[..Math.Min(200, secret.Text.Length)];
        foreach (var mode in Enum.GetValues<SearchMode>())
        {
            var everyone = await index.SearchAsync(words, new SearchOptions { Mode = mode, Most = 50 }, Token);
            Assert.NotEmpty(everyone);
            Assert.All(everyone, found => Assert.True(Clearance.Internal.MayRead(found.Passage.Metadata)));
            var cleared = await index.SearchAsync(words, new SearchOptions { Mode = mode, Most = 50, Filter = new SearchFilter { Clearance = new Clearance(Sensitivity.Personal, roles) } }, Token);
            Assert.Contains(cleared, found => found.Passage.DocumentId == secret.Id);
        }
        Assert.Empty(await index.SearchAsync(words, new SearchOptions { Filter = new SearchFilter { Projects = ["No Such Project"] } }, Token));
        Assert.Empty(await index.SearchAsync(words, new SearchOptions { Filter = new SearchFilter { From = DateTimeOffset.MaxValue } }, Token));
    }

    [Fact]
    public async Task Open_AnotherEmbeddingModel_SaysWhich()
    {
        using var first = new Counting(embeddings);
        using (var store = Sqlite())
        using (var index = await PassageIndex.OpenAsync(IndexFolder, store, first, cancellationToken: Token))
            await index.UpdateAsync(Corpus(("a", "Words.")), cancellationToken: Token);
        using var again = Sqlite();
        using var wider = new HashedNgramEmbeddings(128);
        Assert.Contains("64 dimensions", (await Assert.ThrowsAsync<InvalidInputException>(() => PassageIndex.OpenAsync(IndexFolder, again, wider, cancellationToken: Token))).Message);
        using var other = new Counting(embeddings) { Turned = true };
        Assert.Contains("other vectors", (await Assert.ThrowsAsync<InvalidInputException>(() => PassageIndex.OpenAsync(IndexFolder, again, other, cancellationToken: Token))).Message);
        // A new folder beside an old collection: the store itself remembers.
        await Assert.ThrowsAsync<InvalidInputException>(() => PassageIndex.OpenAsync(Path.Combine(folder, "new"), again, wider, cancellationToken: Token));
        using var same = await PassageIndex.OpenAsync(IndexFolder, again, first, cancellationToken: Token);
        Assert.Equal(1, same.Count);
    }

    [Fact]
    public async Task Update_ModelMakesAnotherNumberOfDimensions_SaysSoAndWritesNothing()
    {
        using var store = VectorStores.Open("memory:");
        using var odd = new Counting(embeddings) { ShortAfter = 1 };
        using var index = await PassageIndex.OpenAsync(null, store, odd, cancellationToken: Token);
        Assert.Contains("dimensions", (await Assert.ThrowsAsync<InvalidInputException>(() => index.UpdateAsync(Corpus(("a", "Words.")), cancellationToken: Token))).Message);
        Assert.Equal(0, index.Count);
    }

    [Fact]
    public async Task Search_BadInput_SaysWhatIsWrong()
    {
        using var store = VectorStores.Open("memory:");
        using var index = await PassageIndex.OpenAsync(null, store, embeddings, cancellationToken: Token);
        Assert.Empty(await index.SearchAsync("anything", cancellationToken: Token));
        Assert.Contains("empty", (await Assert.ThrowsAsync<InvalidInputException>(() => index.SearchAsync("  ", cancellationToken: Token))).Message);
        Assert.Contains("at least 1", (await Assert.ThrowsAsync<InvalidInputException>(() => index.SearchAsync("a", new SearchOptions { Most = 0 }, Token))).Message);
        var twice = LlmLab.Data.Corpus.FromDocuments("t", [new Document("a", "x", new DocumentMetadata()), new Document("a", "y", new DocumentMetadata())]);
        Assert.Contains("\"a\"", (await Assert.ThrowsAsync<InvalidInputException>(() => index.UpdateAsync(twice, cancellationToken: Token))).Message);
    }

    [Fact]
    public async Task SetFusion_AfterReopening_IsKept()
    {
        using var store = Sqlite();
        using (var index = await PassageIndex.OpenAsync(IndexFolder, store, embeddings, cancellationToken: Token))
        {
            await index.UpdateAsync(Corpus(("a", "Words.")), cancellationToken: Token);
            index.SetFusion(new RankFusion(0.2, 0.8, 10));
        }
        using var opened = await PassageIndex.OpenAsync(IndexFolder, store, embeddings, cancellationToken: Token);
        Assert.Equal(new RankFusion(0.2, 0.8, 10), opened.Fusion);
        Assert.Equal(1, opened.Count);
    }

    /// <summary>Counts what it embeds, and fails where a test wants it to.</summary>
    sealed class Counting(IEmbeddingGenerator<string, Embedding<float>> inner) : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner)
    {
        int batches;

        public int Texts { get; set; }
        public int FailAfter { get; set; } = int.MaxValue;
        public int ShortAfter { get; set; } = int.MaxValue;
        public bool Turned { get; set; }

        public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            string[] texts = [.. values];
            Texts += texts.Length;
            if (texts.Length > 1 && FailAfter-- <= 0) throw new TimeoutException("no answer");
            var made = await base.GenerateAsync(texts, options, cancellationToken);
            if (batches++ >= ShortAfter) return new(made.Select(e => new Embedding<float>(e.Vector[..^1])));
            return Turned ? new(made.Select(e => new Embedding<float>(e.Vector.ToArray().Reverse().ToArray()))) : made;
        }
    }
}
