using System.Collections.Concurrent;
using LlmLab.Retrieval.Stores.Indexes;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores;

/// <summary>A vector store that lives as long as its process: for experiments and tests. Searches are exact, over SIMD.</summary>
public sealed class InMemoryStore(VectorStoreOptions? options = null) : Store(options)
{
    static readonly VectorIndexOptions Exact = new() { HnswFrom = int.MaxValue };
    readonly ConcurrentDictionary<string, Content> collections = new(StringComparer.Ordinal);

    internal override string SystemName => "memory";
    internal override string Name => "this process";
    internal override string Address => "The store in memory";

    private protected override ICollectionBackend Open(string collection, CollectionModel model) => new Backend(this, collection, model);

    private protected override Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. collections.Keys.Order(StringComparer.Ordinal)]);

    private protected override Task DropAsync(string collection, CancellationToken cancellationToken)
    {
        collections.TryRemove(collection, out _);
        return Task.CompletedTask;
    }

    /// <summary>The records of a collection: one writer at a time, readers without locks.</summary>
    sealed class Content(string description, CollectionModel model)
    {
        readonly Lock writing = new();
        readonly ConcurrentDictionary<object, long> ids = new();
        readonly ConcurrentDictionary<long, StoredRecord> records = new();
        readonly VectorIndex[] indexes = [.. model.VectorProperties.Select(property => new VectorIndex(property.Dimensions, Similarity.Metric(property), Exact))];
        long lastId;

        public string Description => description;

        public void Upsert(IReadOnlyList<StoredRecord> batch)
        {
            lock (writing)
            {
                foreach (var record in batch)
                {
                    Remove(record.Key);
                    long id = ++lastId;
                    records[id] = record;
                    ids[record.Key] = id;
                    for (int i = 0; i < indexes.Length; i++)
                        if (record.Vectors[i] is { } vector) indexes[i].Add(id, vector);
                }
                Tidy();
            }
        }

        public void Delete(IReadOnlyList<object> keys)
        {
            lock (writing)
            {
                foreach (object key in keys) Remove(key);
                Tidy();
            }
        }

        public StoredRecord? Get(object key) => ids.TryGetValue(key, out long id) ? records.GetValueOrDefault(id) : null;

        public IEnumerable<(long Id, StoredRecord Record)> Where(RecordFilter? filter)
        {
            var evaluator = new RecordFilterEvaluator(model);
            return records.Where(pair => filter is null || evaluator.Matches(filter, pair.Value)).Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Key);
        }

        public List<ScoredRecord> Search(VectorQuery query)
        {
            var property = model.VectorProperties[query.Property];
            var among = query.Filter is null ? null : Where(query.Filter).Select(pair => pair.Id).ToList();
            var found = indexes[query.Property].Search(query.Vector, query.Top, among);
            return [.. from neighbour in found
                       let record = records.GetValueOrDefault(neighbour.Id)
                       where record is not null
                       select new ScoredRecord(record, Similarity.Score(property, neighbour.Closeness))];
        }

        void Tidy()
        {
            foreach (var index in indexes) index.Prepare(CancellationToken.None); // lets go of removed rows once they are many
        }

        void Remove(object key)
        {
            if (!ids.TryRemove(key, out long id)) return;
            records.TryRemove(id, out _);
            foreach (var index in indexes) index.Remove(id);
        }
    }

    sealed class Backend(InMemoryStore store, string name, CollectionModel model) : ICollectionBackend
    {
        Content Content => store.collections.TryGetValue(name, out var content) ? content
            : throw new InvalidInputException($"The collection '{name}' was deleted.");

        public Task<string?> ReadDescriptionAsync(CancellationToken cancellationToken) => Task.FromResult(store.collections.GetValueOrDefault(name)?.Description);

        public Task CreateAsync(string description, CancellationToken cancellationToken)
        {
            store.collections.GetOrAdd(name, _ => new Content(description, model));
            return Task.CompletedTask;
        }

        public Task DropAsync(CancellationToken cancellationToken) => store.DropAsync(name, cancellationToken);

        public Task UpsertAsync(IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken)
        {
            Content.Upsert(records);
            return Task.CompletedTask;
        }

        public Task DeleteAsync(IReadOnlyList<object> keys, CancellationToken cancellationToken)
        {
            Content.Delete(keys);
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<StoredRecord>> GetAsync(IReadOnlyList<object> keys, bool includeVectors, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<StoredRecord>>([.. keys.Select(Content.Get).OfType<StoredRecord>()]);

        public Task<IReadOnlyList<StoredRecord>> FindAsync(RecordQuery query, CancellationToken cancellationToken)
        {
            var evaluator = new RecordFilterEvaluator(model);
            var records = Content.Where(query.Filter).Select(pair => pair.Record);
            var order = Comparer<object?>.Create(RecordFilterEvaluator.Order);
            foreach (var (property, ascending) in query.Order.Reverse()) // stable sorts, the last to decide first
                records = ascending ? records.OrderBy(record => evaluator.Value(property, record), order) : records.OrderByDescending(record => evaluator.Value(property, record), order);
            return Task.FromResult<IReadOnlyList<StoredRecord>>([.. records.Skip(query.Skip).Take(query.Top)]);
        }

        public Task<IReadOnlyList<ScoredRecord>> SearchAsync(VectorQuery query, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<ScoredRecord>>(Content.Search(query));
    }
}
