using System.Diagnostics;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using Pgvector;

namespace LlmLab.Retrieval.Stores.Postgres;

/// <summary>A table's vector index: built from the rows that are there, and compared with a scan of them all.</summary>
sealed class PostgresVectorIndex(PostgresBackend backend, VectorPropertyModel property) : IVectorIndex
{
    static readonly int[] widths = [10, 20, 40, 80, 100, 160, 240, 320, 480, 640, 1000];

    public int Count => (int)Run(() => Scalar("SELECT count(*) FROM " + backend.Table.Table, CancellationToken.None), CancellationToken.None).GetAwaiter().GetResult();

    public bool IsApproximate => PostgresSchema.HasIndex(property);

    public Task BuildAsync(CancellationToken cancellationToken = default) => Run(async () =>
    {
        await backend.Execute(backend.Table.Rebuild(property, await Scalar("SELECT count(*) FROM " + backend.Table.Table, cancellationToken).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
        return true;
    }, cancellationToken);

    public Task<RecallReport> MeasureRecallAsync(IReadOnlyList<ReadOnlyMemory<float>>? queries = null, int top = 10, CancellationToken cancellationToken = default) =>
        Run(() => Measure(queries, top, 0, cancellationToken), cancellationToken);

    /// <remarks>The width is the server's setting (hnsw.ef_search, ivfflat.probes): the report says which to set with <c>ALTER DATABASE</c>.</remarks>
    public Task<RecallReport> TuneAsync(double recall, IReadOnlyList<ReadOnlyMemory<float>>? queries = null, int top = 10, CancellationToken cancellationToken = default) => Run(async () =>
    {
        RecallReport report = null!;
        foreach (int width in widths.Where(width => width >= top || property.IndexKind == IndexKind.IvfFlat))
        {
            report = await Measure(queries, top, width, cancellationToken).ConfigureAwait(false);
            if (report.Recall >= recall) break;
        }
        return report;
    }, cancellationToken);

    Task<T> Run<T>(Func<Task<T>> action, CancellationToken cancellationToken) => backend.Run(action, cancellationToken);

    async Task<long> Scalar(string sql, CancellationToken cancellationToken) => (await backend.Read(sql, [], false, reader => reader.GetInt64(0), [], cancellationToken).ConfigureAwait(false))[0];

    async Task<RecallReport> Measure(IReadOnlyList<ReadOnlyMemory<float>>? queries, int top, int width, CancellationToken cancellationToken)
    {
        string column = SqlFilter.Quote(property.StorageName);
        queries ??= [.. (await backend.Read($"SELECT {column} FROM {backend.Table.Table} WHERE {column} IS NOT NULL ORDER BY {backend.Table.Key} LIMIT 100", [], true, reader => (ReadOnlyMemory<float>)((Vector)reader.GetValue(0)).ToArray(), [], cancellationToken).ConfigureAwait(false))];
        string distance = PostgresSchema.Distance(property, "$1"), sql = $"SELECT {distance} FROM {backend.Table.Table} WHERE {column} IS NOT NULL ORDER BY {distance} LIMIT {top}";
        double found = 0, wanted = 0;
        var approximate = TimeSpan.Zero;
        var exact = TimeSpan.Zero;
        foreach (var query in queries)
        {
            long began = Stopwatch.GetTimestamp();
            var near = await Distances(query, PostgresBackend.Settings(property, top, width)).ConfigureAwait(false);
            approximate += Stopwatch.GetElapsedTime(began);
            began = Stopwatch.GetTimestamp();
            var nearest = await Distances(query, [("enable_indexscan", "off")]).ConfigureAwait(false);
            exact += Stopwatch.GetElapsedTime(began);
            if (nearest.Count == 0) continue;
            found += near.Count(value => value <= nearest[^1] + 1e-6 * Math.Abs(nearest[^1]));
            wanted += nearest.Count;
        }
        int used = IsApproximate ? int.Parse(PostgresBackend.Settings(property, top, width).First().Item2, System.Globalization.CultureInfo.InvariantCulture) : 0;
        return new RecallReport(wanted > 0 ? found / wanted : 1, top, queries.Count, used, approximate.TotalMilliseconds / Math.Max(1, queries.Count), exact.TotalMilliseconds / Math.Max(1, queries.Count));

        Task<IReadOnlyList<double>> Distances(ReadOnlyMemory<float> query, IEnumerable<(string, string)> settings) =>
            backend.Read(sql, [new Vector(query)], false, reader => reader.GetDouble(0), settings, cancellationToken);
    }
}
