using LlmLab.Retrieval.Stores.Indexes;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;
using MongoDB.Bson;
using MongoDB.Driver;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>
/// MongoDB Atlas (or a server with vector search) by its driver: documents with their vectors, a search index of type vectorSearch, the
/// aggregation stage $vectorSearch. Not run against a live server; commands are tested in the documented forms. What was written shows in
/// searches when the search index has taken it in, usually within a second. Scores are computed from the vectors that come back, since Atlas's own are
/// of another meaning.
/// </summary>
public sealed class MongoStore : Store
{
    const string Descriptions = "llmlab_collections";
    readonly MongoClient client;
    readonly IMongoDatabase database;

    /// <param name="address"><c>mongodb+srv://user:password@cluster.example.mongodb.net/database</c>; the database is "llmlab" where none is named.</param>
    public MongoStore(string address, VectorStoreOptions? options = null) : base(options)
    {
        try
        {
            var url = new MongoUrl(address);
            var settings = MongoClientSettings.FromUrl(url);
            settings.ApplicationName = "llmlab";
            if (url.ServerSelectionTimeout == MongoDefaults.ServerSelectionTimeout) settings.ServerSelectionTimeout = TimeSpan.FromSeconds(5); // it is asked again anyway
            client = new MongoClient(settings);
            database = client.GetDatabase(url.DatabaseName ?? "llmlab");
            Name = string.Join(',', url.Servers.Select(server => server.ToString())) + "/" + database.DatabaseNamespace.DatabaseName;
        }
        catch (Exception exception) when (exception is MongoConfigurationException or FormatException or ArgumentException)
        {
            throw new InvalidInputException("The address of the MongoDB server cannot be read: expected mongodb+srv://user:password@host/database."); // without the inner exception: it may hold the password
        }
    }

    internal override string SystemName => "mongodb";
    internal override string Name { get; }

    private protected override ICollectionBackend Open(string collection, CollectionModel model) =>
        model.DataProperties.FirstOrDefault(property => property.StorageName.StartsWith('$') || property.StorageName.Contains('.') || property.StorageName == "_id") is { } bad
            ? throw new InvalidInputException($"MongoDB cannot name a field '{bad.StorageName}': expected a name without dots that does not begin with $.")
            : new Backend(this, collection, model);

