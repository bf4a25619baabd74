namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>
/// A hierarchical navigable small world (Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using
/// Hierarchical Navigable Small World graphs", 2016): every vector is a node of the lowest layer, fewer and fewer of those above, and
/// each is linked to near ones in different directions. A search walks from the top towards the query and widens below.
/// Nodes are rows of the <see cref="VectorTable"/>. Links are whole ints that one writer replaces while others read: a reader may see old
/// and new links of a node mixed, all of them good.
/// </summary>
sealed unsafe class HnswGraph(int connections, int seed, CodeTable codes)
{
    const int None = -1;
    readonly Rows lowest = new(2 * connections * sizeof(int));
    int[][] upper = []; // layers 1, 2, … of a node, one after the other; null for most
    byte[] levels = [];
    int count;

    public CodeTable Codes => codes;
    public int Connections => connections;
    public int Seed => seed;

    /// <summary>Nodes that are linked: the first so many rows of the table.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Nodes that there is room for; links never lead beyond.</summary>
    public int Room => levels.Length;

    /// <summary>Where searches begin, a node of the top layer; −1 while there is none.</summary>
    public int Entry { get; set; } = None;

    /// <summary>Candidates that a search keeps by default.</summary>
    public int SearchWidth { get; set; } = 64;

    public int Level(int node) => levels[node];

    /// <summary>The most links that a node has in a layer.</summary>
    public int Capacity(int level) => level == 0 ? 2 * connections : connections;

    /// <summary>The links of a node; they end at the first −1, or at the capacity.</summary>
    public Span<int> Links(int node, int level) => level == 0
        ? new Span<int>((int*)lowest[node], 2 * connections)
        : upper[node].AsSpan((level - 1) * connections, connections);

    public int* LowestLinks(int node) => (int*)lowest[node];

    /// <summary>Makes room for nodes without links, with the layers that chance gives them.</summary>
    public void AddNodes(int upTo)
    {
        int capacity = Math.Max(upTo, levels.Length);
        if (capacity > levels.Length)
        {
            capacity = Math.Max(capacity, levels.Length * 3 / 2);
            Array.Resize(ref levels, capacity);
            Array.Resize(ref upper, capacity);
        }
        lowest.EnsureCapacity(upTo);
        codes.EnsureCapacity(capacity);
        for (int node = count; node < upTo; node++)
        {
            new Span<int>((int*)lowest[node], 2 * connections).Fill(None);
            SetLevel(node, DrawLevel(node));
        }
    }

    /// <summary>Says that the nodes are linked, so that searches may count on them.</summary>
    public void Publish(int upTo) => Volatile.Write(ref count, upTo);

    /// <summary>Gives a node its layers, empty.</summary>
    public void SetLevel(int node, int level)
    {
        levels[node] = (byte)level;
        if (level == 0)
        {
            upper[node] = null!;
            return;
        }
        var links = new int[level * connections];
        links.AsSpan().Fill(None);
        upper[node] = links;
    }

    public static int Length(ReadOnlySpan<int> links)
    {
        int end = links.IndexOf(None);
        return end < 0 ? links.Length : end;
    }

    /// <summary>Replaces the links of a node in a layer.</summary>
    public void SetLinks(int node, int level, ReadOnlySpan<int> links)
    {
        var place = Links(node, level);
        links.CopyTo(place);
        place[links.Length..].Fill(None);
    }

    /// <summary>floor(−ln(u) / ln(M)), u drawn from the seed and the node (SplitMix64), so that a node's layers do not depend on when it comes.</summary>
    int DrawLevel(int node)
    {
        ulong z = (ulong)node + ((ulong)(uint)seed << 32) + 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        z ^= z >> 31;
        double u = ((z >> 11) + 1) * (1.0 / (1UL << 53));
        return Math.Min(15, (int)(-Math.Log(u) / Math.Log(connections)));
    }
}
