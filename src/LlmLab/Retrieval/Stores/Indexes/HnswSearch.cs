using System.Runtime.CompilerServices;

namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>
/// One walk through the graph at a time, and what it needs; kept and reused, so that a search allocates nothing and locks nothing.
/// The candidates are one sorted list: its first unexpanded one is looked at next, and it ends when there is none among the best
/// <c>width</c>, which is Algorithm 2 of the paper with both of its heaps in one.
/// </summary>
sealed unsafe class HnswSearch(HnswGraph graph)
{
    const int Expanded = int.MinValue; // flag in a candidate's node
    readonly CodeTable.Query query = new(graph.Codes);
    int[] visited = [];
    int epoch;
    float[] closeness = new float[256];
    int[] nodes = new int[256];
    int count;

    /// <summary>Candidates found, best first.</summary>
    public int Count => count;

    public int Node(int i) => nodes[i] & ~Expanded;
    public float Closeness(int i) => closeness[i];

    public void SetQuery(ReadOnlySpan<float> vector, float inverseNorm) => query.Set(vector, inverseNorm);

    /// <summary>Walks from the entry down to a layer, looking for the <paramref name="width"/> closest nodes there.</summary>
    public void Run(int width, int level = 0)
    {
        int entry = graph.Entry;
        float best = query.Closeness(entry);
        for (int above = graph.Level(entry); above > level; above--) entry = Descend(entry, above, ref best);
        Begin(width);
        Insert(entry, best, width);
        Mark(entry);
        Widen(width, level);
    }

    /// <summary>Goes on in the next layer below from the candidates found.</summary>
    public void RunBelow(int width, int level)
    {
        NextEpoch();
        for (int i = 0; i < count; i++)
        {
            nodes[i] &= ~Expanded;
            Mark(nodes[i]);
        }
        Widen(width, level);
    }

    /// <summary>The closest node of a layer that a walk without looking aside reaches.</summary>
    int Descend(int node, int level, ref float best)
    {
        for (bool closer = true; closer;)
        {
            closer = false;
            foreach (int other in graph.Links(node, level))
            {
                if (other < 0) break;
                float c = query.Closeness(other);
                if (c <= best) continue;
                best = c;
                node = other;
                closer = true;
            }
        }
        return node;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Widen(int width, int level)
    {
        int capacity = graph.Capacity(level);
        int* fresh = stackalloc int[capacity];
        int limit = visited.Length; // a node that came after this search began is left for the next
        int now = epoch;
        fixed (int* stamps = visited)
        {
            for (int next = 0; next < count;)
            {
                int node = nodes[next];
                if (node < 0)
                {
                    next++;
                    continue;
                }
                nodes[next] = node | Expanded;
                int freshCount = 0;
                fixed (int* above = level == 0 ? null : graph.Links(node, level))
                {
                    int* links = level == 0 ? graph.LowestLinks(node) : above;
                    for (int i = 0; i < capacity; i++)
                    {
                        int other = links[i];
                        if (other < 0) break;
                        if (other >= limit || stamps[other] == now) continue;
                        stamps[other] = now;
                        graph.Codes.Prefetch(other);
                        fresh[freshCount++] = other;
                    }
                }
                int first = next + 1;
                for (int i = 0; i < freshCount; i++)
                {
                    float c = query.Closeness(fresh[i]);
                    if (count < width || c > closeness[count - 1]) first = Math.Min(first, Insert(fresh[i], c, width));
                }
                next = first;
            }
        }
    }

    /// <summary>Puts a candidate in its place and returns that; of equal ones the first stays in front.</summary>
    int Insert(int node, float c, int width)
    {
        int low = 0, high = count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (closeness[middle] >= c) low = middle + 1;
            else high = middle;
        }
        int moved = Math.Min(count, width - 1) - low;
        if (moved > 0)
        {
            closeness.AsSpan(low, moved).CopyTo(closeness.AsSpan(low + 1));
            nodes.AsSpan(low, moved).CopyTo(nodes.AsSpan(low + 1));
        }
        closeness[low] = c;
        nodes[low] = node;
        if (count < width) count++;
        return low;
    }

    void Begin(int width)
    {
        if (closeness.Length < width + 1)
        {
            closeness = new float[width + 1];
            nodes = new int[width + 1];
        }
        count = 0;
        NextEpoch();
    }

    void NextEpoch()
    {
        if (visited.Length < graph.Room) visited = new int[graph.Room];
        if (++epoch != int.MaxValue) return;
        Array.Clear(visited);
        epoch = 1;
    }

    void Mark(int node)
    {
        if (node < visited.Length) visited[node] = epoch;
    }
}
