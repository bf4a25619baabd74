using System.Globalization;
using System.Text.Json.Nodes;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>
/// Pinecone by its HTTP API (docs.pinecone.io, version 2025-10): a serverless index a collection, records in its default namespace. Not run against
/// a live server; requests and answers are tested in the documented forms. One vector a record. A date is kept as microseconds since 1970,
/// which Pinecone can order. What was written shows in searches after some seconds (eventual consistency).
/// </summary>
public sealed class PineconeStore : HttpStore
{
    const string Key = "PINECONE_API_KEY";
    readonly string cloud, region;

    /// <param name="address">The control plane, <c>https://api.pinecone.io</c>. The key is read from PINECONE_API_KEY.</param>
    /// <param name="apiKey">The key, instead of the environment's.</param>
    /// <param name="cloud">Where indexes are made: "aws", "gcp" or "azure".</param>
    /// <param name="region">The cloud's region.</param>
    public PineconeStore(string address = "https://api.pinecone.io", string? apiKey = null, VectorStoreOptions? options = null, string cloud = "aws", string region = "us-east-1")
        : this(address, apiKey, options, cloud, region, null) { }

    internal PineconeStore(string address, string? apiKey, VectorStoreOptions? options, string cloud, string region, HttpMessageHandler? handler)
        : base(Parse(address, "https://api.pinecone.io"), [("Api-Key", apiKey ?? Environment.GetEnvironmentVariable(Key)), ("X-Pinecone-Api-Version", "2025-10")], options, handler) =>
        (this.cloud, this.region) = (cloud, region);

    internal override string SystemName => "pinecone";
    private protected override string KeyVariable => Key;
    private protected override bool SeveralVectors => false;

    private protected override ICollectionBackend Open(string collection, CollectionModel model) =>
        collection.Length > 45 || collection.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            ? throw new InvalidInputException($"Pinecone cannot name an index '{collection}': expected at most 45 small letters, digits and hyphens.")
            : new Backend(this, collection, model);

