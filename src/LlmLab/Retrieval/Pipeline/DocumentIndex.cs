using System.Text.Json;
using LlmLab.Data;
using LlmLab.Data.Pipeline;
using LlmLab.Data.Readers;
using LlmLab.Retrieval.Chunking;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Search;
using LlmLab.Retrieval.Stores;
using LlmLab.Runs;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Pipeline;

/// <summary>What an index folder says about itself, in index.json.</summary>
/// <param name="Source">The data set or folder that it was made from.</param>
/// <param name="Store">Address of the vector store; where it is a file of the folder itself, relative to it.</param>
/// <param name="Embeddings">"lsa" (learned from the documents, kept in the folder), or a model's name (<see cref="EmbeddingModels.Open"/>).</param>
public sealed record IndexSettings(string Source, string Store, string Embeddings);

/// <summary>An index folder with all that belongs to it: words, vector store, embedding model. What <c>llmlab index</c> makes and <c>search</c> and <c>ask</c> open.</summary>
public sealed class DocumentIndex : IDisposable
{
    /// <summary>What settings call embeddings that were learned from the documents themselves (latent semantic analysis).</summary>
    public const string LearnedEmbeddings = "lsa";

    const string SettingsFile = "index.json", OwnStore = "sqlite:vectors.db";

    readonly Store store;
    readonly IEmbeddingGenerator<string, Embedding<float>> embeddings;

    DocumentIndex(string folder, IndexSettings settings, Store store, IEmbeddingGenerator<string, Embedding<float>> embeddings, PassageIndex passages) =>
        (Folder, Settings, this.store, this.embeddings, Passages) = (folder, settings, store, embeddings, passages);

    /// <summary>The folder.</summary>
    public string Folder { get; }
    /// <summary>What it says about itself.</summary>
    public IndexSettings Settings { get; }
    /// <summary>The passages.</summary>
    public PassageIndex Passages { get; }

    /// <summary>Indexes documents, or brings an index up to date with them.</summary>
    /// <param name="source">A data set of <c>llmlab data build</c>, or any folder of files that LlmLab reads.</param>
    /// <param name="folder">The index's folder; new or one of the same settings.</param>
    /// <param name="storeAddress">Address of a vector store; null: a file in the folder.</param>
    /// <param name="embeddingModel">A model's name (<see cref="EmbeddingModels.Open"/>); null or "lsa": latent semantic analysis, learned from the documents.</param>
    /// <param name="chunker">Cuts the documents; null: by structure.</param>
    /// <param name="cancellationToken">Stops; the index then answers as before.</param>
    /// <exception cref="InvalidInputException">The source, store or model cannot be opened, or the folder holds an index of other settings.</exception>
    public static Task<(DocumentIndex Index, IndexUpdate Update)> BuildAsync(string source, string folder, string? storeAddress = null, string? embeddingModel = null, IChunker? chunker = null, CancellationToken cancellationToken = default)
    {
        bool dataSet = File.Exists(Path.Combine(source, "documents.jsonl"));
        return BuildAsync(dataSet ? PipelineResult.Open(source) : new CorpusReader().Open(source), folder, storeAddress, embeddingModel, chunker, Path.GetFullPath(source), dataSet ? VersionFile.Read(source) : null, cancellationToken);
    }

    /// <summary>The same for documents of any origin; the index is named after the corpus.</summary>
    /// <inheritdoc cref="BuildAsync(string, string, string?, string?, IChunker?, CancellationToken)"/>
    public static Task<(DocumentIndex Index, IndexUpdate Update)> BuildAsync(Corpus corpus, string folder, string? storeAddress = null, string? embeddingModel = null, IChunker? chunker = null, CancellationToken cancellationToken = default) =>
        BuildAsync(corpus, folder, storeAddress, embeddingModel, chunker, corpus.Name, null, cancellationToken);

