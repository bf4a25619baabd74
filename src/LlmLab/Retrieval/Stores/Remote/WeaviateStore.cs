using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>
/// Weaviate by its REST API for schema and objects and its GraphQL API for searches (docs.weaviate.io; filters use Not, so 1.33 or later). Not run against a
/// live server; requests and answers are tested in the documented forms. Weaviate's own cloud ends GraphQL in 2027. A class name begins with a
/// capital, property names with a small letter; one vector a record; an empty list is the same as none.
/// </summary>
public sealed class WeaviateStore : HttpStore
{
    const string Key = "WEAVIATE_API_KEY";

    /// <param name="address">Such as <c>http://localhost:8080</c>. The key is read from WEAVIATE_API_KEY.</param>
    /// <param name="apiKey">The key, instead of the environment's.</param>
    public WeaviateStore(string address, string? apiKey = null, VectorStoreOptions? options = null) : this(address, apiKey, options, null) { }

    internal WeaviateStore(string address, string? apiKey, VectorStoreOptions? options, HttpMessageHandler? handler)
        : base(Parse(address, "http://localhost:8080"), [("Authorization", (apiKey ?? Environment.GetEnvironmentVariable(Key)) is { Length: > 0 } key ? "Bearer " + key : null)], options, handler) { }

    internal override string SystemName => "weaviate";
    private protected override string KeyVariable => Key;
    private protected override bool SeveralVectors => false;

    private protected override ICollectionBackend Open(string collection, CollectionModel model) =>
        !char.IsAsciiLetterUpper(collection[0]) || !WeaviateNames.IsName(collection)
            ? throw new InvalidInputException($"Weaviate cannot name a class '{collection}': expected a capital letter, then letters, digits and underscores.")
            : new Backend(Api, collection, model);

