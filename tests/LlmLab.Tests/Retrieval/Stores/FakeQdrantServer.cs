using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Tests.Retrieval.Stores;

/// <summary>Qdrant's REST API as api.qdrant.tech documents it for collections, points and filters.</summary>
sealed class FakeQdrantServer : FakeHttpServer
{
    sealed record Point(JsonNode Id, Dictionary<string, float[]> Vectors, JsonObject Payload);

    sealed record Content(JsonObject Config, SortedDictionary<string, Point> Points);

    readonly Dictionary<string, Content> collections = [];

    protected override (HttpStatusCode, JsonNode?) Answer(string method, string path, IReadOnlyList<(string Name, string Value)> query, JsonNode? body)
    {
        string[] parts = path.Trim('/').Split('/');
        if (parts[0] != "collections") throw new UndocumentedException($"no such path: {path}");
        if (parts.Length == 1) return Result(new JsonObject { ["collections"] = new JsonArray([.. collections.Keys.Select(name => new JsonObject { ["name"] = name })]) });
        string name = parts[1], action = string.Join('/', [method, .. parts[2..]]);
        if (action == "PUT") return Create(name, body);
        if (!collections.TryGetValue(name, out var content)) return action == "DELETE" ? Result(false) : NotFound();
        switch (action)
        {
            case "GET":
                return Result(new JsonObject { ["status"] = "green", ["config"] = new JsonObject { ["params"] = new JsonObject { ["vectors"] = content.Config["vectors"]!.DeepClone() }, ["metadata"] = content.Config["metadata"]?.DeepClone() } });
            case "DELETE":
                return Result(collections.Remove(name));
            case "PUT/index":
                var index = Members(body, "field_name!", "field_schema!");
                if (index["field_schema"]!.GetValue<string>() is not ("keyword" or "integer" or "float" or "bool" or "datetime" or "text" or "uuid" or "geo")) throw new UndocumentedException("unknown field_schema");
                return Updated(query);
            case "PUT/points":
                foreach (var point in Members(body, "points!")["points"]!.AsArray()) Put(content, Members(point, "id!", "vector!", "payload"));
                return Updated(query);
            case "POST/points":
                var get = Members(body, "ids!", "with_payload", "with_vector");
                return Result(new JsonArray([.. get["ids"]!.AsArray().Select(id => content.Points.GetValueOrDefault(Key(id!))).OfType<Point>().Select(point => Shown(point, get))]));
            case "POST/points/delete":
                foreach (var id in Members(body, "points!")["points"]!.AsArray()) content.Points.Remove(Key(id!));
                return Updated(query);
            case "POST/points/scroll":
                return Scroll(content, Members(body, "limit", "offset", "filter", "with_payload", "with_vector"));
            case "POST/points/query":
                return Search(content, Members(body, "query!", "using", "limit", "filter", "with_payload", "with_vector"));
            default:
                throw new UndocumentedException($"no such action: {action}");
        }
    }

    (HttpStatusCode, JsonNode?) Create(string name, JsonNode? body)
    {
        var config = Members(body, "vectors!", "metadata");
        foreach (var (_, vector) in config["vectors"]!.AsObject())
            if (Members(vector, "size!", "distance!")["distance"]!.GetValue<string>() is not ("Cosine" or "Dot" or "Euclid" or "Manhattan")) throw new UndocumentedException("unknown distance");
        if (!collections.TryAdd(name, new Content((JsonObject)config.DeepClone(), new(StringComparer.Ordinal)))) return (HttpStatusCode.Conflict, new JsonObject { ["status"] = "exists" });
        return Result(true);
    }

    static void Put(Content content, JsonObject point)
    {
        var vectors = new Dictionary<string, float[]>();
        foreach (var (name, value) in point["vector"]!.AsObject())
        {
            var parameters = content.Config["vectors"]![name] ?? throw new UndocumentedException($"no vector {name}");
            var vector = FakeSimilarity.Floats(value);
            if (vector.Length != parameters["size"]!.GetValue<int>()) throw new UndocumentedException("wrong dimension");
            if (parameters["distance"]!.GetValue<string>() == "Cosine" && Math.Sqrt(FakeSimilarity.Dot(vector, vector)) is > 0 and var length)
                vector = [.. vector.Select(x => (float)(x / length))]; // documented: cosine vectors are normalised when they are stored
            vectors[name] = vector;
        }
        content.Points[Key(point["id"]!)] = new Point(point["id"]!.DeepClone(), vectors, (JsonObject)point["payload"]!.DeepClone());
    }

