using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores;

/// <summary>Which records, in which order.</summary>
/// <param name="Order">Properties to order by, the first deciding; empty means any order.</param>
/// <param name="Skip">Records to leave out at the beginning.</param>
/// <param name="Top">Records at most.</param>
sealed record RecordQuery(RecordFilter? Filter, IReadOnlyList<(PropertyModel Property, bool Ascending)> Order, int Skip, int Top, bool IncludeVectors);

/// <summary>The records nearest to a vector.</summary>
/// <param name="Property">Position of the vector property among the model's.</param>
/// <param name="Vector">Of the property's length.</param>
/// <param name="Top">Records at most, best first.</param>
sealed record VectorQuery(int Property, float[] Vector, RecordFilter? Filter, int Top, bool IncludeVectors);

/// <summary>The records nearest to a vector and matching keywords, the two rankings fused.</summary>
sealed record KeywordQuery(VectorQuery Vector, DataPropertyModel Text, IReadOnlyList<string> Keywords);

/// <summary>
/// What one store does for one collection: the smallest set of verbs, in stored records. Everything that is the same for all stores
/// (mapping, embedding, checks, retries, the meaning of skip and threshold) is done by <see cref="StoreCollection{TKey, TRecord}"/>.
/// </summary>
interface ICollectionBackend
{
    /// <summary>What was written by <see cref="CreateAsync"/>; empty where the collection was made by another program; null where there is none.</summary>
    Task<string?> ReadDescriptionAsync(CancellationToken cancellationToken);

    /// <summary>Makes the collection with its description unless it is there; adds what an older one lacks.</summary>
    Task CreateAsync(string description, CancellationToken cancellationToken);

    Task DropAsync(CancellationToken cancellationToken);

    /// <summary>Writes all records, each replacing the one of the same key; when the task is done, they are durable as far as the store can promise.</summary>
    Task UpsertAsync(IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken);

    Task DeleteAsync(IReadOnlyList<object> keys, CancellationToken cancellationToken);

    /// <summary>Those of the keys that exist, in any order.</summary>
    Task<IReadOnlyList<StoredRecord>> GetAsync(IReadOnlyList<object> keys, bool includeVectors, CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredRecord>> FindAsync(RecordQuery query, CancellationToken cancellationToken);

    Task<IReadOnlyList<ScoredRecord>> SearchAsync(VectorQuery query, CancellationToken cancellationToken);

    /// <summary>Further services of the collection, such as its <see cref="IVectorIndex"/>; null where it has none of the type.</summary>
    object? GetService(Type type) => null;
}

/// <summary>A store that ranks by keywords too.</summary>
interface IKeywordBackend
{
    Task<IReadOnlyList<ScoredRecord>> HybridSearchAsync(KeywordQuery query, CancellationToken cancellationToken);
}
