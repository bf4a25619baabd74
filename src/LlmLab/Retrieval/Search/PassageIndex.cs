using LlmLab.Retrieval.Embeddings;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Retrieval.Search;

/// <summary>
/// Documents that can be asked: passages found by their words (BM25) and by their meaning (the nearest embeddings in any vector store), the
/// two rankings fused. It is brought up to date from a corpus, and only what changed is embedded again.
/// <code>
/// using var index = await PassageIndex.OpenAsync("runs/index", VectorStores.Open("sqlite:runs/index.db"), embeddings);
/// await index.UpdateAsync(corpus);
/// foreach (var found in await index.SearchAsync("Who leads Amber Kettle?")) …
/// </code>
/// </summary>
public sealed partial class PassageIndex : IDisposable
{
    const string ModelNote = "embeddings", UnitNote = "unit", ChunkerNote = "chunker", DataNote = "data", FusionNote = "fusion";
    const int SentencesEach = 4; // so many of a question's nearest sentences belong to one passage, at the least

    readonly string where;
    readonly KeywordIndex keywords;
    readonly VectorStoreCollection<string, PassageRecord> vectors;
    readonly IEmbeddingGenerator<string, Embedding<float>> generator;
    readonly EmbeddingMark mark;

    PassageIndex(string where, KeywordIndex keywords, VectorStoreCollection<string, PassageRecord> vectors, IEmbeddingGenerator<string, Embedding<float>> generator, EmbeddingMark mark, EmbeddingUnit unit)
    {
        (this.where, this.keywords, this.vectors, this.generator, this.mark, Unit) = (where, keywords, vectors, generator, mark, unit);
        Fusion = keywords.Notes.TryGetValue(FusionNote, out string? fusion) ? System.Text.Json.JsonSerializer.Deserialize<RankFusion>(fusion)! : new RankFusion();
    }

    /// <summary>Opens the index in a folder, or makes a new one there.</summary>
    /// <param name="folder">Holds the words, the passages and what is known of the index; null: in memory.</param>
    /// <param name="store">Holds the vectors. Whoever opened it disposes of it.</param>
    /// <param name="generator">Makes the vectors; an index is searched with the model that filled it.</param>
    /// <param name="options">How words are made and weighed; null: as the index was built, or the defaults.</param>
    /// <param name="collection">Name of the collection in the store.</param>
    /// <param name="unit">What has a vector of its own; null: as the index was built, or passages.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="InvalidInputException">Another embedding model filled the index or the collection, or either cannot be opened.</exception>
    public static async Task<PassageIndex> OpenAsync(string? folder, VectorStore store, IEmbeddingGenerator<string, Embedding<float>> generator, KeywordOptions? options = null, string collection = "passages", EmbeddingUnit? unit = null, CancellationToken cancellationToken = default)
    {
        var mark = await EmbeddingMark.OfAsync(generator, cancellationToken).ConfigureAwait(false);
        var vectors = store.GetCollection<string, PassageRecord>(collection, PassageRecord.Definition(mark.Dimensions, $"{mark.Model} {EmbeddingModelInfo.Of(generator).Fingerprint}"));
        string where = folder ?? "memory";
        var keywords = folder is null ? KeywordIndex.InMemory(options) : KeywordIndex.Open(folder, options);
        try
        {
            if (keywords.Notes.TryGetValue(ModelNote, out string? stored)) mark.Check(stored, where);
            EmbeddingUnit? built = stored is null ? null : Enum.Parse<EmbeddingUnit>(keywords.Notes.GetValueOrDefault(UnitNote, nameof(EmbeddingUnit.Passage)));
            if (built is not null && unit is not null && built != unit) throw new InvalidInputException($"The index in {where} has a vector for each {built}, and one for each {unit} is asked for: open it as it is, or build another one.");
            await vectors.EnsureCollectionExistsAsync(cancellationToken).ConfigureAwait(false);
            return new PassageIndex(where, keywords, vectors, generator, mark, built ?? unit ?? EmbeddingUnit.Passage);
        }
        catch
        {
            keywords.Dispose();
            vectors.Dispose();
            throw;
        }
    }

    /// <summary>The index by words alone.</summary>
    public KeywordIndex Keywords => keywords;

    /// <summary>Name of the embedding model that made its vectors.</summary>
    public string EmbeddingModel => mark.Model;

    /// <summary>What has a vector of its own.</summary>
    public EmbeddingUnit Unit { get; }

    /// <summary>How many passages it holds.</summary>
    public int Count => keywords.Count;

    /// <summary>Hash of the data set that it was brought up to date with; null where that had none.</summary>
    public string? DataHash => keywords.Notes.GetValueOrDefault(DataNote);