    private protected override async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await Api.SendAsync(HttpMethod.Get, "v1/schema", null, cancellationToken).ConfigureAwait(false))!["classes"]!.AsArray().Select(item => item!["class"]!.GetValue<string>())];

    private protected override Task DropAsync(string collection, CancellationToken cancellationToken) =>
        Api.SendAsync(HttpMethod.Delete, $"v1/schema/{collection}", null, cancellationToken);

    sealed class Backend(HttpApi api, string name, CollectionModel model) : ICollectionBackend
    {
        const int ObjectsPerRequest = 100, PageSize = 1000;
        readonly VectorPropertyModel vector = model.VectorProperties[0];
        readonly WeaviateNames names = new(model);

        public async Task<string?> ReadDescriptionAsync(CancellationToken cancellationToken) =>
            await api.SendAsync(HttpMethod.Get, $"v1/schema/{name}", null, cancellationToken).ConfigureAwait(false) is { } found ? found["description"]?.GetValue<string>() ?? "" : null;

        public async Task CreateAsync(string description, CancellationToken cancellationToken)
        {
            if (await ReadDescriptionAsync(cancellationToken).ConfigureAwait(false) is not null) return;
            var properties = new JsonArray();
            foreach (var property in model.Properties.Where(property => property is not VectorPropertyModel))
            {
                var made = new JsonObject { ["name"] = names.Of(property), ["dataType"] = new JsonArray(WeaviateNames.Type(property)), ["indexFilterable"] = true };
                if (WeaviateNames.Type(property).StartsWith("text", StringComparison.Ordinal))
                {
                    bool words = property is DataPropertyModel { IsFullTextIndexed: true };
                    (made["tokenization"], made["indexSearchable"]) = (words ? "word" : "field", words); // "field": filters compare the whole text
                }
                properties.Add((JsonNode)made);
            }
            await api.SendAsync(HttpMethod.Post, "v1/schema", new JsonObject
            {
                ["class"] = name,
                ["description"] = description,
                ["vectorizer"] = "none",
                ["vectorIndexConfig"] = new JsonObject { ["distance"] = Similarity.Metric(vector) switch { VectorMetric.Cosine => "cosine", VectorMetric.DotProduct => "dot", _ => "l2-squared" } },
                ["invertedIndexConfig"] = new JsonObject { ["indexNullState"] = true },
                ["properties"] = properties,
            }, cancellationToken).ConfigureAwait(false);
        }

        public Task DropAsync(CancellationToken cancellationToken) => api.SendAsync(HttpMethod.Delete, $"v1/schema/{name}", null, cancellationToken);

        public async Task UpsertAsync(IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken)
        {
            foreach (var chunk in records.Chunk(ObjectsPerRequest))
            {
                var objects = new JsonArray();
                foreach (var record in chunk)
                {
                    var made = new JsonObject { ["class"] = name, ["id"] = RemoteRecords.Uuid(record.Key), ["properties"] = RemoteRecords.Payload(record, model, names.Of, RemoteRecords.Value) };
                    if (record.Vectors[0] is { } numbers) made["vector"] = RemoteRecords.Numbers(numbers);
                    objects.Add((JsonNode)made);
                }
                var answer = await api.SendAsync(HttpMethod.Post, "v1/batch/objects", new JsonObject { ["objects"] = objects }, cancellationToken).ConfigureAwait(false);
                foreach (var item in answer?.AsArray() ?? throw Deleted()) // a batch succeeds as a whole even where objects in it fail
                    if (item!["result"]?["errors"]?["error"] is JsonArray { Count: > 0 } errors) throw new HttpApiException(HttpStatusCode.UnprocessableEntity, errors[0]!["message"]!.GetValue<string>());
            }
        }

        public async Task DeleteAsync(IReadOnlyList<object> keys, CancellationToken cancellationToken)
        {
            foreach (object key in keys) await api.SendAsync(HttpMethod.Delete, $"v1/objects/{name}/{RemoteRecords.Uuid(key)}", null, cancellationToken).ConfigureAwait(false);
        }

        public async Task<IReadOnlyList<StoredRecord>> GetAsync(IReadOnlyList<object> keys, bool includeVectors, CancellationToken cancellationToken)
        {
            var records = new List<StoredRecord>();
            foreach (object key in keys)
                if (await api.SendAsync(HttpMethod.Get, $"v1/objects/{name}/{RemoteRecords.Uuid(key)}{(includeVectors ? "?include=vector" : "")}", null, cancellationToken).ConfigureAwait(false) is { } found)
                    records.Add(Record(found["properties"]!, includeVectors ? found["vector"] : null));
            return records;
        }

        public async Task<IReadOnlyList<StoredRecord>> FindAsync(RecordQuery query, CancellationToken cancellationToken)
        {
            var filter = query.Filter?.Simplified();
            if (filter is RecordFilter.Constant { Value: false }) return [];
            var records = new List<StoredRecord>();
            for (long needed = query.Order.Count > 0 ? long.MaxValue : (long)query.Skip + query.Top; ;) // an order is made here, of all
            {
                long limit = Math.Min(PageSize, needed - records.Count);
                var page = await Get($"{WeaviateFilter.Argument(filter, names)}limit: {limit}, offset: {records.Count}", query.IncludeVectors ? "vector" : "id", cancellationToken).ConfigureAwait(false);
                records.AddRange(page.Select(found => Record(found!, found!["_additional"]!["vector"])));
                if (page.Count < limit || records.Count >= needed) return RemoteRecords.Order(records, query, model);
            }
        }

        public async Task<IReadOnlyList<ScoredRecord>> SearchAsync(VectorQuery query, CancellationToken cancellationToken)
        {
            var filter = query.Filter?.Simplified();
            if (filter is RecordFilter.Constant { Value: false }) return [];
            string numbers = string.Join(", ", query.Vector.Select(x => x.ToString("R", CultureInfo.InvariantCulture)));
            var page = await Get($"nearVector: {{vector: [{numbers}]}}, {WeaviateFilter.Argument(filter, names)}limit: {query.Top}", query.IncludeVectors ? "distance vector" : "distance", cancellationToken).ConfigureAwait(false);
            return [.. page.Select(found =>
            {
                double distance = found!["_additional"]!["distance"]!.GetValue<double>(); // 1 − cosine, −dot, or the squared distance
                double closeness = Similarity.Metric(vector) == VectorMetric.Cosine ? 1 - distance : -distance;
                return new ScoredRecord(Record(found, found["_additional"]!["vector"]), Similarity.Score(vector, closeness));
            })];
        }

        async Task<JsonArray> Get(string arguments, string additional, CancellationToken cancellationToken)
        {
            string properties = string.Join(' ', model.Properties.Where(property => property is not VectorPropertyModel).Select(names.Of));
            string graph = $"{{ Get {{ {name}({arguments}) {{ {properties} _additional {{ {additional} }} }} }} }}";
            var answer = await api.SendAsync(HttpMethod.Post, "v1/graphql", new JsonObject { ["query"] = graph }, cancellationToken).ConfigureAwait(false);
            if (answer?["errors"] is JsonArray { Count: > 0 } errors) throw new HttpApiException(HttpStatusCode.UnprocessableEntity, errors[0]!["message"]!.GetValue<string>());
            return answer?["data"]?["Get"]?[name] as JsonArray ?? throw Deleted();
        }

        InvalidInputException Deleted() => new($"The collection '{name}' was deleted.");

        StoredRecord Record(JsonNode properties, JsonNode? numbers) => RemoteRecords.Record(properties, model, names.Of, _ => numbers, Read);

        /// <summary>Dates come back in RFC 3339 with as many digits as Weaviate likes.</summary>
        static object? Read(JsonNode value, PropertyModel property) => RecordValue.IsDate(property.Type) && WeaviateNames.Type(property) == "date"
            ? RecordValue.ToStored(RecordValue.FromStored(value.GetValue<string>(), typeof(DateTimeOffset)))
            : RemoteRecords.Stored(value, property);
    }
}
