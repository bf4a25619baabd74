using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Remote;

/// <summary>Records as JSON objects: key and data by their names, nulls left out, vectors as arrays of numbers.</summary>
static class RemoteRecords
{
    /// <summary>Key and data of a record.</summary>
    /// <param name="name">A property's name in the store.</param>
    /// <param name="value">A value in the store's form.</param>
    public static JsonObject Payload(StoredRecord record, CollectionModel model, Func<PropertyModel, string> name, Func<object, PropertyModel, JsonNode?> value)
    {
        var payload = new JsonObject { [name(model.KeyProperty)] = value(record.Key, model.KeyProperty) };
        for (int i = 0; i < record.Data.Length; i++)
            if (record.Data[i] is { } stored) payload[name(model.DataProperties[i])] = value(stored, model.DataProperties[i]);
        return payload;
    }

    /// <summary>The record of a payload; a list that is not there is empty.</summary>
    public static StoredRecord Record(JsonNode payload, CollectionModel model, Func<PropertyModel, string> name, Func<VectorPropertyModel, JsonNode?> vector, Func<JsonNode, PropertyModel, object?>? read = null)
    {
        read ??= Stored;
        return new StoredRecord(
            read(payload[name(model.KeyProperty)]!, model.KeyProperty)!,
            [.. model.DataProperties.Select(property => payload[name(property)] is { } value ? read(value, property) : RecordValue.IsList(property.Type) ? Array.Empty<string>() : null)],
            [.. model.VectorProperties.Select(property => vector(property) is JsonArray numbers ? numbers.Select(number => number!.GetValue<float>()).ToArray() : null)]);
    }

    /// <summary>A stored value as JSON.</summary>
    public static JsonNode? Value(object value, PropertyModel property) => value switch
    {
        string text => text,
        bool truth => truth,
        long whole => whole,
        double fraction => fraction,
        string[] list => new JsonArray([.. list.Select(item => (JsonNode?)item)]),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown form of a stored value"),
    };

    /// <summary>A JSON value in its stored form.</summary>
    public static object? Stored(JsonNode value, PropertyModel property) => value switch
    {
        JsonArray list => list.Select(item => item!.GetValue<string>()).ToArray(),
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => RecordValue.IsWhole(property.Type) == true ? (long)value.GetValue<double>() : value.GetValue<double>(),
            _ => null,
        },
    };

    public static JsonArray Numbers(float[] vector) => new([.. vector.Select(number => (JsonNode?)number)]);

    /// <summary>A UUID for a key of any kind: a Guid's own, else one from the key's hash (RFC 9562, version 8).</summary>
    public static string Uuid(object key)
    {
        if (key is string text && Guid.TryParseExact(text, "D", out var own)) return own.ToString("D");
        Span<byte> hash = SHA256.HashData(Encoding.UTF8.GetBytes(key is long ? $"#{key}" : (string)key)).AsSpan(0, 16);
        hash[6] = (byte)(hash[6] & 0x0F | 0x80);
        hash[8] = (byte)(hash[8] & 0x3F | 0x80);
        return new Guid(hash, bigEndian: true).ToString("D");
    }

    /// <summary>Orders and cuts records that a store gave in an order of its own.</summary>
    public static IReadOnlyList<StoredRecord> Order(IEnumerable<StoredRecord> records, RecordQuery query, CollectionModel model)
    {
        var evaluator = new RecordFilterEvaluator(model);
        var comparer = Comparer<object?>.Create(RecordFilterEvaluator.Order);
        foreach (var (property, ascending) in query.Order.Reverse())
            records = ascending ? records.OrderBy(record => evaluator.Value(property, record), comparer) : records.OrderByDescending(record => evaluator.Value(property, record), comparer);
        return [.. records.Skip(query.Skip).Take(query.Top)];
    }
}
