using System.Collections.Concurrent;

namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>
/// Adds rows to a graph, in batches: every row of a batch looks for its neighbours in the graph as it was before the batch, all at once and
/// without locks; then their links, and those back to them, are written, each node's by one thread. The graph is the same for any
/// number of threads (the batches of Manohar et al., "ParlayANN: Scalable and Deterministic Parallel Graph-Based Approximate
/// Nearest Neighbor Search Algorithms", 2024). Rows enter in an order drawn from the seed, since neighbours often come together.
/// </summary>
sealed class HnswBuilder(HnswGraph graph, VectorTable table, int constructionWidth, int threads)
{
    const int LargestBatch = 2048, Share = 32; // a batch is at most a 32nd of what is there
    readonly ParallelOptions parallel = new() { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount };

    /// <summary>Adds all rows of the table that are not in the graph yet.</summary>
    public void Extend(CancellationToken cancellationToken)
    {
        int from = graph.Count, to = table.Count;
        if (from == to) return;
        graph.AddNodes(to);
        Parallel.For(from, to, parallel, row => graph.Codes.Encode(row, table));
        int[] order = [.. Enumerable.Range(from, to - from)];
        new Random(graph.Seed + from).Shuffle(order);
        int next = 0;
        if (graph.Entry < 0) graph.Entry = order[next++];
        var scratch = new ConcurrentBag<HnswSearch>();
        while (next < order.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Operation.Current.Report("indexing", from + next, to, "vectors");
            int batch = Math.Min(order.Length - next, Math.Clamp((from + next) / Share, 1, LargestBatch));
            Add(order.AsMemory(next, batch), scratch);
            next += batch;
        }
        graph.Publish(to);
    }

    void Add(ReadOnlyMemory<int> batch, ConcurrentBag<HnswSearch> scratch)
    {
        int top = graph.Level(graph.Entry), entry = graph.Entry;
        foreach (int node in batch.Span) // one of a batch may raise the top; the others could not be linked up there
            if (graph.Level(node) > top)
            {
                if (entry == graph.Entry) entry = node;
                else graph.SetLevel(node, top);
            }
        var links = new List<(int Level, int Target, int Source)>[batch.Length];
        Parallel.For(0, batch.Length, parallel, i =>
        {
            if (!scratch.TryTake(out var search)) search = new HnswSearch(graph);
            links[i] = Link(batch.Span[i], Math.Min(top, graph.Level(batch.Span[i])), search);
            scratch.Add(search);
        });
        var back = links.SelectMany(list => list).OrderBy(link => link.Level).ThenBy(link => link.Target).ThenBy(link => link.Source).ToArray();
        var groups = new List<Range>();
        for (int i = 0, start = 0; i < back.Length; i++)
        {
            if (i + 1 < back.Length && back[i + 1].Target == back[i].Target && back[i + 1].Level == back[i].Level) continue;
            groups.Add(start..(i + 1));
            start = i + 1;
        }
        Parallel.ForEach(groups, parallel, range => LinkBack(back.AsSpan(range)));
        graph.Entry = entry;
    }

    /// <summary>Finds and writes a new node's own links; returns them for the way back.</summary>
    List<(int Level, int Target, int Source)> Link(int node, int level, HnswSearch search)
    {
        var made = new List<(int, int, int)>();
        Span<int> chosen = stackalloc int[graph.Connections];
        search.SetQuery(table.Vector(node), table.InverseNorm(node));
        for (int layer = level; layer >= 0; layer--)
        {
            if (layer == level) search.Run(constructionWidth, layer);
            else search.RunBelow(constructionWidth, layer);
            var candidates = new (int Node, float Closeness)[search.Count];
            for (int i = 0; i < candidates.Length; i++) candidates[i] = (search.Node(i), search.Closeness(i));
            int count = Choose(candidates, chosen);
            graph.SetLinks(node, layer, chosen[..count]);
            foreach (int target in chosen[..count]) made.Add((layer, target, node));
        }
        return made;
    }

    /// <summary>Adds links from an old node to new ones; where there are too many, all are chosen again.</summary>
    void LinkBack(ReadOnlySpan<(int Level, int Target, int Source)> links)
    {
        var (level, target, _) = links[0];
        var present = graph.Links(target, level);
        int length = HnswGraph.Length(present);
        if (length + links.Length <= present.Length)
        {
            for (int i = 0; i < links.Length; i++) present[length + i] = links[i].Source;
            return;
        }
        var candidates = new (int Node, float Closeness)[length + links.Length];
        for (int i = 0; i < candidates.Length; i++)
        {
            int node = i < length ? present[i] : links[i - length].Source;
            candidates[i] = (node, graph.Codes.Closeness(target, node));
        }
        Array.Sort(candidates, (a, b) => a.Closeness != b.Closeness ? b.Closeness.CompareTo(a.Closeness) : a.Node.CompareTo(b.Node));
        Span<int> chosen = stackalloc int[present.Length];
        int count = Choose(candidates, chosen);
        graph.SetLinks(target, level, chosen[..count]);
    }

    /// <summary>
    /// Neighbours in different directions (Algorithm 4 of the paper): a candidate, the closest first, is taken unless it is closer to one
    /// that was taken than to the node itself.
    /// </summary>
    int Choose(ReadOnlySpan<(int Node, float Closeness)> candidates, Span<int> chosen)
    {
        int count = 0;
        for (int i = 0; i < candidates.Length && count < chosen.Length; i++)
        {
            bool apart = true;
            for (int j = 0; j < count && apart; j++) apart = graph.Codes.Closeness(candidates[i].Node, chosen[j]) < candidates[i].Closeness;
            if (apart) chosen[count++] = candidates[i].Node;
        }
        return count;
    }
}
