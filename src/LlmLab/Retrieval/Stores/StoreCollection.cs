using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores;

/// <summary>
/// A collection of any store here: checks what it is given, embeds texts, maps records, refuses a collection that another embedding
/// model filled, asks again when the store does not answer, and leaves the rest to the store's <see cref="ICollectionBackend"/>.
/// </summary>
class StoreCollection<TKey, TRecord>(Store store, string name, CollectionModel model, ICollectionBackend backend) : VectorStoreCollection<TKey, TRecord>
    where TKey : notnull
    where TRecord : class
{
    readonly RecordMapper<TRecord> mapper = new(model, name);
    readonly CollectionDescription description = CollectionDescription.Of(model);
    volatile bool isChecked;

    public override string Name => name;

    public override async Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) =>
        await Run(() => backend.ReadDescriptionAsync(cancellationToken), cancellationToken).ConfigureAwait(false) is not null;

    public override async Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        var kept = await Run(() => backend.ReadDescriptionAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        if (kept is not null) description.Check(kept, name);
        await Run(() => backend.CreateAsync(description.ToJson(), cancellationToken), cancellationToken).ConfigureAwait(false);
        isChecked = true;
    }

    public override async Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        isChecked = false;
        await Run(() => backend.DropAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public override async Task<TRecord?> GetAsync(TKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        await foreach (var record in GetAsync([key], options, cancellationToken).ConfigureAwait(false)) return record;
        return null;
    }

    public override async IAsyncEnumerable<TRecord> GetAsync(IEnumerable<TKey> keys, RecordRetrievalOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        bool vectors = Vectors(options?.IncludeVectors ?? false);
        var wanted = keys.Select(Key).ToList();
        if (wanted.Count == 0) yield break;
        await Check(cancellationToken).ConfigureAwait(false);
        foreach (var record in await Run(() => backend.GetAsync(wanted, vectors, cancellationToken), cancellationToken).ConfigureAwait(false))
            yield return mapper.FromStored(record, vectors);
    }

    public override async IAsyncEnumerable<TRecord> GetAsync(Expression<Func<TRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<TRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        bool vectors = Vectors(options.IncludeVectors);
        var order = options.OrderBy is null ? [] : options.OrderBy(new()).Values.Select(sort => (model.GetDataOrKeyProperty(sort.PropertySelector), sort.Ascending)).ToList();
        var query = new RecordQuery(RecordFilterTranslator.Translate(filter, model), order, options.Skip, top, vectors);
        await Check(cancellationToken).ConfigureAwait(false);
        foreach (var record in await Run(() => backend.FindAsync(query, cancellationToken), cancellationToken).ConfigureAwait(false))
            yield return mapper.FromStored(record, vectors);
    }

    public override Task DeleteAsync(TKey key, CancellationToken cancellationToken = default) => DeleteAsync([key], cancellationToken);

    public override async Task DeleteAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default)
    {
        var unwanted = keys.Select(Key).ToList();
        if (unwanted.Count == 0) return;
        await Check(cancellationToken).ConfigureAwait(false);
        await Run(() => backend.DeleteAsync(unwanted, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default) => UpsertAsync([record], cancellationToken);

    public override async Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        var list = records as IReadOnlyList<TRecord> ?? [.. records];
        if (list.Count == 0) return;
        await Check(cancellationToken).ConfigureAwait(false);
        var stored = await mapper.ToStoredAsync(list, cancellationToken).ConfigureAwait(false);
        if (stored.Count > 1) stored = [.. stored.Reverse().DistinctBy(record => record.Key).Reverse()]; // the last of a key counts
        await Run(() => backend.UpsertAsync(stored, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public override async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(TInput searchValue, int top, VectorSearchOptions<TRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        var property = model.GetVectorPropertyOrSingle(options);
        var query = await Query(searchValue, top + options.Skip, property, options.Filter, options.IncludeVectors, cancellationToken).ConfigureAwait(false);
        var found = await Run(() => backend.SearchAsync(query, cancellationToken), cancellationToken).ConfigureAwait(false);
        for (int i = options.Skip; i < found.Count && Similarity.Passes(property, found[i].Score, options.ScoreThreshold); i++)
            yield return new VectorSearchResult<TRecord>(mapper.FromStored(found[i].Record, options.IncludeVectors), found[i].Score);
    }

    protected async IAsyncEnumerable<VectorSearchResult<TRecord>> HybridAsync<TInput>(TInput searchValue, ICollection<string> keywords, int top, HybridSearchOptions<TRecord>? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        var property = model.GetVectorPropertyOrSingle(new VectorSearchOptions<TRecord> { VectorProperty = options.VectorProperty });
        var text = model.GetFullTextDataPropertyOrSingle(options.AdditionalProperty);
        var query = await Query(searchValue, top + options.Skip, property, options.Filter, options.IncludeVectors, cancellationToken).ConfigureAwait(false);
        var keyword = new KeywordQuery(query, text, [.. keywords]);
        foreach (var result in (await Run(() => ((IKeywordBackend)backend).HybridSearchAsync(keyword, cancellationToken), cancellationToken).ConfigureAwait(false)).Skip(options.Skip))
            if (options.ScoreThreshold is null || result.Score >= options.ScoreThreshold)
                yield return new VectorSearchResult<TRecord>(mapper.FromStored(result.Record, options.IncludeVectors), result.Score);
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(VectorStoreCollectionMetadata) ? new VectorStoreCollectionMetadata { VectorStoreSystemName = store.SystemName, VectorStoreName = store.Name, CollectionName = name }
        : serviceType.IsInstanceOfType(this) ? this
        : backend.GetService(serviceType);

    async Task<VectorQuery> Query<TInput>(TInput searchValue, int take, VectorPropertyModel property, Expression<Func<TRecord, bool>>? filter, bool includeVectors, CancellationToken cancellationToken)
    {
        Vectors(includeVectors);
        var condition = filter is null ? null : RecordFilterTranslator.Translate(filter, model);
        await Check(cancellationToken).ConfigureAwait(false);
        var vector = await Embed(searchValue, property, cancellationToken).ConfigureAwait(false);
        RecordMapper<TRecord>.Check(vector, property, name);
        int position = 0;
        while (!ReferenceEquals(model.VectorProperties[position], property)) position++;
        return new VectorQuery(position, vector, condition, take, includeVectors);
    }

    async Task<float[]> Embed<TInput>(TInput value, VectorPropertyModel property, CancellationToken cancellationToken)
    {
        if (value is null) throw new InvalidInputException($"The search in collection '{name}' was given nothing to search for.");
        if (RecordMapper<TRecord>.Native(value) is { } vector) return vector;
        if (property.EmbeddingGenerationDispatcher is null)
            throw new InvalidInputException($"The search in collection '{name}' was given a {typeof(TInput).Name}, and no embedding generator is set to turn it into a vector: give the store one, or search by a vector.");
        return RecordMapper<TRecord>.Native(await property.GenerateEmbeddingAsync(value, cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>Once a collection: it must exist, and its vectors must be comparable with ours.</summary>
    async Task Check(CancellationToken cancellationToken)
    {
        if (isChecked) return;
        var kept = await Run(() => backend.ReadDescriptionAsync(cancellationToken), cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidInputException($"{store.Address} has no collection '{name}': call EnsureCollectionExistsAsync first, or check the name.");
        description.Check(kept, name);
        isChecked = true;
    }

    /// <summary>Whether vectors are wanted; a property that holds the text to be embedded cannot give its vector back.</summary>
    bool Vectors(bool wanted) => wanted && model.EmbeddingGenerationRequired
        ? throw new InvalidInputException($"The record of collection '{name}' holds text where its vector is made from it, so vectors cannot be read into it: leave IncludeVectors off.")
        : wanted;

    static object Key(TKey key) => RecordValue.ToStored(key)!;

    Task<T> Run<T>(Func<Task<T>> action, CancellationToken cancellationToken) => store.Run(action, cancellationToken);

    Task Run(Func<Task> action, CancellationToken cancellationToken) => store.Run(async () => { await action().ConfigureAwait(false); return true; }, cancellationToken);
}

/// <summary>A collection whose store ranks by keywords too.</summary>
sealed class KeywordStoreCollection<TKey, TRecord>(Store store, string name, CollectionModel model, ICollectionBackend backend)
    : StoreCollection<TKey, TRecord>(store, name, model, backend), IKeywordHybridSearchable<TRecord>
    where TKey : notnull
    where TRecord : class
{
    public IAsyncEnumerable<VectorSearchResult<TRecord>> HybridSearchAsync<TInput>(TInput searchValue, ICollection<string> keywords, int top, HybridSearchOptions<TRecord>? options = null, CancellationToken cancellationToken = default)
        where TInput : notnull => HybridAsync(searchValue, keywords, top, options, cancellationToken);
}
