namespace LlmLab.Retrieval.Stores;

/// <summary>How an approximate search compares with the exact one on the same queries.</summary>
/// <param name="Recall">Mean share of the true nearest records that were found; a record as near as the last true one counts as true.</param>
/// <param name="Top">Records asked for in each query.</param>
/// <param name="Queries">Number of queries.</param>
/// <param name="SearchWidth">Candidates kept in a search (HNSW's <c>ef</c>); 0 where the search is exact.</param>
/// <param name="MillisecondsApproximate">Mean time of one approximate search on one thread.</param>
/// <param name="MillisecondsExact">Mean time of one exact search on one thread, over the first 20 queries.</param>
public sealed record RecallReport(double Recall, int Top, int Queries, int SearchWidth, double MillisecondsApproximate, double MillisecondsExact);

/// <summary>
/// The index of an embedded collection's vectors, had by <c>collection.GetService(typeof(IVectorIndex))</c>. Searches build it by
/// themselves when it is due; a program that fills a collection calls <see cref="BuildAsync"/> to have it done at a moment of its choice.
/// </summary>
public interface IVectorIndex
{
    /// <summary>Records in the collection.</summary>
    int Count { get; }

    /// <summary>Whether searches use an approximate index; false where they are exact.</summary>
    bool IsApproximate { get; }

    /// <summary>Brings the index up to date with the records: loads, builds where it is due, and keeps it with the collection.</summary>
    Task BuildAsync(CancellationToken cancellationToken = default);

    /// <summary>Searches approximately and exactly, and compares.</summary>
    /// <param name="queries">Vectors to search for, best those of real questions; null for a sample of the collection's own.</param>
    /// <param name="top">Nearest records to compare.</param>
    Task<RecallReport> MeasureRecallAsync(IReadOnlyList<ReadOnlyMemory<float>>? queries = null, int top = 10, CancellationToken cancellationToken = default);

    /// <summary>Chooses the smallest search width that reaches a recall on the given queries, keeps it with the collection, and reports it.</summary>
    Task<RecallReport> TuneAsync(double recall, IReadOnlyList<ReadOnlyMemory<float>>? queries = null, int top = 10, CancellationToken cancellationToken = default);
}