    /// <summary>How the two rankings are fused where a search does not say; kept with the index by <see cref="SetFusion"/>.</summary>
    public RankFusion Fusion { get; private set; }

    /// <summary>Keeps weights that were set on a development set (<see cref="FusionTuning"/>) with the index.</summary>
    public void SetFusion(RankFusion fusion)
    {
        Fusion = fusion.Checked();
        keywords.Update([], _ => "", [], new Dictionary<string, string>(keywords.Notes) { [FusionNote] = System.Text.Json.JsonSerializer.Serialize(fusion) });
    }

    /// <summary>The best passages for a question, best first.</summary>
    /// <param name="question">The question.</param>
    /// <param name="options">How many, by what, and which are allowed.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <exception cref="InvalidInputException">An empty question, an option out of range, or a store that does not answer.</exception>
    public Task<IReadOnlyList<FoundPassage>> SearchAsync(string question, SearchOptions? options = null, CancellationToken cancellationToken = default) =>
        SearchAsync(question, null, options, cancellationToken);

    /// <summary>The vectors of many questions at once, for <see cref="SearchAsync(string, ReadOnlyMemory{float}?, SearchOptions, CancellationToken)"/>: far quicker than one by one.</summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IEnumerable<string> questions, CancellationToken cancellationToken = default) =>
        [.. (await generator.GenerateAsync(questions, EmbeddingRole.Query, cancellationToken).ConfigureAwait(false)).Select(embedding => embedding.Vector)];

    /// <summary>The best passages for a question whose vector is known already.</summary>
    /// <param name="question">The question.</param>
    /// <param name="vector">Its vector; null: it is computed where the search needs it.</param>
    /// <param name="options">How many, by what, and which are allowed.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public async Task<IReadOnlyList<FoundPassage>> SearchAsync(string question, ReadOnlyMemory<float>? vector, SearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SearchOptions();
        if (options.Most < 1 || options.Depth < 1) throw new InvalidInputException($"A search must ask for at least 1 passage, found {options.Most} of {options.Depth}.");
        if (string.IsNullOrWhiteSpace(question)) throw new InvalidInputException("The question is empty: ask something.");
        int depth = Math.Max(options.Most, options.Depth);
        if (options.Mode == SearchMode.Keywords) return keywords.Search(question, options.Most, options.Filter);
        var byMeaning = await NearestAsync(question, vector, options.Mode == SearchMode.Vectors ? options.Most : depth, options.Filter, cancellationToken).ConfigureAwait(false);
        var scores = options.Mode == SearchMode.Vectors ? byMeaning
            : (options.Fusion ?? Fusion).Fuse([.. keywords.Search(question, depth, options.Filter).Select(found => (found.Passage.Id, found.Score))], byMeaning);
        var passages = keywords.Find(scores.Take(options.Most * 2).Select(found => found.Id));
        var similarities = byMeaning.DistinctBy(found => found.Id).ToDictionary(found => found.Id, found => found.Score, StringComparer.Ordinal);
        // The store may still hold what an update that was stopped left behind; and whatever a store returns, the clearance has the last word.
        return [.. scores.Where(found => passages.TryGetValue(found.Id, out var passage) && options.Filter.Admits(passage.Metadata)).Take(options.Most).Select(found => new FoundPassage(passages[found.Id], found.Score) { Similarity = similarities.TryGetValue(found.Id, out double cosine) ? cosine : null })];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        keywords.Dispose();
        vectors.Dispose();
    }

    async Task<IReadOnlyList<(string Id, double Score)>> NearestAsync(string question, ReadOnlyMemory<float>? known, int most, SearchFilter filter, CancellationToken cancellationToken)
    {
        string[] readable = [.. keywords.AccessClasses().Where(filter.Clearance.MayReadClass)];
        if (readable.Length == 0) return [];
        var vector = known ?? (await generator.GenerateAsync(question, EmbeddingRole.Query, cancellationToken).ConfigureAwait(false)).Vector;
        if (vector.Length != mark.Dimensions)
            throw new InvalidInputException($"{mark.Model} made a vector of {vector.Length} dimensions; the index in {where} holds {mark.Dimensions}.");
        var found = new List<(string Id, double Score)>();
        await foreach (var hit in vectors.SearchAsync(vector, Unit == EmbeddingUnit.Passage ? most : most * SentencesEach, new VectorSearchOptions<PassageRecord> { Filter = VectorFilter.Of(filter, readable) }, cancellationToken).ConfigureAwait(false))
            found.Add((EmbeddedText.PassageOf(hit.Record.Id, Unit), hit.Score ?? 0));
        return [.. found.DistinctBy(hit => hit.Id).Take(most)];
    }
}
