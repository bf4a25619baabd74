using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Tests.Retrieval.Stores;

/// <summary>Pinecone's control and data plane as docs.pinecone.io documents them (2025-10); every index has its own host.</summary>
sealed class FakePineconeServer : FakeHttpServer
{
    sealed record Index(JsonObject Settings, SortedDictionary<string, (float[] Values, JsonObject Metadata)> Vectors);

    readonly Dictionary<string, Index> indexes = [];

    protected override (HttpStatusCode, JsonNode?) Answer(string method, string path, IReadOnlyList<(string Name, string Value)> query, JsonNode? body)
    {
        if (Headers["X-Pinecone-Api-Version"] != "2025-10") throw new UndocumentedException("no API version");
        string[] parts = path.Trim('/').Split('/');
        if (parts[0] == "indexes") return Control(method, parts, body);
        return Data(indexes[Host.Split("-abc123")[0]], $"{method} {string.Join('/', parts)}", query, body);
    }

    (HttpStatusCode, JsonNode?) Control(string method, string[] parts, JsonNode? body)
    {
        switch ((method, parts.Length))
        {
            case ("GET", 1):
                return Ok(new JsonObject { ["indexes"] = new JsonArray([.. indexes.Values.Select(index => index.Settings.DeepClone())]) });
            case ("POST", 1):
                var settings = (JsonObject)Members(body, "name!", "dimension!", "metric!", "spec!", "tags").DeepClone();
                string name = settings["name"]!.GetValue<string>();
                if (settings["metric"]!.GetValue<string>() is not ("cosine" or "dotproduct" or "euclidean")) throw new UndocumentedException("unknown metric");
                Members(Members(settings["spec"], "serverless!")["serverless"], "cloud!", "region!");
                settings["host"] = $"{name}-abc123.svc.aws.pinecone.io";
                settings["status"] = new JsonObject { ["ready"] = false, ["state"] = "Initializing" };
                indexes[name] = new Index(settings, new(StringComparer.Ordinal));
                return (HttpStatusCode.Created, settings.DeepClone());
            case ("GET", 2) when indexes.TryGetValue(parts[1], out var found):
                var shown = found.Settings.DeepClone();
                found.Settings["status"] = new JsonObject { ["ready"] = true, ["state"] = "Ready" }; // by the next time it is asked
                return Ok(shown);
            case ("DELETE", 2) when indexes.Remove(parts[1]):
                return (HttpStatusCode.Accepted, null);
            default:
                return NotFound();
        }
    }

    static (HttpStatusCode, JsonNode?) Data(Index index, string action, IReadOnlyList<(string Name, string Value)> query, JsonNode? body)
    {
        switch (action)
        {
            case "POST vectors/upsert":
                foreach (var item in Members(body, "vectors!", "namespace")["vectors"]!.AsArray())
                {
                    var vector = Members(item, "id!", "values!", "metadata");
                    foreach (var (name, value) in vector["metadata"]!.AsObject())
                        if (value is null || value is JsonObject) throw new UndocumentedException($"metadata {name} is null or an object");
                    var values = FakeSimilarity.Floats(vector["values"]);
                    if (values.Length != index.Settings["dimension"]!.GetValue<int>()) throw new UndocumentedException("wrong dimension");
                    index.Vectors[vector["id"]!.GetValue<string>()] = (values, (JsonObject)vector["metadata"]!.DeepClone());
                }
                return Ok(new JsonObject { ["upsertedCount"] = body!["vectors"]!.AsArray().Count });
            case "POST vectors/delete":
                foreach (var id in Members(body, "ids!", "namespace")["ids"]!.AsArray()) index.Vectors.Remove(id!.GetValue<string>());
                return Ok(new JsonObject());
            case "GET vectors/fetch":
                return Ok(new JsonObject { ["namespace"] = "", ["vectors"] = new JsonObject(query.Where(pair => pair.Name == "ids" && index.Vectors.ContainsKey(pair.Value)).Select(pair => KeyValuePair.Create(pair.Value, (JsonNode?)Shown(pair.Value, index, true)))) });
            case "POST vectors/fetch_by_metadata":
                var fetch = Members(body, "filter!", "limit", "paginationToken", "namespace");
                int skip = int.Parse(fetch["paginationToken"]?.GetValue<string>() ?? "0"), limit = fetch["limit"]?.GetValue<int>() ?? 100;
                var matching = index.Vectors.Where(pair => FakeQueryDocument.Matches(fetch["filter"]!, pair.Value.Metadata)).Select(pair => pair.Key).Skip(skip).ToList();
                var page = new JsonObject { ["vectors"] = new JsonObject(matching.Take(limit).Select(id => KeyValuePair.Create(id, (JsonNode?)Shown(id, index, true)))) };
                if (matching.Count > limit) page["pagination"] = new JsonObject { ["next"] = (skip + limit).ToString() };
                return Ok(page);
            case "POST query":
                return Search(index, Members(body, "vector!", "topK!", "filter", "includeValues", "includeMetadata", "namespace"));
            default:
                throw new UndocumentedException($"no such action: {action}");
        }
    }

