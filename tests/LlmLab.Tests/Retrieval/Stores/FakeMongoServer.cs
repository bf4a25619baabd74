using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using MongoDB.Bson;
using MongoDB.Bson.IO;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Serializers;

namespace LlmLab.Tests.Retrieval.Stores;

/// <summary>
/// Stands in for a MongoDB server with vector search: OP_MSG over TCP (the wire protocol of the MongoDB manual) and the commands that the store sends, those alone and
/// with the documented fields alone.
/// </summary>
sealed class FakeMongoServer : IDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly Dictionary<string, Dictionary<BsonValue, BsonDocument>> collections = [];
    readonly Dictionary<string, BsonDocument> indexes = [];
    readonly Lock one = new();

    public FakeMongoServer()
    {
        listener.Start();
        _ = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The commands so far, without those of the connection itself.</summary>
    public List<BsonDocument> Commands { get; } = [];

    public void Dispose() => listener.Dispose();

    async Task Accept()
    {
        try
        {
            while (true) _ = Serve(await listener.AcceptTcpClientAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // the test is over
        }
    }

    async Task Serve(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            var header = new byte[16];
            try
            {
                while (true)
                {
                    await stream.ReadExactlyAsync(header);
                    var message = new byte[BinaryPrimitives.ReadInt32LittleEndian(header) - 16];
                    await stream.ReadExactlyAsync(message);
                    int opcode = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12));
                    var answer = Answer(opcode == 2013 ? Message(message) : new BsonDocument { { "hello", 1 } });
                    await stream.WriteAsync(Reply(opcode, BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4)), answer.ToBson()));
                }
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // the client went
            }
        }
    }

    /// <summary>The command of an OP_MSG: its body, and what came beside it as document sequences.</summary>
    static BsonDocument Message(byte[] bytes)
    {
        BsonDocument command = null!;
        var sequences = new List<(string Name, BsonArray Documents)>();
        for (int at = 4; at < bytes.Length;)
        {
            if (bytes[at++] == 0)
            {
                command = Document(bytes, ref at);
                continue;
            }
            int end = at + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            int zero = Array.IndexOf(bytes, (byte)0, at + 4);
            var documents = new BsonArray();
            string name = System.Text.Encoding.UTF8.GetString(bytes, at + 4, zero - at - 4);
            for (at = zero + 1; at < end;) documents.Add(Document(bytes, ref at));
            sequences.Add((name, documents));
        }
        foreach (var (name, documents) in sequences) command[name] = documents;
        return command;
    }

    static BsonDocument Document(byte[] bytes, ref int at)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        using var reader = new BsonBinaryReader(new MemoryStream(bytes, at, length));
        at += length;
        return BsonDocumentSerializer.Instance.Deserialize(BsonDeserializationContext.CreateRoot(reader));
    }

    /// <summary>OP_MSG, or OP_REPLY to a client that greets in the old way.</summary>
    static byte[] Reply(int opcode, int to, byte[] document)
    {
        int head = opcode == 2013 ? 21 : 36;
        var bytes = new byte[head + document.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), to);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), opcode == 2013 ? 2013 : 1);
        if (opcode != 2013) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(32), 1);
        document.CopyTo(bytes, head);
        return bytes;
    }

    BsonDocument Answer(BsonDocument command)
    {
        lock (one)
        {
            string verb = command.GetElement(0).Name;
            if (verb is "hello" or "isMaster" or "ismaster")
                return Done(new BsonDocument { { "isWritablePrimary", true }, { "ismaster", true }, { "helloOk", true }, { "maxBsonObjectSize", 16777216 }, { "maxMessageSizeBytes", 48000000 }, { "maxWriteBatchSize", 100000 }, { "minWireVersion", 0 }, { "maxWireVersion", 21 }, { "readOnly", false } });
            if (verb is "ping" or "endSessions" or "buildInfo") return Done([]);
            Commands.Add(command);
            try
            {
                return Done(Run(verb, command));
            }
            catch (Exception exception) // said to the client, so that the test shows it
            {
                return new BsonDocument { { "ok", 0 }, { "errmsg", exception.ToString() }, { "code", 9 }, { "codeName", "FailedToParse" } };
            }
        }
    }

    static BsonDocument Done(BsonDocument result) => result.Add("ok", 1);

    BsonDocument Run(string verb, BsonDocument command)
    {
        string name = command[0].IsString ? command[0].AsString : "";
        switch (verb)
        {
            case "listCollections":
                var only = command.GetValue("filter", new BsonDocument()).AsBsonDocument.GetValue("name", BsonNull.Value);
                return Cursor("$cmd.listCollections", collections.Keys.Where(key => only.IsBsonNull || only.AsString == key).Select(key => new BsonDocument { { "name", key }, { "type", "collection" } }));
            case "create":
                collections.Add(name, []);
                return [];
            case "drop":
                collections.Remove(name);
                indexes.Remove(name);
                return [];
            case "createSearchIndexes":
                var index = command["indexes"].AsBsonArray.Single().AsBsonDocument;
                if (index["type"] != "vectorSearch") throw new FakeHttpServer.UndocumentedException("not a vector index");
                foreach (var field in index["definition"]["fields"].AsBsonArray)
                    if (!(field["type"] == "filter" && field.AsBsonDocument.ElementCount == 2 || field["type"] == "vector" && field["similarity"].AsString is "cosine" or "dotProduct" or "euclidean" && field["numDimensions"].IsInt32 && field["path"].IsString))
                        throw new FakeHttpServer.UndocumentedException($"field {field}");
                indexes[name] = index;
                return new BsonDocument("indexesCreated", new BsonArray { new BsonDocument { { "id", "1" }, { "name", index["name"] } } });
            case "update":
                foreach (var update in command["updates"].AsBsonArray)
                {
                    if (!update["upsert"].ToBoolean()) throw new FakeHttpServer.UndocumentedException("no upsert");
                    Of(name, make: true)[update["q"]["_id"]] = update["u"].AsBsonDocument;
                }
                return new BsonDocument { { "n", command["updates"].AsBsonArray.Count }, { "nModified", 0 } };
            case "delete":
                int gone = command["deletes"].AsBsonArray.Sum(delete => Where(name, delete["q"].AsBsonDocument).ToList().Count(document => Of(name).Remove(document["_id"])));
                return new BsonDocument("n", gone);
            case "find":
                var found = Where(name, command.GetValue("filter", new BsonDocument()).AsBsonDocument);
                foreach (var by in command.GetValue("sort", new BsonDocument()).AsBsonDocument.Reverse())
                    found = by.Value > 0 ? found.OrderBy(document => document.GetValue(by.Name, BsonNull.Value)) : found.OrderByDescending(document => document.GetValue(by.Name, BsonNull.Value));
                found = found.Skip(command.GetValue("skip", 0).ToInt32());
                if (command.GetValue("limit", 0).ToInt32() is > 0 and var limit) found = found.Take(limit);
                var without = command.GetValue("projection", new BsonDocument()).AsBsonDocument.Names.ToHashSet();
                return Cursor(name, found.Select(document => new BsonDocument(document.Elements.Where(element => !without.Contains(element.Name)))));
            case "aggregate":
                var stage = command["pipeline"].AsBsonArray[0].AsBsonDocument;
                return stage.Contains("$listSearchIndexes")
                    ? Cursor(name, [new BsonDocument { { "name", indexes[name]["name"] }, { "queryable", true }, { "status", "READY" } }])
                    : Cursor(name, Search(name, stage["$vectorSearch"].AsBsonDocument));
            default:
                throw new FakeHttpServer.UndocumentedException($"unknown command {verb}");
        }
    }

    IEnumerable<BsonDocument> Search(string name, BsonDocument stage)
    {
        if (stage.Names.Except(["index", "path", "queryVector", "numCandidates", "limit", "filter", "exact"]).FirstOrDefault() is { } unknown) throw new FakeHttpServer.UndocumentedException($"unknown member {unknown}");
        if (stage["numCandidates"].ToInt32() < stage["limit"].ToInt32()) throw new FakeHttpServer.UndocumentedException("fewer candidates than results");
        var fields = indexes[name]["definition"]["fields"].AsBsonArray;
        var filter = stage.GetValue("filter", new BsonDocument()).AsBsonDocument;
        var filterable = fields.Where(field => field["type"] == "filter").Select(field => field["path"].AsString).ToHashSet();
        if (Fields(filter).FirstOrDefault(path => !filterable.Contains(path)) is { } path) throw new FakeHttpServer.UndocumentedException($"{path} is not indexed as a filter");
        string similarity = fields.Single(field => field["type"] == "vector" && field["path"] == stage["path"])["similarity"].AsString;
        var query = Floats(stage["queryVector"]);
        double Closeness(float[] vector) => similarity switch { "cosine" => FakeSimilarity.Cosine(query, vector), "dotProduct" => FakeSimilarity.Dot(query, vector), _ => -FakeSimilarity.SquaredDistance(query, vector) };
        return Where(name, filter).Where(document => document.Contains(stage["path"].AsString)).OrderByDescending(document => Closeness(Floats(document[stage["path"].AsString]))).Take(stage["limit"].ToInt32());
    }

    static IEnumerable<string> Fields(BsonDocument filter) => filter.SelectMany(element => element.Name is "$and" or "$or" ? element.Value.AsBsonArray.SelectMany(part => Fields(part.AsBsonDocument)) : [element.Name]);

    IEnumerable<BsonDocument> Where(string name, BsonDocument filter) => Of(name).Values.Where(document => FakeQueryDocument.Matches(Json(filter), Json(document), ordersText: true));

    Dictionary<BsonValue, BsonDocument> Of(string name, bool make = false)
    {
        if (!collections.TryGetValue(name, out var documents))
        {
            documents = [];
            if (make) collections.Add(name, documents);
        }
        return documents;
    }

    static JsonObject Json(BsonDocument document) => (JsonObject)JsonNode.Parse(document.ToJson(new JsonWriterSettings { OutputMode = JsonOutputMode.RelaxedExtendedJson }))!;

    static float[] Floats(BsonValue array) => [.. array.AsBsonArray.Select(x => (float)x.ToDouble())];

    static BsonDocument Cursor(string name, IEnumerable<BsonDocument> documents) =>
        new("cursor", new BsonDocument { { "id", 0L }, { "ns", "llmlab." + name }, { "firstBatch", new BsonArray(documents.Select(document => document.DeepClone())) } });
}
