using System.Text.Json.Nodes;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>
/// Qdrant by its REST API (api.qdrant.tech): named vectors, payloads, filters. Not run against a live server; requests and answers are
/// tested in the documented forms. Text keys become UUIDs, the key itself lies in the payload. Under cosine, Qdrant keeps vectors at
/// length 1, and so they come back. The description lies in the collection's metadata (Qdrant 1.16 and later; older ones are not
/// checked for another embedding model).
/// </summary>
public sealed class QdrantStore : HttpStore
{
    const string Key = "QDRANT_API_KEY";

    /// <param name="address">Such as <c>http://localhost:6333</c>. The key is read from QDRANT_API_KEY.</param>
    /// <param name="apiKey">The key, instead of the environment's.</param>
    public QdrantStore(string address, string? apiKey = null, VectorStoreOptions? options = null) : this(address, apiKey, options, null) { }

    internal QdrantStore(string address, string? apiKey, VectorStoreOptions? options, HttpMessageHandler? handler)
        : base(Parse(address, "http://localhost:6333"), [("api-key", apiKey ?? Environment.GetEnvironmentVariable(Key))], options, handler) { }

    internal override string SystemName => "qdrant";
    private protected override string KeyVariable => Key;

    private protected override ICollectionBackend Open(string collection, CollectionModel model) => new Backend(Api, collection, model);