    static async Task<(DocumentIndex Index, IndexUpdate Update)> BuildAsync(Corpus corpus, string folder, string? storeAddress, string? embeddingModel, IChunker? chunker, string source, DatasetVersion? version, CancellationToken cancellationToken)
    {
        chunker ??= new StructureChunker();
        var before = ReadSettings(folder);
        // A model that is a folder or a file is found from any current folder later.
        string? model = Path.Exists(embeddingModel) ? Path.GetFullPath(embeddingModel) : embeddingModel;
        var settings = new IndexSettings(source, storeAddress ?? before?.Store ?? OwnStore, model ?? before?.Embeddings ?? LearnedEmbeddings);
        if (before is not null && (before.Store, before.Embeddings) != (settings.Store, settings.Embeddings))
            throw new InvalidInputException($"{folder} holds an index in {before.Store} by {before.Embeddings}; {settings.Store} by {settings.Embeddings} needs a folder of its own.");
        Directory.CreateDirectory(folder);
        string learned = Path.Combine(folder, "embeddings");
        if (settings.Embeddings == LearnedEmbeddings && !Directory.Exists(learned))
            LatentSemanticAnalysis.Train([.. corpus.Documents.SelectMany(chunker.Split).Select(passage => passage.Text)], dimensions: 256, minimumCount: 1).Save(learned);
        var index = await OpenAsync(folder, settings, Workspace.Open(), cancellationToken).ConfigureAwait(false);
        try
        {
            // Only a store and a model that could be opened are kept.
            AtomicFile.WriteText(Path.Combine(folder, SettingsFile), JsonSerializer.Serialize(settings) + "\n");
            return (index, await index.Passages.UpdateAsync(corpus, chunker, version, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Opens an index.</summary>
    /// <param name="folder">Its folder; null: the workspace's current one.</param>
    /// <param name="workspace">The workspace; null: the current one.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="InvalidInputException">There is no index, or its store or model cannot be opened.</exception>
    public static async Task<DocumentIndex> OpenAsync(string? folder = null, Workspace? workspace = null, CancellationToken cancellationToken = default)
    {
        workspace ??= Workspace.Open();
        folder ??= workspace.Absolute(workspace.State.Index) ?? throw new InvalidInputException("The workspace has no index yet: make one (llmlab index FOLDER), or name its folder.");
        return await OpenAsync(folder, ReadSettings(folder) ?? throw new InvalidInputException($"{folder} holds no index: make one there (llmlab index FOLDER --output {folder})."), workspace, cancellationToken).ConfigureAwait(false);
    }

    static async Task<DocumentIndex> OpenAsync(string folder, IndexSettings settings, Workspace workspace, CancellationToken cancellationToken)
    {
        IEmbeddingGenerator<string, Embedding<float>> embeddings = settings.Embeddings == LearnedEmbeddings ? WordTableEmbeddingGenerator.Load(Path.Combine(folder, "embeddings")) : EmbeddingModels.Open(settings.Embeddings, workspace);
        Store? store = null;
        try
        {
            store = VectorStores.Open(settings.Store == OwnStore ? $"sqlite:{Path.Combine(Path.GetFullPath(folder), "vectors.db")}" : settings.Store);
            return new DocumentIndex(folder, settings, store, embeddings, await PassageIndex.OpenAsync(Path.Combine(folder, "words"), store, embeddings, unit: EmbeddedText.BestFor(embeddings), cancellationToken: cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            store?.Dispose();
            embeddings.Dispose();
            throw;
        }
    }

    /// <summary>What the index in a folder says about itself; null where there is none.</summary>
    /// <exception cref="InvalidInputException">Its index.json is broken.</exception>
    public static IndexSettings? SettingsOf(string? folder) => folder is null ? null : ReadSettings(folder);

    /// <inheritdoc/>
    public void Dispose()
    {
        Passages.Dispose();
        store.Dispose();
        embeddings.Dispose();
    }

    static IndexSettings? ReadSettings(string folder)
    {
        string file = Path.Combine(folder, SettingsFile);
        if (!File.Exists(file)) return null;
        try
        {
            return JsonSerializer.Deserialize<IndexSettings>(File.ReadAllText(file));
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{file} is not valid JSON ({e.Message.Split(". ")[0]}): delete the folder and build the index again.", e);
        }
    }
}
