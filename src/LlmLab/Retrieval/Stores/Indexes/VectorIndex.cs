using System.Collections.Concurrent;
using System.Diagnostics;

namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>
/// The vectors of one property of a collection, in memory, and how they are searched: exactly while they are few, through the graph when
/// they are many. One writer at a time; searches take no lock. Rows that came after the graph was last extended are compared exactly.
/// </summary>
sealed class VectorIndex(int dimensions, VectorMetric metric, VectorIndexOptions options)
{
    const int LongestTail = 1024; // rows compared exactly beside the graph
    const int FewAmong = 20_000; // so many chosen records are compared faster than the graph is walked for them
    static readonly int[] widths = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048];
    volatile State state = new(new VectorTable(dimensions, metric), null);

    /// <summary>What belongs together: searches in flight keep the one that they began with.</summary>
    sealed record State(VectorTable Table, HnswGraph? Graph)
    {
        public ConcurrentBag<Searcher> Idle { get; } = [];
    }

    /// <summary>What one search at a time needs.</summary>
    sealed class Searcher(State state)
    {
        public VectorTable.Query Query { get; } = new(state.Table);
        public HnswSearch? Walk { get; } = state.Graph is null ? null : new HnswSearch(state.Graph);
    }

    /// <summary>Records in it.</summary>
    public int Count => state.Table.Count - state.Table.RemovedCount;

    public VectorTable Table => state.Table;
    public HnswGraph? Graph => state.Graph;

    /// <summary>Adds a record; ids rise from call to call.</summary>
    public void Add(long id, ReadOnlySpan<float> vector) => state.Table.Add(id, vector);

    public void Remove(long id) => state.Table.Remove(id);

    /// <summary>Takes over a graph that was kept, over rows that are already here.</summary>
    public void Adopt(HnswGraph graph) => state = new State(state.Table, graph);

    /// <summary>
    /// Builds or extends the graph where that is due, and leaves removed rows behind once they are many. Only the one writer calls it.
    /// </summary>
    /// <returns>Whether the graph is now another than before.</returns>
    public bool Prepare(CancellationToken cancellationToken)
    {
        var (table, graph) = state;
        if (table.RemovedCount > 1000 && table.RemovedCount > table.Count / 4)
        {
            var fresh = new VectorTable(dimensions, metric);
            foreach (int row in table.LiveRows()) fresh.Add(table.Id(row), table.Vector(row));
            (table, graph) = (fresh, null);
            if (Count < options.HnswFrom) state = new State(table, null);
        }
        if (graph is null)
        {
            if (table.Count - table.RemovedCount < options.HnswFrom || table.Count == 0) return false;
            graph = new HnswGraph(options.Connections, options.Seed, new CodeTable(dimensions, metric, CodeTable.FindCentre(table)));
            Extend(table, graph, cancellationToken);
            state = new State(table, graph);
            Tune(options.Recall + (1 - options.Recall) / 2, null, 10, cancellationToken); // questions lie farther off than records
            return true;
        }
        if (table.Count - graph.Count < LongestTail) return false;
        try
        {
            Extend(table, graph, cancellationToken);
        }
        catch
        {
            state = new State(table, null); // half extended is of no use
            throw;
        }
        return true;
    }

    /// <summary>The nearest records, best first.</summary>
    /// <param name="among">Ids, in rising order, of the records that may be found; null for all.</param>
    /// <param name="width">Candidates of the walk; 0 for the graph's own, −1 for an exact search.</param>
    public List<Neighbour> Search(ReadOnlySpan<float> vector, int top, IReadOnlyList<long>? among = null, int width = 0)
    {
        var now = state;
        if (!now.Idle.TryTake(out var searcher)) searcher = new Searcher(now);
        searcher.Query.Set(vector);
        List<int>? rows = among is null ? null : [.. among.Select(now.Table.Find).Where(row => row >= 0)];
        int live = now.Table.Count - now.Table.RemovedCount;
        bool exact = now.Graph is null || width < 0 || rows is not null && (rows.Count <= FewAmong || rows.Count * 10L <= live);
        var found = exact ? null : Walk(now, searcher, top, rows, width > 0 ? width : now.Graph!.SearchWidth);
        found = found is null || found.Count < Math.Min(top, rows?.Count ?? live) ? ExactSearch.Search(now.Table, searcher.Query, top, rows) : found;
        now.Idle.Add(searcher);
        return found;
    }

    /// <summary>Searches approximately and exactly for the same vectors.</summary>
    /// <param name="queries">Null for a sample of the records; none is then its own neighbour.</param>
    public RecallReport MeasureRecall(IReadOnlyList<ReadOnlyMemory<float>>? queries, int top, CancellationToken cancellationToken) =>
        Measure(queries ?? Sample(), queries is null, top, Graph is null ? -1 : 0, null, cancellationToken);

    /// <summary>Takes the smallest width that reaches the recall, else the largest there is.</summary>
    public RecallReport Tune(double recall, IReadOnlyList<ReadOnlyMemory<float>>? queries, int top, CancellationToken cancellationToken)
    {
        var asked = queries ?? Sample();
        if (Graph is not { } graph) return Measure(asked, queries is null, top, -1, null, cancellationToken);
        var truth = Exact(asked, queries is null, top, cancellationToken);
        RecallReport report = null!;
        foreach (int width in widths.Where(width => width >= top))
        {
            report = Measure(asked, queries is null, top, width, truth, cancellationToken);
            if (report.Recall >= recall) break;
        }
        graph.SearchWidth = report.SearchWidth;
        return report;
    }

    List<Neighbour> Walk(State now, Searcher searcher, int top, List<int>? rows, int width)
    {
        var (table, graph) = now;
        int covered = graph!.Count, live = table.Count - table.RemovedCount;
        double share = Math.Min(rows?.Count ?? live, live) / (double)table.Count; // of the candidates that may be found
        width = (int)Math.Min(Math.Max(width, top) / share, 4096);
        var walk = searcher.Walk!;
        walk.SetQuery(searcher.Query.Values, searcher.Query.InverseNorm);
        walk.Run(width);
        var nearest = new NearestRows(top);
        int ranked = 0, enough = Math.Max(32, 4 * top);
        for (int i = 0; i < walk.Count && ranked < enough; i++)
        {
            int row = walk.Node(i);
            if (row >= covered || table.IsRemoved(row) || rows is not null && rows.BinarySearch(row) < 0) continue;
            nearest.Offer(row, searcher.Query.Closeness(row));
            ranked++;
        }
        for (int row = covered, end = table.Count; row < end; row++)
            if (!table.IsRemoved(row) && (rows is null || rows.BinarySearch(row) >= 0)) nearest.Offer(row, searcher.Query.Closeness(row));
        return nearest.Sorted(table);
    }

    void Extend(VectorTable table, HnswGraph graph, CancellationToken cancellationToken) =>
        new HnswBuilder(graph, table, options.ConstructionWidth, options.Threads).Extend(cancellationToken);

    List<ReadOnlyMemory<float>> Sample()
    {
        var table = state.Table;
        int step = Math.Max(1, table.Count / 256);
        return [.. table.LiveRows().Where(row => row % step == 0).Select(row => (ReadOnlyMemory<float>)table.Vector(row).ToArray())];
    }

    List<Neighbour>[] Exact(IReadOnlyList<ReadOnlyMemory<float>> queries, bool own, int top, CancellationToken cancellationToken)
    {
        var truth = new List<Neighbour>[queries.Count];
        Parallel.For(0, queries.Count, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : -1 },
            i => truth[i] = Search(queries[i].Span, own ? top + 1 : top, width: -1));
        return truth;
    }

    RecallReport Measure(IReadOnlyList<ReadOnlyMemory<float>> queries, bool own, int top, int width, List<Neighbour>[]? truth, CancellationToken cancellationToken)
    {
        var exactly = truth ?? Exact(queries, own, top, cancellationToken);
        int timed = Math.Min(20, queries.Count);
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < timed; i++) Search(queries[i].Span, top, width: -1);
        double exactMilliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds / Math.Max(1, timed);
        double found = 0, wanted = 0;
        began = Stopwatch.GetTimestamp();
        for (int i = 0; i < queries.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (exactly[i].Count == 0) continue;
            float last = exactly[i][^1].Closeness;
            float tolerance = 1e-6f * Math.Max(1e-3f, Math.Abs(last)); // as near as the last true one counts
            int skip = own ? 1 : 0; // a record is nearest to itself
            found += Math.Max(0, Search(queries[i].Span, exactly[i].Count, width: width).Count(neighbour => neighbour.Closeness >= last - tolerance) - skip);
            wanted += exactly[i].Count - skip;
        }
        double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds / Math.Max(1, queries.Count);
        return new RecallReport(wanted > 0 ? found / wanted : 1, top, queries.Count, width < 0 ? 0 : width > 0 ? width : Graph!.SearchWidth, milliseconds, exactMilliseconds);
    }
}