    private protected override async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        using var names = await database.ListCollectionNamesAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. (await names.ToListAsync(cancellationToken).ConfigureAwait(false)).Where(name => name != Descriptions).Order(StringComparer.Ordinal)];
    }

    private protected override async Task DropAsync(string collection, CancellationToken cancellationToken)
    {
        await database.DropCollectionAsync(collection, cancellationToken).ConfigureAwait(false);
        await database.GetCollection<BsonDocument>(Descriptions).DeleteOneAsync(new BsonDocument("_id", collection), cancellationToken).ConfigureAwait(false);
    }

    private protected override bool IsTransient(Exception exception) =>
        exception is TimeoutException or MongoConnectionException or MongoNotPrimaryException or MongoNodeIsRecoveringException && exception is not MongoAuthenticationException;

    private protected override string? Explain(Exception exception) => exception switch
    {
        MongoAuthenticationException => "the user or the password is wrong",
        MongoException => exception.Message,
        _ => null,
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) client.Dispose();
        base.Dispose(disposing);
    }

    sealed class Backend(MongoStore store, string name, CollectionModel model) : ICollectionBackend
    {
        const string IndexName = "llmlab_vectors";
        const int LeastCandidates = 100, MostCandidates = 10_000;
        readonly IMongoCollection<BsonDocument> documents = store.database.GetCollection<BsonDocument>(name);
        readonly IMongoCollection<BsonDocument> descriptions = store.database.GetCollection<BsonDocument>(Descriptions);

        public async Task<string?> ReadDescriptionAsync(CancellationToken cancellationToken)
        {
            using var names = await store.database.ListCollectionNamesAsync(new ListCollectionNamesOptions { Filter = new BsonDocument("name", name) }, cancellationToken).ConfigureAwait(false);
            if (!await names.AnyAsync(cancellationToken).ConfigureAwait(false)) return null;
            using var found = await descriptions.FindAsync(new BsonDocument("_id", name), cancellationToken: cancellationToken).ConfigureAwait(false);
            return (await found.FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false))?["description"].AsString ?? "";
        }

        public async Task CreateAsync(string description, CancellationToken cancellationToken)
        {
            if (await ReadDescriptionAsync(cancellationToken).ConfigureAwait(false) is not null) return;
            await store.database.CreateCollectionAsync(name, cancellationToken: cancellationToken).ConfigureAwait(false);
            await descriptions.ReplaceOneAsync(new BsonDocument("_id", name), new BsonDocument { { "_id", name }, { "description", description } }, new ReplaceOptions { IsUpsert = true }, cancellationToken).ConfigureAwait(false);
            var fields = new BsonArray(model.VectorProperties.Select(property => new BsonDocument
            {
                { "type", "vector" }, { "path", property.StorageName }, { "numDimensions", property.Dimensions },
                { "similarity", Similarity.Metric(property) switch { VectorMetric.Cosine => "cosine", VectorMetric.DotProduct => "dotProduct", _ => "euclidean" } },
            }));
            fields.Add(new BsonDocument { { "type", "filter" }, { "path", "_id" } });
            fields.AddRange(model.DataProperties.Where(property => !property.IsFullTextIndexed || property.IsIndexed).Select(property => new BsonDocument { { "type", "filter" }, { "path", property.StorageName } }));
            await documents.SearchIndexes.CreateOneAsync(new CreateSearchIndexModel(IndexName, SearchIndexType.VectorSearch, new BsonDocument("fields", fields)), cancellationToken).ConfigureAwait(false);
            for (int wait = 0; wait < 120; wait++) // Atlas builds it beside
            {
                using var indexes = await documents.SearchIndexes.ListAsync(IndexName, cancellationToken: cancellationToken).ConfigureAwait(false);
                if ((await indexes.FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false))?.GetValue("queryable", false).ToBoolean() == true) return;
                await store.Options.Retry.Delay(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
            }
            throw new InvalidInputException($"The search index of '{name}' was made and cannot be queried after two minutes: try again later.");
        }

        public Task DropAsync(CancellationToken cancellationToken) => store.DropAsync(name, cancellationToken);

        public Task UpsertAsync(IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken) =>
            documents.BulkWriteAsync(records.Select(record => new ReplaceOneModel<BsonDocument>(new BsonDocument("_id", BsonValue.Create(record.Key)), Document(record)) { IsUpsert = true }), cancellationToken: cancellationToken);

        public Task DeleteAsync(IReadOnlyList<object> keys, CancellationToken cancellationToken) => documents.DeleteManyAsync(ByKeys(keys), cancellationToken);

        public Task<IReadOnlyList<StoredRecord>> GetAsync(IReadOnlyList<object> keys, bool includeVectors, CancellationToken cancellationToken) =>
            Find(ByKeys(keys), new FindOptions<BsonDocument> { Projection = Projection(includeVectors) }, cancellationToken);

        public Task<IReadOnlyList<StoredRecord>> FindAsync(RecordQuery query, CancellationToken cancellationToken)
        {
            var filter = query.Filter?.Simplified();
            if (filter is RecordFilter.Constant { Value: false }) return Task.FromResult<IReadOnlyList<StoredRecord>>([]);
            var sort = new BsonDocument(query.Order.Select(by => new BsonElement(Name(by.Property), by.Ascending ? 1 : -1)));
            if (!sort.Contains("_id")) sort.Add("_id", 1);
            return Find(Filter(filter) ?? [], new FindOptions<BsonDocument> { Projection = Projection(query.IncludeVectors), Sort = sort, Skip = query.Skip, Limit = query.Top }, cancellationToken);
        }

        public async Task<IReadOnlyList<ScoredRecord>> SearchAsync(VectorQuery query, CancellationToken cancellationToken)
        {
            var filter = query.Filter?.Simplified();
            if (filter is RecordFilter.Constant { Value: false }) return [];
            var property = model.VectorProperties[query.Property];
            var stage = new BsonDocument
            {
                { "index", IndexName }, { "path", property.StorageName }, { "queryVector", new BsonArray(query.Vector.Select(x => (double)x)) },
                { "numCandidates", Math.Clamp(20 * query.Top, LeastCandidates, Math.Max(MostCandidates, query.Top)) }, { "limit", query.Top },
            };
            if (Filter(filter) is { } condition) stage["filter"] = condition;
            using var found = await documents.AggregateAsync<BsonDocument>(new BsonDocument[] { new("$vectorSearch", stage) }, cancellationToken: cancellationToken).ConfigureAwait(false);
            var records = (await found.ToListAsync(cancellationToken).ConfigureAwait(false)).Select(document => Record(document, true)).ToList();
            var index = new VectorIndex(property.Dimensions, Similarity.Metric(property), new VectorIndexOptions { HnswFrom = int.MaxValue });
            for (int i = 0; i < records.Count; i++) index.Add(i, records[i].Vectors[query.Property]!);
            return [.. index.Search(query.Vector, query.Top).Select(neighbour => new ScoredRecord(records[(int)neighbour.Id], Similarity.Score(property, neighbour.Closeness)))];
        }

        async Task<IReadOnlyList<StoredRecord>> Find(BsonDocument filter, FindOptions<BsonDocument> options, CancellationToken cancellationToken)
        {
            bool includeVectors = options.Projection is null;
            using var found = await documents.FindAsync(filter, options, cancellationToken).ConfigureAwait(false);
            return [.. (await found.ToListAsync(cancellationToken).ConfigureAwait(false)).Select(document => Record(document, includeVectors))];
        }

        ProjectionDefinition<BsonDocument, BsonDocument>? Projection(bool includeVectors) =>
            includeVectors ? null : new BsonDocument(model.VectorProperties.Select(property => new BsonElement(property.StorageName, 0)));

        static BsonDocument ByKeys(IReadOnlyList<object> keys) => new("_id", new BsonDocument("$in", new BsonArray(keys)));

        static string Name(PropertyModel property) => property is KeyPropertyModel ? "_id" : property.StorageName;

        static BsonDocument? Filter(RecordFilter? filter) =>
            filter is null or RecordFilter.Constant ? null : BsonDocument.Parse(new QueryDocumentFilter(Name, RemoteRecords.Value).Translate(filter).ToJsonString());

        BsonDocument Document(StoredRecord record)
        {
            var document = new BsonDocument("_id", BsonValue.Create(record.Key));
            for (int i = 0; i < record.Data.Length; i++)
                if (record.Data[i] is { } value) document[model.DataProperties[i].StorageName] = value is string[] list ? new BsonArray(list) : BsonValue.Create(value);
            for (int i = 0; i < record.Vectors.Length; i++)
                if (record.Vectors[i] is { } vector) document[model.VectorProperties[i].StorageName] = new BsonArray(vector.Select(x => (double)x));
            return document;
        }

        StoredRecord Record(BsonDocument document, bool includeVectors) => new(
            Stored(document["_id"], model.KeyProperty)!,
            [.. model.DataProperties.Select(property => Stored(document.GetValue(property.StorageName, BsonNull.Value), property))],
            [.. model.VectorProperties.Select(property => includeVectors && document.TryGetValue(property.StorageName, out var numbers) ? numbers.AsBsonArray.Select(x => (float)x.ToDouble()).ToArray() : null)]);

        static object? Stored(BsonValue value, PropertyModel property) => value switch
        {
            BsonNull => null,
            BsonString text => text.Value,
            BsonBoolean truth => truth.Value,
            BsonArray list => list.Select(item => item.AsString).ToArray(),
            _ => RecordValue.IsWhole(property.Type) == true ? value.ToInt64() : value.ToDouble(),
        };
    }
}