    private protected override async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await Api.SendAsync(HttpMethod.Get, "collections", null, cancellationToken).ConfigureAwait(false))!["result"]!["collections"]!.AsArray().Select(item => item!["name"]!.GetValue<string>())];

    private protected override Task DropAsync(string collection, CancellationToken cancellationToken) =>
        Api.SendAsync(HttpMethod.Delete, $"collections/{Uri.EscapeDataString(collection)}", null, cancellationToken);

    sealed class Backend(HttpApi api, string name, CollectionModel model) : ICollectionBackend
    {
        const int PointsPerRequest = 200, PageSize = 1000;
        readonly string path = $"collections/{Uri.EscapeDataString(name)}";

        public async Task<string?> ReadDescriptionAsync(CancellationToken cancellationToken)
        {
            var found = await api.SendAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
            return found is null ? null : found["result"]?["config"]?["metadata"]?["llmlab"]?.GetValue<string>() ?? "";
        }

        public async Task CreateAsync(string description, CancellationToken cancellationToken)
        {
            if (await ReadDescriptionAsync(cancellationToken).ConfigureAwait(false) is null)
            {
                var vectors = new JsonObject();
                foreach (var property in model.VectorProperties)
                    vectors[property.StorageName] = new JsonObject { ["size"] = property.Dimensions, ["distance"] = Similarity.Metric(property) switch { VectorMetric.Cosine => "Cosine", VectorMetric.DotProduct => "Dot", _ => "Euclid" } };
                await api.SendAsync(HttpMethod.Put, path, new JsonObject { ["vectors"] = vectors, ["metadata"] = new JsonObject { ["llmlab"] = description } }, cancellationToken).ConfigureAwait(false);
            }
            foreach (var property in model.DataProperties.Where(property => property.IsIndexed || property.IsFullTextIndexed))
                await api.SendAsync(HttpMethod.Put, $"{path}/index?wait=true", new JsonObject { ["field_name"] = property.StorageName, ["field_schema"] = Schema(property) }, cancellationToken).ConfigureAwait(false);
        }

        public Task DropAsync(CancellationToken cancellationToken) => api.SendAsync(HttpMethod.Delete, path, null, cancellationToken);

        public async Task UpsertAsync(IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken)
        {
            foreach (var chunk in records.Chunk(PointsPerRequest))
            {
                var points = new JsonArray();
                foreach (var record in chunk)
                {
                    var vectors = new JsonObject();
                    for (int i = 0; i < record.Vectors.Length; i++)
                        if (record.Vectors[i] is { } vector) vectors[model.VectorProperties[i].StorageName] = RemoteRecords.Numbers(vector);
                    points.Add((JsonNode)new JsonObject { ["id"] = Id(record.Key), ["vector"] = vectors, ["payload"] = RemoteRecords.Payload(record, model, Name, RemoteRecords.Value) });
                }
                await Existing(HttpMethod.Put, "/points?wait=true", new JsonObject { ["points"] = points }, cancellationToken).ConfigureAwait(false);
            }
        }

        public Task DeleteAsync(IReadOnlyList<object> keys, CancellationToken cancellationToken) =>
            Existing(HttpMethod.Post, "/points/delete?wait=true", new JsonObject { ["points"] = Ids(keys) }, cancellationToken);

        public async Task<IReadOnlyList<StoredRecord>> GetAsync(IReadOnlyList<object> keys, bool includeVectors, CancellationToken cancellationToken)
        {
            var found = await Existing(HttpMethod.Post, "/points", new JsonObject { ["ids"] = Ids(keys), ["with_payload"] = true, ["with_vector"] = includeVectors }, cancellationToken).ConfigureAwait(false);
            return [.. found["result"]!.AsArray().Select(Record)];
        }

        public async Task<IReadOnlyList<StoredRecord>> FindAsync(RecordQuery query, CancellationToken cancellationToken)
        {
            if (query.Filter?.Simplified() is RecordFilter.Constant { Value: false }) return [];
            var records = new List<StoredRecord>();
            long needed = query.Order.Count > 0 ? long.MaxValue : (long)query.Skip + query.Top; // an order is made here, of all
            for (JsonNode? next = null; ;)
            {
                var body = new JsonObject { ["limit"] = Math.Min(PageSize, needed - records.Count), ["with_payload"] = true, ["with_vector"] = query.IncludeVectors };
                if (QdrantFilter.Translate(query.Filter) is { } filter) body["filter"] = filter;
                if (next is not null) body["offset"] = next.DeepClone();
                var page = (await Existing(HttpMethod.Post, "/points/scroll", body, cancellationToken).ConfigureAwait(false))["result"]!;
                records.AddRange(page["points"]!.AsArray().Select(Record));
                next = page["next_page_offset"];
                if (next is null || records.Count >= needed) return RemoteRecords.Order(records, query, model);
            }
        }

        public async Task<IReadOnlyList<ScoredRecord>> SearchAsync(VectorQuery query, CancellationToken cancellationToken)
        {
            if (query.Filter?.Simplified() is RecordFilter.Constant { Value: false }) return [];
            var property = model.VectorProperties[query.Property];
            var body = new JsonObject { ["query"] = RemoteRecords.Numbers(query.Vector), ["using"] = property.StorageName, ["limit"] = query.Top, ["with_payload"] = true, ["with_vector"] = query.IncludeVectors };
            if (QdrantFilter.Translate(query.Filter) is { } filter) body["filter"] = filter;
            var found = await Existing(HttpMethod.Post, "/points/query", body, cancellationToken).ConfigureAwait(false);
            return [.. found["result"]!["points"]!.AsArray().Select(point =>
            {
                double score = point!["score"]!.GetValue<double>(); // similarity, or the Euclidean distance itself
                return new ScoredRecord(Record(point), Similarity.Score(property, Similarity.Metric(property) == VectorMetric.Euclidean ? -score * score : score));
            })];
        }

        async Task<JsonNode> Existing(HttpMethod method, string at, JsonNode body, CancellationToken cancellationToken) =>
            await api.SendAsync(method, path + at, body, cancellationToken).ConfigureAwait(false) ?? throw new InvalidInputException($"The collection '{name}' was deleted.");

        StoredRecord Record(JsonNode? point) => RemoteRecords.Record(point!["payload"]!, model, Name, property => (point["vector"] as JsonObject)?[property.StorageName]);

        static string Name(PropertyModel property) => property.StorageName;

        static JsonArray Ids(IReadOnlyList<object> keys) => new([.. keys.Select(Id)]);

        static JsonNode Id(object key) => key is long number and >= 0 ? JsonValue.Create(number) : JsonValue.Create(RemoteRecords.Uuid(key))!;

        static string Schema(DataPropertyModel property) =>
            property.IsFullTextIndexed ? "text"
            : RecordValue.IsDate(property.Type) ? "datetime"
            : RecordValue.IsWhole(property.Type) switch { true => "integer", false => "float", _ => (Nullable.GetUnderlyingType(property.Type) ?? property.Type) == typeof(bool) ? "bool" : "keyword" };
    }
}
