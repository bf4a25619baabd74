namespace LlmLab.Evaluation.Text;

/// <summary>
/// Counts which n-grams of a hypothesis occur in its references, each as often as in the reference where it is most frequent
/// ("clipped", BLEU's way). All orders are counted in one pass over a tree: the node of an n-gram is the child of the node of its
/// first n − 1 tokens, so no n-gram is ever made into a string and none can be taken for another. The tree is a hash table of
/// (parent, token) without chains.
/// </summary>
sealed class NgramCounter
{
    readonly int maximumOrder;
    long[] keys; // parent node and token; 0 marks a free place, since no node is its own parent
    int[] nodes;
    int[] highest; // count in the reference that has most, by node; node 0 is the root
    int[] current; // count in the sequence at hand
    int[] visited; // nodes to set back
    int count = 1;

    public NgramCounter(int maximumOrder, int expectedTokens = 32)
    {
        this.maximumOrder = maximumOrder;
        var places = 16;
        while (places < expectedTokens * maximumOrder * 2) places *= 2;
        (keys, nodes) = (new long[places], new int[places]);
        (highest, current, visited) = (new int[places / 2], new int[places / 2], new int[places / 2]);
    }

    /// <summary>Adds a reference.</summary>
    public void AddReference(ReadOnlySpan<int> tokens)
    {
        var length = 0;
        for (var start = 0; start < tokens.Length; start++)
        {
            var node = 0;
            for (var i = start; i < Math.Min(tokens.Length, start + maximumOrder); i++)
            {
                node = FindOrAdd(node, tokens[i]);
                if (current[node]++ == 0) visited[length++] = node;
            }
        }
        for (var i = 0; i < length; i++)
        {
            var node = visited[i];
            highest[node] = Math.Max(highest[node], current[node]);
            current[node] = 0;
        }
    }

    /// <summary>The number of matches of each order, from 1; does not change the counter.</summary>
    public int[] Match(ReadOnlySpan<int> tokens)
    {
        var matches = new int[maximumOrder];
        var length = 0;
        for (var start = 0; start < tokens.Length; start++)
        {
            var node = 0;
            for (var i = start; i < Math.Min(tokens.Length, start + maximumOrder); i++)
            {
                if ((node = Find(node, tokens[i])) == 0) break;
                if (current[node] == 0) visited[length++] = node;
                if (current[node]++ < highest[node]) matches[i - start]++;
            }
        }
        for (var i = 0; i < length; i++) current[visited[i]] = 0;
        return matches;
    }

    /// <summary>Forgets all references, to count others.</summary>
    public void Clear()
    {
        Array.Clear(keys);
        Array.Clear(highest, 0, count);
        count = 1;
    }

    /// <summary>How many n-grams of an order a sequence has.</summary>
    public static int Total(int length, int order) => Math.Max(0, length - order + 1);

    /// <summary>The child of a node, 0 if there is none.</summary>
    int Find(int parent, int token)
    {
        var key = Key(parent, token);
        for (var place = Place(key); keys[place] != 0; place = (place + 1) & (keys.Length - 1))
            if (keys[place] == key) return nodes[place];
        return 0;
    }

    int FindOrAdd(int parent, int token)
    {
        var key = Key(parent, token);
        var place = Place(key);
        for (; keys[place] != 0; place = (place + 1) & (keys.Length - 1))
            if (keys[place] == key) return nodes[place];
        if (count == highest.Length)
        {
            Grow();
            return FindOrAdd(parent, token);
        }
        (keys[place], nodes[place]) = (key, count);
        return count++;
    }

    /// <summary>Doubles the table, which is never more than half full.</summary>
    void Grow()
    {
        var (oldKeys, oldNodes) = (keys, nodes);
        (keys, nodes) = (new long[oldKeys.Length * 2], new int[oldKeys.Length * 2]);
        for (var i = 0; i < oldKeys.Length; i++)
        {
            if (oldKeys[i] == 0) continue;
            var place = Place(oldKeys[i]);
            while (keys[place] != 0) place = (place + 1) & (keys.Length - 1);
            (keys[place], nodes[place]) = (oldKeys[i], oldNodes[i]);
        }
        Array.Resize(ref highest, highest.Length * 2);
        Array.Resize(ref current, current.Length * 2);
        Array.Resize(ref visited, visited.Length * 2);
    }

    // One is added to the token, so that the key of token 0 at the root is not 0.
    static long Key(int parent, int token) => (long)parent << 32 | (uint)(token + 1);

    // Fibonacci hashing: the high bits of the product are spread well.
    int Place(long key) => (int)((ulong)key * 0x9E3779B97F4A7C15UL >> 32) & (keys.Length - 1);
}
