using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Records;

/// <summary>
/// Reads the shape of a record (its key, data and vector properties) from the attributes of its class or from a
/// <see cref="VectorStoreCollectionDefinition"/>, and checks that every store here can hold it: one set of types for all of them,
/// so that a program can change its store and nothing else.
/// </summary>
sealed class RecordModelBuilder(bool severalVectors) : CollectionModelBuilder(new CollectionModelBuildingOptions
{
    RequiresAtLeastOneVector = true,
    SupportsMultipleVectors = severalVectors,
})
{
    const string KeyTypes = "string, Guid, long, int";
    const string DataTypes = "string, bool, int, long, float, double, DateTime, DateTimeOffset, DateOnly, Guid (and their nullable forms), string[], List<string>";
    const string VectorTypes = "ReadOnlyMemory<float>, float[], Embedding<float>";

    /// <summary>The model of a record class, or of dictionary records where <paramref name="recordType"/> is null.</summary>
    /// <exception cref="InvalidInputException">The record cannot be stored.</exception>
    public static CollectionModel Read(Type? recordType, Type? keyType, VectorStoreCollectionDefinition? definition, IEmbeddingGenerator? generator, bool severalVectors)
    {
        var builder = new RecordModelBuilder(severalVectors);
        try
        {
            return recordType is null
                ? builder.BuildDynamic(definition!, generator)
                : builder.Build(recordType, keyType!, definition, generator);
        }
        catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException or ArgumentException)
        {
            throw new InvalidInputException($"The record {recordType?.Name ?? "definition"} cannot be stored: {exception.Message}", exception);
        }
    }

    protected override void ValidateKeyProperty(KeyPropertyModel keyProperty)
    {
        base.ValidateKeyProperty(keyProperty);
        if (keyProperty.Type != typeof(string) && keyProperty.Type != typeof(Guid) && keyProperty.Type != typeof(long) && keyProperty.Type != typeof(int))
            throw new NotSupportedException($"its key '{keyProperty.ModelName}' is a {keyProperty.Type.Name}, and keys may be {KeyTypes}.");
    }

    protected override bool IsDataPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
    {
        supportedTypes = DataTypes;
        return RecordValue.IsSupported(type);
    }

    protected override bool IsVectorPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
    {
        supportedTypes = VectorTypes;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(ReadOnlyMemory<float>) || type == typeof(float[]) || type == typeof(Embedding<float>);
    }
}