    static (HttpStatusCode, JsonNode?) Scroll(Content content, JsonObject body)
    {
        int limit = body["limit"]?.GetValue<int>() ?? 10;
        var points = content.Points.Where(pair => Matches(body["filter"], pair.Value.Payload)).Select(pair => pair.Value);
        if (body["offset"] is { } offset) points = points.SkipWhile(point => Key(point.Id) != Key(offset));
        var page = points.Take(limit + 1).ToList();
        return Result(new JsonObject { ["points"] = new JsonArray([.. page.Take(limit).Select(point => Shown(point, body))]), ["next_page_offset"] = page.Count > limit ? page[limit].Id.DeepClone() : null });
    }

    static (HttpStatusCode, JsonNode?) Search(Content content, JsonObject body)
    {
        string name = body["using"]!.GetValue<string>(), distance = content.Config["vectors"]![name]!["distance"]!.GetValue<string>();
        var query = FakeSimilarity.Floats(body["query"]);
        double Score(float[] vector) => distance switch { "Cosine" => FakeSimilarity.Cosine(query, vector), "Dot" => FakeSimilarity.Dot(query, vector), _ => Math.Sqrt(FakeSimilarity.SquaredDistance(query, vector)) };
        var found = content.Points.Values.Where(point => Matches(body["filter"], point.Payload)).Select(point => (Point: point, Score: Score(point.Vectors[name])));
        found = distance == "Euclid" ? found.OrderBy(pair => pair.Score) : found.OrderByDescending(pair => pair.Score);
        return Result(new JsonObject
        {
            ["points"] = new JsonArray([.. found.Take(body["limit"]!.GetValue<int>()).Select(pair =>
            {
                var shown = Shown(pair.Point, body);
                shown["version"] = 1;
                shown["score"] = pair.Score;
                return shown;
            })]),
        });
    }

    static JsonObject Shown(Point point, JsonObject body)
    {
        var shown = new JsonObject { ["id"] = point.Id.DeepClone() };
        if (body["with_payload"]?.GetValue<bool>() == true) shown["payload"] = point.Payload.DeepClone();
        if (body["with_vector"]?.GetValue<bool>() == true) shown["vector"] = new JsonObject(point.Vectors.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)new JsonArray([.. pair.Value.Select(x => (JsonNode?)x)]))));
        return shown;
    }

    static bool Matches(JsonNode? filter, JsonObject payload)
    {
        if (filter is null) return true;
        if (filter["key"] is { } key) return Condition(filter, payload[key.GetValue<string>()]);
        if (filter["is_empty"] is { } empty) return payload[Members(empty, "key!")["key"]!.GetValue<string>()] is null or JsonArray { Count: 0 };
        var clauses = Members(filter, "must", "should", "must_not");
        return (clauses["must"]?.AsArray().All(part => Matches(part, payload)) ?? true)
            && (clauses["should"]?.AsArray().Any(part => Matches(part, payload)) ?? true)
            && !(clauses["must_not"]?.AsArray().Any(part => Matches(part, payload)) ?? false);
    }

    static bool Condition(JsonNode condition, JsonNode? value)
    {
        if (value is JsonArray list) return list.Any(item => Condition(condition, item)); // documented: an array matches if one of its values does
        if (condition["match"] is { } match)
        {
            var members = Members(match, "value", "any");
            JsonNode?[] wanted = members["any"]?.AsArray().ToArray() ?? [members["value"]];
            if (wanted.Any(one => one!.GetValueKind() == JsonValueKind.Number && one.GetValue<double>() % 1 != 0)) throw new UndocumentedException("match knows no fractions");
            return value is not null && wanted.Any(one => JsonNode.DeepEquals(one, value));
        }
        if (value is null) return false;
        var range = Members(condition["range"] ?? throw new UndocumentedException("neither match nor range"), "lt", "lte", "gt", "gte");
        return range.All(bound =>
        {
            int order = bound.Value!.GetValueKind() == JsonValueKind.String
                ? DateTimeOffset.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture).CompareTo(DateTimeOffset.Parse(bound.Value.GetValue<string>(), CultureInfo.InvariantCulture))
                : value.GetValue<double>().CompareTo(bound.Value.GetValue<double>());
            return bound.Key switch { "lt" => order < 0, "lte" => order <= 0, "gt" => order > 0, _ => order >= 0 };
        });
    }

    static string Key(JsonNode id)
    {
        if (id.GetValueKind() == JsonValueKind.Number && id.GetValue<long>() >= 0 || Guid.TryParse(id.ToString(), out _)) return id.ToString();
        throw new UndocumentedException($"{id} is neither an unsigned integer nor a UUID");
    }

    static (HttpStatusCode, JsonNode?) Result(JsonNode? result) => Ok(new JsonObject { ["result"] = result, ["status"] = "ok", ["time"] = 0.001 });

    static (HttpStatusCode, JsonNode?) Updated(IReadOnlyList<(string Name, string Value)> query) =>
        query.Contains(("wait", "true")) ? Result(new JsonObject { ["operation_id"] = 1, ["status"] = "completed" }) : throw new UndocumentedException("the write would not be waited for");
}
