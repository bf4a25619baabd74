using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Records;

/// <summary>Turns records of the user's class, or dictionaries, into stored records and back; texts in vector properties are embedded.</summary>
sealed class RecordMapper<TRecord>(CollectionModel model, string collection) where TRecord : class
{
    /// <summary>What is stored of each record.</summary>
    /// <exception cref="InvalidInputException">A key is missing, or a vector has another length than the collection's.</exception>
    public async Task<IReadOnlyList<StoredRecord>> ToStoredAsync(IReadOnlyList<TRecord> records, CancellationToken cancellationToken)
    {
        var vectors = new float[]?[records.Count][];
        for (int i = 0; i < records.Count; i++) vectors[i] = new float[model.VectorProperties.Count][];
        for (int p = 0; p < model.VectorProperties.Count; p++)
        {
            var property = model.VectorProperties[p];
            var values = records.Select(record => property.GetValueAsObject(record)).ToList();
            if (values.Any(value => value is not null && Native(value) is null)) // something to embed
            {
                if (property.EmbeddingGenerationDispatcher is null)
                    throw new InvalidInputException($"The property '{property.ModelName}' of collection '{collection}' holds a {values.First(value => value is not null)!.GetType().Name}, and no embedding generator is set to turn it into a vector: give the store one, or vectors.");
                var present = values.Where(value => value is not null).ToList();
                var embeddings = await property.GenerateEmbeddingsAsync(present, cancellationToken).ConfigureAwait(false);
                int next = 0;
                for (int i = 0; i < values.Count; i++)
                    if (values[i] is not null) values[i] = embeddings[next++];
            }
            for (int i = 0; i < values.Count; i++)
            {
                if (values[i] is not { } value) continue;
                vectors[i][p] = Native(value)!;
                Check(vectors[i][p]!, property, collection);
            }
        }
        return [.. records.Select((record, i) => new StoredRecord(Key(record), [.. model.DataProperties.Select(property => RecordValue.ToStored(property.GetValueAsObject(record)))], vectors[i]))];
    }

    /// <summary>The user's record.</summary>
    public TRecord FromStored(StoredRecord stored, bool includeVectors)
    {
        var record = model.CreateRecord<TRecord>()!;
        var key = model.KeyProperty;
        key.SetValueAsObject(record, RecordValue.FromStored(stored.Key, key.Type)!);
        for (int i = 0; i < stored.Data.Length; i++)
        {
            var property = model.DataProperties[i];
            var value = RecordValue.FromStored(stored.Data[i], property.Type);
            if (value is not null || property.IsNullable) property.SetValueAsObject(record, value);
        }
        for (int i = 0; includeVectors && i < stored.Vectors.Length; i++)
        {
            if (stored.Vectors[i] is not { } vector) continue;
            var property = model.VectorProperties[i];
            var type = Nullable.GetUnderlyingType(property.Type) ?? property.Type;
            property.SetValueAsObject(record, type == typeof(float[]) ? vector
                : type == typeof(Embedding<float>) ? new Embedding<float>(vector) : (object)new ReadOnlyMemory<float>(vector));
        }
        return record;
    }

    /// <summary>Throws unless the vector has the property's length and only finite numbers.</summary>
    public static void Check(float[] vector, VectorPropertyModel property, string collection)
    {
        if (vector.Length != property.Dimensions)
            throw new InvalidInputException($"A vector of {vector.Length} dimensions was given to '{property.ModelName}' of collection '{collection}', which holds {property.Dimensions}: embed with the model that the collection was filled by, or make a new collection.");
        foreach (float value in vector)
            if (!float.IsFinite(value))
                throw new InvalidInputException($"A vector for '{property.ModelName}' of collection '{collection}' holds {value}: only finite numbers can be stored and compared.");
    }

    /// <summary>The numbers of a vector in one of its types; null where the value is none.</summary>
    public static float[]? Native(object value) => value switch
    {
        float[] array => array,
        ReadOnlyMemory<float> memory => MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : memory.ToArray(),
        Embedding<float> embedding => Native(embedding.Vector),
        _ => null,
    };

    object Key(TRecord record)
    {
        var property = model.KeyProperty;
        var key = property.GetValueAsObject(record);
        if (key is Guid id && id == Guid.Empty && property.IsAutoGenerated) // the convention of the interface: an empty Guid asks for a new one
        {
            key = Guid.CreateVersion7();
            property.SetValueAsObject(record, key);
        }
        return key is null or "" ? throw new InvalidInputException($"A record for collection '{collection}' has no key in '{property.ModelName}'.") : RecordValue.ToStored(key)!;
    }
}
