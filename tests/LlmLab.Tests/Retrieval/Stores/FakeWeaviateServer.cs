using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Tests.Retrieval.Stores;

/// <summary>Weaviate's schema, objects, batch and GraphQL Get as docs.weaviate.io documents them.</summary>
sealed class FakeWeaviateServer : FakeHttpServer
{
    sealed record Entry(JsonObject Properties, float[]? Vector);

    sealed record Class(JsonObject Schema, SortedDictionary<string, Entry> Objects);

    readonly Dictionary<string, Class> classes = [];

    protected override (HttpStatusCode, JsonNode?) Answer(string method, string path, IReadOnlyList<(string Name, string Value)> query, JsonNode? body)
    {
        string[] parts = path.Trim('/').Split('/');
        switch (method, string.Join('/', parts[..2]), parts.Length)
        {
            case ("GET", "v1/schema", 2):
                return Ok(new JsonObject { ["classes"] = new JsonArray([.. classes.Values.Select(found => found.Schema.DeepClone())]) });
            case ("GET", "v1/schema", 3):
                return classes.TryGetValue(parts[2], out var shown) ? Ok(shown.Schema.DeepClone()) : NotFound();
            case ("DELETE", "v1/schema", 3):
                classes.Remove(parts[2]);
                return Ok(null);
            case ("POST", "v1/schema", 2):
                return Create(Members(body, "class!", "description", "vectorizer!", "vectorIndexConfig!", "invertedIndexConfig", "properties!"));
            case ("POST", "v1/batch", 3) when parts[2] == "objects":
                return Ok(new JsonArray([.. Members(body, "objects!")["objects"]!.AsArray().Select(item => Put(Members(item, "class!", "id!", "properties!", "vector")))]));
            case ("GET", "v1/objects", 4):
                if (!classes.TryGetValue(parts[2], out var of) || !of.Objects.TryGetValue(parts[3], out var entry)) return NotFound();
                var found = new JsonObject { ["class"] = parts[2], ["id"] = parts[3], ["properties"] = entry.Properties.DeepClone() };
                if (query.Contains(("include", "vector"))) found["vector"] = Numbers(entry.Vector);
                return Ok(found);
            case ("DELETE", "v1/objects", 4):
                return classes.TryGetValue(parts[2], out var from) && from.Objects.Remove(parts[3]) ? (HttpStatusCode.NoContent, null) : NotFound();
            case ("POST", "v1/graphql", 2):
                return Ok(Get(Members(body, "query!")["query"]!.GetValue<string>()));
            default:
                throw new UndocumentedException($"no such action: {method} {path}");
        }
    }

    (HttpStatusCode, JsonNode?) Create(JsonObject schema)
    {
        string name = schema["class"]!.GetValue<string>();
        if (!char.IsAsciiLetterUpper(name[0])) throw new UndocumentedException("a class begins with a capital");
        foreach (var item in schema["properties"]!.AsArray())
        {
            var property = Members(item, "name!", "dataType!", "indexFilterable", "indexSearchable", "tokenization");
            if (!char.IsAsciiLetterLower(property["name"]!.GetValue<string>()[0]) || property["name"]!.GetValue<string>() == "id") throw new UndocumentedException("a property begins with a small letter and is not called id");
            if (property["dataType"]![0]!.GetValue<string>() is not ("text" or "text[]" or "int" or "number" or "boolean" or "date")) throw new UndocumentedException("unknown data type");
        }
        classes.Add(name, new Class((JsonObject)schema.DeepClone(), new(StringComparer.Ordinal)));
        return Ok(schema.DeepClone());
    }

    JsonNode Put(JsonObject item)
    {
        var of = classes[item["class"]!.GetValue<string>()];
        string id = item["id"]!.GetValue<string>();
        if (!Guid.TryParse(id, out _)) throw new UndocumentedException("an id is a UUID");
        var known = of.Schema["properties"]!.AsArray().Select(property => property!["name"]!.GetValue<string>()).ToHashSet();
        if (item["properties"]!.AsObject().FirstOrDefault(pair => !known.Contains(pair.Key)).Key is { } unknown) throw new UndocumentedException($"no property {unknown}");
        of.Objects[id] = new Entry((JsonObject)item["properties"]!.DeepClone(), item["vector"] is { } vector ? FakeSimilarity.Floats(vector) : null);
        return new JsonObject { ["id"] = id, ["result"] = new JsonObject { ["status"] = "SUCCESS" } };
    }