    private protected override async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await Api.SendAsync(HttpMethod.Get, "indexes", null, cancellationToken).ConfigureAwait(false))!["indexes"]!.AsArray().Select(item => item!["name"]!.GetValue<string>())];

    private protected override Task DropAsync(string collection, CancellationToken cancellationToken) =>
        Api.SendAsync(HttpMethod.Delete, $"indexes/{collection}", null, cancellationToken);

    sealed class Backend(PineconeStore store, string name, CollectionModel model) : ICollectionBackend
    {
        const string ModelTag = "llmlab_model"; // tags are short texts of few characters: the model's name is all that is kept
        const int VectorsPerRequest = 100, IdsPerFetch = 50, IdsPerDelete = 1000, PageSize = 100;
        readonly VectorPropertyModel vector = model.VectorProperties[0];
        volatile string? host;

        public async Task<string?> ReadDescriptionAsync(CancellationToken cancellationToken)
        {
            var index = await store.Api.SendAsync(HttpMethod.Get, $"indexes/{name}", null, cancellationToken).ConfigureAwait(false);
            if (index is null) return null;
            host = index["host"]!.GetValue<string>();
            var mine = CollectionDescription.Of(model).Vectors[0];
            string? kept = index["tags"]?[ModelTag]?.GetValue<string>();
            bool same = index["metric"]!.GetValue<string>() == Metric(vector);
            return new CollectionDescription([mine with
            {
                Dimensions = index["dimension"]!.GetValue<int>(),
                Distance = same ? mine.Distance : index["metric"]!.GetValue<string>(),
                Model = mine.Model is { } own && Tag(own) == kept ? own : kept,
            }]).ToJson();
        }

        public async Task CreateAsync(string description, CancellationToken cancellationToken)
        {
            if (await ReadDescriptionAsync(cancellationToken).ConfigureAwait(false) is not null) return;
            var body = new JsonObject
            {
                ["name"] = name,
                ["dimension"] = vector.Dimensions,
                ["metric"] = Metric(vector),
                ["spec"] = new JsonObject { ["serverless"] = new JsonObject { ["cloud"] = store.cloud, ["region"] = store.region } },
            };
            if (CollectionDescription.Of(model).Vectors[0].Model is { } embeddingModel) body["tags"] = new JsonObject { [ModelTag] = Tag(embeddingModel) };
            var made = await store.Api.SendAsync(HttpMethod.Post, "indexes", body, cancellationToken).ConfigureAwait(false);
            for (int wait = 0; made?["status"]?["ready"]?.GetValue<bool>() != true; wait++) // an index is ready some seconds later
            {
                if (wait == 60) throw new InvalidInputException($"Pinecone's index '{name}' was made and is not ready after a minute: try again later.");
                await store.Options.Retry.Delay(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
                made = await store.Api.SendAsync(HttpMethod.Get, $"indexes/{name}", null, cancellationToken).ConfigureAwait(false);
            }
            host = made["host"]!.GetValue<string>();
        }

        public Task DropAsync(CancellationToken cancellationToken) => store.DropAsync(name, cancellationToken);

        public async Task UpsertAsync(IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken)
        {
            foreach (var chunk in records.Chunk(VectorsPerRequest))
            {
                var vectors = new JsonArray([.. chunk.Select(record => (JsonNode)new JsonObject
                {
                    ["id"] = Id(record.Key),
                    ["values"] = RemoteRecords.Numbers(record.Vectors[0] ?? throw new InvalidInputException($"The record '{record.Key}' has no vector: Pinecone keeps none without.")),
                    ["metadata"] = RemoteRecords.Payload(record, model, Name, Value),
                })]);
                await Existing(HttpMethod.Post, "vectors/upsert", new JsonObject { ["vectors"] = vectors }, cancellationToken).ConfigureAwait(false);
            }
        }

        public async Task DeleteAsync(IReadOnlyList<object> keys, CancellationToken cancellationToken)
        {
            foreach (var chunk in keys.Chunk(IdsPerDelete))
                await Existing(HttpMethod.Post, "vectors/delete", new JsonObject { ["ids"] = new JsonArray([.. chunk.Select(key => (JsonNode)Id(key))]) }, cancellationToken).ConfigureAwait(false);
        }

        public async Task<IReadOnlyList<StoredRecord>> GetAsync(IReadOnlyList<object> keys, bool includeVectors, CancellationToken cancellationToken)
        {
            var records = new List<StoredRecord>();
            foreach (var chunk in keys.Chunk(IdsPerFetch)) // ids travel in the address
            {
                var found = await Existing(HttpMethod.Get, $"vectors/fetch?{string.Join('&', chunk.Select(key => "ids=" + Uri.EscapeDataString(Id(key))))}", null, cancellationToken).ConfigureAwait(false);
                records.AddRange(found["vectors"]!.AsObject().Select(pair => Record(pair.Value!, includeVectors)));
            }
            return records;
        }

        public async Task<IReadOnlyList<StoredRecord>> FindAsync(RecordQuery query, CancellationToken cancellationToken)
        {
            var filter = query.Filter?.Simplified();
            if (filter is RecordFilter.Constant { Value: false }) return [];
            var records = new List<StoredRecord>();
            long needed = query.Order.Count > 0 ? long.MaxValue : (long)query.Skip + query.Top; // an order is made here, of all
            for (string? next = null; ;)
            {
                var body = new JsonObject { ["filter"] = Filter(filter) ?? new JsonObject { [Name(model.KeyProperty)] = new JsonObject { ["$exists"] = true } }, ["limit"] = Math.Min(PageSize, needed - records.Count) };
                if (next is not null) body["paginationToken"] = next;
                var page = await Existing(HttpMethod.Post, "vectors/fetch_by_metadata", body, cancellationToken).ConfigureAwait(false);
                records.AddRange(page["vectors"]!.AsObject().Select(pair => Record(pair.Value!, query.IncludeVectors)));
                next = page["pagination"]?["next"]?.GetValue<string>();
                if (string.IsNullOrEmpty(next) || records.Count >= needed) return RemoteRecords.Order(records, query, model);
            }
        }

        public async Task<IReadOnlyList<ScoredRecord>> SearchAsync(VectorQuery query, CancellationToken cancellationToken)
        {
            var filter = query.Filter?.Simplified();
            if (filter is RecordFilter.Constant { Value: false }) return [];
            var body = new JsonObject { ["vector"] = RemoteRecords.Numbers(query.Vector), ["topK"] = query.Top, ["includeValues"] = query.IncludeVectors, ["includeMetadata"] = true };
            if (Filter(filter) is { } condition) body["filter"] = condition;
            var found = await Existing(HttpMethod.Post, "query", body, cancellationToken).ConfigureAwait(false);
            return [.. found["matches"]!.AsArray().Select(match =>
            {
                double score = match!["score"]!.GetValue<double>(); // similarity, or the squared Euclidean distance
                return new ScoredRecord(Record(match, query.IncludeVectors), Similarity.Score(vector, Similarity.Metric(vector) == VectorMetric.Euclidean ? -score : score));
            })];
        }

        async Task<JsonNode> Existing(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
        {
            if (host is null && await ReadDescriptionAsync(cancellationToken).ConfigureAwait(false) is null) throw new InvalidInputException($"The collection '{name}' was deleted.");
            string address = host!.StartsWith("http", StringComparison.Ordinal) ? host! : "https://" + host;
            return await store.Api.SendAsync(method, $"{address}/{path}", body, cancellationToken).ConfigureAwait(false) ?? new JsonObject();
        }

        StoredRecord Record(JsonNode found, bool includeVectors) => RemoteRecords.Record(found["metadata"]!, model, Name, _ => includeVectors ? found["values"] : null, Read);

        static JsonObject? Filter(RecordFilter? filter) => filter is null or RecordFilter.Constant ? null : new QueryDocumentFilter(Name, Value).Translate(filter);

        static string Name(PropertyModel property) => property.StorageName;
        static string Id(object key) => Convert.ToString(key, CultureInfo.InvariantCulture)!;

        static JsonNode? Value(object value, PropertyModel property) => RecordValue.IsDate(property.Type) && value is string
            ? (((DateTime)RecordValue.FromStored(value, typeof(DateTime))!).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond
            : RemoteRecords.Value(value, property);

        static object? Read(JsonNode value, PropertyModel property)
        {
            if (!RecordValue.IsDate(property.Type)) return RemoteRecords.Stored(value, property);
            var time = DateTime.UnixEpoch.AddMicroseconds(value.GetValue<double>());
            return RecordValue.ToStored((Nullable.GetUnderlyingType(property.Type) ?? property.Type) == typeof(DateOnly) ? DateOnly.FromDateTime(time) : time);
        }

        static string Metric(VectorPropertyModel property) => Similarity.Metric(property) switch { VectorMetric.Cosine => "cosine", VectorMetric.DotProduct => "dotproduct", _ => "euclidean" };

        static string Tag(string text)
        {
            string tag = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
            return tag.Length <= 120 ? tag : tag[^120..];
        }
    }
}
