using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores;

/// <summary>What the stores of this namespace have in common; <see cref="VectorStores.Open"/> makes one from an address.</summary>
/// <param name="options">The embedding generator for texts, and how a store that does not answer is asked again.</param>
public abstract class Store(VectorStoreOptions? options) : VectorStore
{
    /// <summary>The name of the database system, as in OpenTelemetry's conventions: "sqlite", "postgresql", "qdrant".</summary>
    internal abstract string SystemName { get; }

    /// <summary>The file, database or host, without secrets.</summary>
    internal abstract string Name { get; }

    /// <summary>System and name, for sentences.</summary>
    internal virtual string Address => $"{SystemName} at {Name}";

    /// <summary>The options.</summary>
    protected internal VectorStoreOptions Options { get; } = options ?? new();

    /// <summary>Whether a record may have several vectors.</summary>
    private protected virtual bool SeveralVectors => true;

    private protected abstract ICollectionBackend Open(string collection, CollectionModel model);

    private protected abstract Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    private protected abstract Task DropAsync(string collection, CancellationToken cancellationToken);

    /// <summary>Whether a failure of this store may pass by itself.</summary>
    private protected virtual bool IsTransient(Exception exception) => exception is TimeoutException;

    /// <summary>What a failure that does not pass means, as the end of a sentence about the store; null where it is no failure of the store.</summary>
    private protected virtual string? Explain(Exception exception) => null;

    /// <inheritdoc/>
    public override VectorStoreCollection<TKey, TRecord> GetCollection<TKey, TRecord>(string name, VectorStoreCollectionDefinition? definition = null) =>
        typeof(TRecord) == typeof(Dictionary<string, object?>)
            ? throw new InvalidInputException("Records without a class are dictionaries: call GetDynamicCollection with a definition.")
            : Make<TKey, TRecord>(name, RecordModelBuilder.Read(typeof(TRecord), typeof(TKey), definition, definition?.EmbeddingGenerator ?? Options.EmbeddingGenerator, SeveralVectors));

    /// <inheritdoc/>
    public override VectorStoreCollection<object, Dictionary<string, object?>> GetDynamicCollection(string name, VectorStoreCollectionDefinition definition) =>
        Make<object, Dictionary<string, object?>>(name, RecordModelBuilder.Read(null, null, definition, definition.EmbeddingGenerator ?? Options.EmbeddingGenerator, SeveralVectors));

    /// <inheritdoc/>
    public override async IAsyncEnumerable<string> ListCollectionNamesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (string name in await Run(() => ListAsync(cancellationToken), cancellationToken).ConfigureAwait(false)) yield return name;
    }

    /// <inheritdoc/>
    public override async Task<bool> CollectionExistsAsync(string name, CancellationToken cancellationToken = default) =>
        (await Run(() => ListAsync(cancellationToken), cancellationToken).ConfigureAwait(false)).Contains(name, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(string name, CancellationToken cancellationToken = default) =>
        Run(async () => { await DropAsync(name, cancellationToken).ConfigureAwait(false); return true; }, cancellationToken);

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(VectorStoreMetadata) ? new VectorStoreMetadata { VectorStoreSystemName = SystemName, VectorStoreName = Name }
        : serviceType.IsInstanceOfType(this) ? this : null;

    internal async Task<T> Run<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await Options.Retry.RunAsync(Address, action, IsTransient, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (Explain(exception) is { } reason)
        {
            throw new InvalidInputException($"{Address} refused: {reason.TrimEnd('.')}.", exception);
        }
    }

    StoreCollection<TKey, TRecord> Make<TKey, TRecord>(string name, CollectionModel model) where TKey : notnull where TRecord : class
    {
        if (string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl)) throw new InvalidInputException("A collection needs a name without control characters.");
        foreach (var property in model.VectorProperties) Similarity.Metric(property); // an unknown distance function is said now
        var backend = Open(name, model);
        return backend is IKeywordBackend ? new KeywordStoreCollection<TKey, TRecord>(this, name, model, backend) : new StoreCollection<TKey, TRecord>(this, name, model, backend);
    }
}
