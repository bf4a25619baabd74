using System.Text.Json;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Search.Similarities;
using Lucene.Net.Store;
using Lucene.Net.Util;

namespace LlmLab.Retrieval.Search;

/// <summary>
/// Passages in a folder, found by their words: BM25 over Lucene's inverted index (Robertson and Zaragoza 2009). It can be updated while it
/// is searched; an update is there as a whole or not at all, also after a power cut.
/// </summary>
public sealed class KeywordIndex : IDisposable
{
    const string OptionsKey = "options";
    const int MostQueryWords = 512;

    readonly Lucene.Net.Store.Directory directory;
    readonly KeywordAnalysis analysis;
    readonly IndexWriter writer;
    readonly SearcherManager searchers;
    readonly KeywordOptions options;
    Dictionary<string, string> notes;

    KeywordIndex(Lucene.Net.Store.Directory directory, string where, KeywordOptions? wanted)
    {
        this.directory = directory;
        var stored = DirectoryReader.IndexExists(directory) ? StoredNotes(directory, where) : null;
        options = Agreed(stored, wanted, where);
        Bm25Scorer.CheckParameters(options.K1, options.B);
        analysis = new KeywordAnalysis(options);
        var similarity = new BM25Similarity((float)options.K1, (float)options.B);
        try
        {
            writer = new IndexWriter(directory, new IndexWriterConfig(LuceneVersion.LUCENE_48, analysis) { Similarity = similarity });
        }
        catch (LockObtainFailedException e)
        {
            throw new InvalidInputException($"The index in {where} is open in another process: end that process, or wait until it is done.", e);
        }
        notes = stored ?? new Dictionary<string, string> { [OptionsKey] = JsonSerializer.Serialize(options) };
        if (stored is null) Commit();
        searchers = new SearcherManager(writer, applyAllDeletes: true, new BySimilarity(similarity));
    }

    /// <summary>Opens the index in a folder, or makes a new one there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How words are made and weighed; null: as the index was built, or the defaults for a new one.</param>
    /// <exception cref="InvalidInputException">It was built with other options, is damaged, or another process has it open.</exception>
    public static KeywordIndex Open(string folder, KeywordOptions? options = null) => new(FSDirectory.Open(folder), folder, options);

    /// <summary>A new index in memory.</summary>
    public static KeywordIndex InMemory(KeywordOptions? options = null) => new(new RAMDirectory(), "memory", options);

    /// <summary>How words are made and weighed.</summary>
    public KeywordOptions Options => options;

    /// <summary>How many passages it holds.</summary>
    public int Count => Searching(searcher => searcher.IndexReader.NumDocs);

    /// <summary>Whatever the owner of the index writes down with an update, by name: which data, which embedding model.</summary>
    public IReadOnlyDictionary<string, string> Notes => notes;

    /// <summary>Adds and replaces passages, and removes others, in one step.</summary>
    /// <param name="passages">Passages to add; one that has the id of another replaces it.</param>
    /// <param name="stamp">A mark of the version of the document that each comes from: a hash of its content.</param>
    /// <param name="removed">Ids of passages to remove.</param>
    /// <param name="noted">Replaces <see cref="Notes"/>; null leaves them.</param>
    public void Update(IEnumerable<Passage> passages, Func<Passage, string> stamp, IEnumerable<string> removed, IReadOnlyDictionary<string, string>? noted = null)
    {
        // All is made ready before the index is touched, so that stopping here leaves it as it was.
        string[] gone = [.. removed];
        var ready = new List<(Term Id, Lucene.Net.Documents.Document Stored)>();
        foreach (var passage in passages)
        {
            Operation.Current.ThrowIfCancelled();
            ready.Add((new Term(StoredPassage.Id, passage.Id), StoredPassage.Write(passage, stamp(passage), options.Headings)));
        }
        try
        {
            foreach (string id in gone) writer.DeleteDocuments(new Term(StoredPassage.Id, id));
            foreach (var (id, stored) in ready) writer.UpdateDocument(id, stored);
            if (noted is not null) notes = new Dictionary<string, string>(noted) { [OptionsKey] = notes[OptionsKey] };
            Commit();
        }
        catch (IOException e)
        {
            writer.Rollback();   // closes it, with the last update that was whole on the disk
            throw new InvalidInputException($"The index could not be written ({e.Message.TrimEnd('.')}): the last update is undone; make room and open it again.", e);
        }
        searchers.MaybeRefreshBlocking();
    }

    /// <summary>The best passages for a question by BM25.</summary>
    /// <param name="question">Words; all that are not stop words count.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="filter">Which passages may be returned; null: <see cref="SearchFilter.Default"/>.</param>
    public IReadOnlyList<FoundPassage> Search(string question, int most, SearchFilter? filter = null)
    {
        if (most < 1) throw new InvalidInputException($"A search must ask for at least 1 passage, found {most}.");
        string[] words = [.. analysis.Words(question).Distinct().Take(MostQueryWords)];
        if (words.Length == 0) return [];
        var query = new BooleanQuery();
        foreach (string word in words) query.Add(new TermQuery(new Term(StoredPassage.Text, word)), Occur.SHOULD);
        return Searching(searcher => KeywordFilter.Of(filter ?? SearchFilter.Default, searcher.IndexReader) is { } narrowed
            ? searcher.Search(query, narrowed, most).ScoreDocs.Select(hit => new FoundPassage(StoredPassage.Read(searcher.Doc(hit.Doc)), hit.Score)).ToList()
            : []);
    }