    JsonNode Get(string text)
    {
        var graph = new GraphText(text);
        graph.Take("{").Take("Get").Take("{");
        string name = graph.Word();
        var arguments = Members(graph.Arguments(), "nearVector", "where", "limit", "offset");
        var fields = graph.Fields();
        graph.Take("}").Take("}").End();
        if (!classes.TryGetValue(name, out var of)) return new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["message"] = $"Cannot query field \"{name}\"" }) };
        string distance = of.Schema["vectorIndexConfig"]!["distance"]!.GetValue<string>();
        var found = of.Objects.Where(pair => arguments["where"] is not { } where || Matches(where, pair.Value.Properties)).Select(pair => (pair.Key, pair.Value, Distance: 0.0));
        if (arguments["nearVector"] is { } near)
        {
            var query = FakeSimilarity.Floats(Members(near, "vector!")["vector"]);
            double Distance(float[] vector) => distance switch { "cosine" => 1 - FakeSimilarity.Cosine(query, vector), "dot" => -FakeSimilarity.Dot(query, vector), "l2-squared" => FakeSimilarity.SquaredDistance(query, vector), _ => throw new UndocumentedException("unknown distance") };
            found = found.Where(item => item.Value.Vector is not null).Select(item => (item.Key, item.Value, Distance(item.Value.Vector!))).OrderBy(item => item.Item3);
        }
        var page = found.Skip(arguments["offset"]?.GetValue<int>() ?? 0).Take(arguments["limit"]!.GetValue<int>()).Select(item =>
        {
            var shown = new JsonObject();
            foreach (string field in fields.Names) shown[field] = item.Value.Properties[field]?.DeepClone();
            shown["_additional"] = new JsonObject(fields.Additional.Select(extra => KeyValuePair.Create(extra, extra switch { "id" => item.Key, "distance" => (JsonNode?)item.Distance, "vector" => Numbers(item.Value.Vector), _ => throw new UndocumentedException($"unknown _additional {extra}") })));
            return (JsonNode?)shown;
        });
        return new JsonObject { ["data"] = new JsonObject { ["Get"] = new JsonObject { [name] = new JsonArray([.. page]) } } };
    }

    static JsonNode? Numbers(float[]? vector) => vector is null ? null : new JsonArray([.. vector.Select(x => (JsonNode?)x)]);

    static bool Matches(JsonNode where, JsonObject properties)
    {
        string operation = where["operator"]!.GetValue<string>();
        if (operation is "And" or "Or" or "Not")
        {
            var operands = Members(where, "operator!", "operands!")["operands"]!.AsArray();
            return operation switch { "And" => operands.All(part => Matches(part!, properties)), "Or" => operands.Any(part => Matches(part!, properties)), _ => operands.Count == 1 ? !Matches(operands[0]!, properties) : throw new UndocumentedException("Not takes one operand") };
        }
        var condition = Members(where, "operator!", "path!", "valueText", "valueInt", "valueNumber", "valueBoolean", "valueDate");
        var value = properties[condition["path"]![0]!.GetValue<string>()];
        var (type, wanted) = condition.Single(pair => pair.Key.StartsWith("value", StringComparison.Ordinal));
        if (operation == "IsNull") return value is null or JsonArray { Count: 0 } == wanted!.GetValue<bool>();
        if (operation == "ContainsAny") return value is JsonArray list && list.Any(item => wanted!.AsArray().Any(one => JsonNode.DeepEquals(item, one)));
        if (value is null) return operation == "NotEqual";
        int order = type switch
        {
            "valueDate" => DateTimeOffset.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture).CompareTo(DateTimeOffset.Parse(wanted!.GetValue<string>(), CultureInfo.InvariantCulture)),
            "valueInt" or "valueNumber" => value.GetValue<double>().CompareTo(wanted!.GetValue<double>()),
            "valueBoolean" => value.GetValue<bool>().CompareTo(wanted!.GetValue<bool>()),
            _ => string.CompareOrdinal(value.GetValue<string>(), wanted!.GetValue<string>()),
        };
        return operation switch { "Equal" => order == 0, "NotEqual" => order != 0, "LessThan" => order < 0, "LessThanEqual" => order <= 0, "GreaterThan" => order > 0, "GreaterThanEqual" => order >= 0, _ => throw new UndocumentedException($"unknown operator {operation}") };
    }

    /// <summary>The part of GraphQL that a Get needs: names, arguments, values.</summary>
    sealed class GraphText(string text)
    {
        int at;

        public GraphText Take(string token)
        {
            Blank();
            if (string.CompareOrdinal(text, at, token, 0, token.Length) != 0) throw new UndocumentedException($"expected {token} at {at}: {text}");
            at += token.Length;
            return this;
        }

        public void End()
        {
            Blank();
            if (at != text.Length) throw new UndocumentedException("text after the end");
        }

        public string Word()
        {
            Blank();
            int start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_')) at++;
            return at > start ? text[start..at] : throw new UndocumentedException($"expected a name at {at}: {text}");
        }

        public JsonObject Arguments() => Object('(', ')');

        public (List<string> Names, List<string> Additional) Fields()
        {
            Take("{");
            var (names, additional) = (new List<string>(), new List<string>());
            for (Blank(); text[at] != '}'; Blank())
            {
                string word = Word();
                if (word != "_additional") names.Add(word);
                else for (Take("{"); ; additional.Add(Word())) { Blank(); if (text[at] == '}') { at++; break; } }
            }
            at++;
            return (names, additional);
        }

        JsonObject Object(char open, char close)
        {
            Take(open.ToString());
            var result = new JsonObject();
            for (Blank(); text[at] != close; Blank())
            {
                string name = Word();
                Take(":");
                result[name] = Value();
            }
            at++;
            return result;
        }

        JsonNode? Value()
        {
            Blank();
            switch (text[at])
            {
                case '{':
                    return Object('{', '}');
                case '[':
                    at++;
                    var list = new JsonArray();
                    for (Blank(); text[at] != ']'; Blank()) list.Add(Value());
                    at++;
                    return list;
                case '"':
                    int start = at++;
                    for (; text[at] != '"'; at++) if (text[at] == '\\') at++;
                    return JsonNode.Parse(text[start..++at]);
                case var c when char.IsAsciiDigit(c) || c == '-':
                    int from = at;
                    while (char.IsAsciiDigit(text[at]) || "+-.eE".Contains(text[at])) at++;
                    return JsonNode.Parse(text[from..at]);
                default:
                    return Word() switch { "true" => true, "false" => false, var name => name };
            }
        }

        void Blank()
        {
            while (at < text.Length && (char.IsWhiteSpace(text[at]) || text[at] == ',')) at++;
        }
    }
}