    static (HttpStatusCode, JsonNode?) Search(Index index, JsonObject body)
    {
        var query = FakeSimilarity.Floats(body["vector"]);
        string metric = index.Settings["metric"]!.GetValue<string>();
        double Score(float[] vector) => metric switch { "cosine" => FakeSimilarity.Cosine(query, vector), "dotproduct" => FakeSimilarity.Dot(query, vector), _ => FakeSimilarity.SquaredDistance(query, vector) };
        var found = index.Vectors.Where(pair => body["filter"] is not { } filter || FakeQueryDocument.Matches(filter, pair.Value.Metadata)).Select(pair => (Id: pair.Key, Score: Score(pair.Value.Values)));
        found = metric == "euclidean" ? found.OrderBy(pair => pair.Score) : found.OrderByDescending(pair => pair.Score);
        return Ok(new JsonObject
        {
            ["matches"] = new JsonArray([.. found.Take(body["topK"]!.GetValue<int>()).Select(pair =>
            {
                var shown = Shown(pair.Id, index, body["includeValues"]?.GetValue<bool>() == true);
                shown["score"] = pair.Score;
                return shown;
            })]),
            ["namespace"] = "",
            ["usage"] = new JsonObject { ["readUnits"] = 1 },
        });
    }

    static JsonObject Shown(string id, Index index, bool values)
    {
        var shown = new JsonObject { ["id"] = id, ["metadata"] = index.Vectors[id].Metadata.DeepClone() };
        if (values) shown["values"] = new JsonArray([.. index.Vectors[id].Values.Select(x => (JsonNode?)x)]);
        return shown;
    }
}

/// <summary>Evaluates a query document: the documented operators and no others.</summary>
static class FakeQueryDocument
{
    /// <param name="ordersText">Whether texts can be ordered, as in MongoDB.</param>
    public static bool Matches(JsonNode filter, JsonObject fields, bool ordersText = false) => filter.AsObject().All(pair => pair.Key switch
    {
        "$and" => pair.Value!.AsArray().All(part => Matches(part!, fields, ordersText)),
        "$or" => pair.Value!.AsArray().Any(part => Matches(part!, fields, ordersText)),
        _ when pair.Value is not JsonObject => Is(fields[pair.Key], pair.Value), // equality without an operator
        _ => pair.Value!.AsObject().All(condition => Holds(fields[pair.Key], condition.Key, condition.Value, ordersText)),
    });

    static bool Holds(JsonNode? value, string operation, JsonNode? operand, bool ordersText) => operation switch
    {
        "$exists" => value is not null == operand!.GetValue<bool>(),
        "$eq" => Is(value, operand),
        "$ne" => !Is(value, operand),
        "$in" => operand!.AsArray().Any(one => Is(value, one)),
        "$nin" => !operand!.AsArray().Any(one => Is(value, one)),
        "$lt" or "$lte" or "$gt" or "$gte" when operand!.GetValueKind() == JsonValueKind.Number => value is not null && InOrder(value.GetValue<double>().CompareTo(operand.GetValue<double>()), operation),
        "$lt" or "$lte" or "$gt" or "$gte" when ordersText => value is not null && InOrder(string.CompareOrdinal(value.GetValue<string>(), operand!.GetValue<string>()), operation),
        _ => throw new FakeHttpServer.UndocumentedException($"{operation} with {operand?.ToJsonString()}"),
    };

    static bool InOrder(int order, string operation) => operation switch { "$lt" => order < 0, "$lte" => order <= 0, "$gt" => order > 0, _ => order >= 0 };

    static bool Is(JsonNode? value, JsonNode? wanted) => value is JsonArray list ? list.Any(item => Is(item, wanted))
        : value is not null && wanted is not null && (value.GetValueKind() == JsonValueKind.Number && wanted.GetValueKind() == JsonValueKind.Number ? value.GetValue<double>() == wanted.GetValue<double>() : JsonNode.DeepEquals(value, wanted));
}