    /// <summary>How many passages a filter admits.</summary>
    public int CountOf(SearchFilter filter) => Searching(searcher =>
    {
        if (KeywordFilter.Of(filter, searcher.IndexReader) is not { } narrowed) return 0;
        var counter = new TotalHitCountCollector();
        searcher.Search(new MatchAllDocsQuery(), narrowed, counter);
        return counter.TotalHits;
    });

    /// <summary>The classes of access (<see cref="Clearance.ClassOf"/>) of the passages that it holds.</summary>
    public IReadOnlyList<string> AccessClasses() => Searching(searcher => KeywordFilter.AccessClasses(searcher.IndexReader));

    /// <summary>The passages with these ids that are in the index.</summary>
    public IReadOnlyDictionary<string, Passage> Find(IEnumerable<string> ids) => Searching(searcher =>
    {
        var found = new Dictionary<string, Passage>(StringComparer.Ordinal);
        foreach (string id in ids)
            if (searcher.Search(new TermQuery(new Term(StoredPassage.Id, id)), 1).ScoreDocs is [var hit]) found[id] = StoredPassage.Read(searcher.Doc(hit.Doc));
        return found;
    });

    /// <summary>All passages, in the order in which they were added.</summary>
    public IReadOnlyList<Passage> All() => Searching(searcher =>
        searcher.Search(new MatchAllDocsQuery(), Math.Max(1, searcher.IndexReader.NumDocs), Sort.INDEXORDER).ScoreDocs.Select(hit => StoredPassage.Read(searcher.Doc(hit.Doc))).ToList());

    /// <summary>For every document, the stamp that its passages were added with, and their ids.</summary>
    public IReadOnlyDictionary<string, (string Stamp, IReadOnlyList<string> Ids)> Documents() => Searching(searcher =>
    {
        var documents = new Dictionary<string, (string Stamp, List<string> Ids)>(StringComparer.Ordinal);
        var origins = MultiDocValues.GetBinaryValues(searcher.IndexReader, StoredPassage.Origin);
        var live = MultiFields.GetLiveDocs(searcher.IndexReader);   // null where nothing was ever removed
        var bytes = new BytesRef();
        for (int i = 0; i < searcher.IndexReader.MaxDoc; i++)
        {
            if (live is not null && !live.Get(i)) continue;
            origins.Get(i, bytes);
            string[] parts = bytes.Utf8ToString().Split('\n');
            if (!documents.TryGetValue(parts[1], out var entry)) documents[parts[1]] = entry = (parts[2], []);
            entry.Ids.Add(parts[0]);
        }
        return documents.ToDictionary(entry => entry.Key, entry => (entry.Value.Stamp, (IReadOnlyList<string>)entry.Value.Ids), StringComparer.Ordinal);
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        searchers.Dispose();
        writer.Dispose();
        analysis.Dispose();
        directory.Dispose();
    }

    T Searching<T>(Func<IndexSearcher, T> search)
    {
        var searcher = searchers.Acquire();
        try
        {
            return search(searcher);
        }
        finally
        {
            searchers.Release(searcher);
        }
    }

    void Commit()
    {
        writer.SetCommitData(new Dictionary<string, string>(notes));
        writer.Commit();
    }

    static Dictionary<string, string> StoredNotes(Lucene.Net.Store.Directory directory, string where)
    {
        try
        {
            using var reader = DirectoryReader.Open(directory);
            var data = reader.IndexCommit.UserData;
            if (data.ContainsKey(OptionsKey)) return new Dictionary<string, string>(data);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            throw new InvalidInputException($"The index in {where} is damaged ({e.Message.Split('\n')[0].TrimEnd('.')}): delete the folder and build it again (llmlab index).", e);
        }
        throw new InvalidInputException($"{where} holds an index of Lucene that LlmLab did not write: name another folder.");
    }

    static KeywordOptions Agreed(Dictionary<string, string>? stored, KeywordOptions? wanted, string where)
    {
        if (stored is null) return wanted ?? new KeywordOptions();
        var built = JsonSerializer.Deserialize<KeywordOptions>(stored[OptionsKey])!;
        return wanted is null || wanted == built ? built
            : throw new InvalidInputException($"The index in {where} was built with {built}, and {wanted} is asked for: open it without options, or build another one.");
    }

    sealed class BySimilarity(Similarity similarity) : SearcherFactory
    {
        public override IndexSearcher NewSearcher(IndexReader reader) => new(reader) { Similarity = similarity };
    }
}
