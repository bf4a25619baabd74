using LlmLab.Retrieval.Stores.Indexes;

namespace LlmLab.Retrieval.Stores.Sqlite;

/// <summary>The index of a collection's vector property, as its users see it.</summary>
sealed class SqliteVectorIndex(SqliteDatabase database, SqliteVectors vectors, int property) : IVectorIndex
{
    public int Count => Current(CancellationToken.None).Count;

    public bool IsApproximate => Current(CancellationToken.None).Graph is not null;

    public Task BuildAsync(CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        Current(cancellationToken);
        vectors.Keep(property);
    }, cancellationToken);

    public Task<RecallReport> MeasureRecallAsync(IReadOnlyList<ReadOnlyMemory<float>>? queries = null, int top = 10, CancellationToken cancellationToken = default) =>
        Task.Run(() => Current(cancellationToken).MeasureRecall(queries, top, cancellationToken), cancellationToken);

    public Task<RecallReport> TuneAsync(double recall, IReadOnlyList<ReadOnlyMemory<float>>? queries = null, int top = 10, CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        var report = Current(cancellationToken).Tune(recall, queries, top, cancellationToken);
        vectors.Keep(property);
        return report;
    }, cancellationToken);

    VectorIndex Current(CancellationToken cancellationToken) => database.Read(session => vectors.Index(session, property, cancellationToken));
}
