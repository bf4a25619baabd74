namespace LlmLab.Evaluation.Text;

/// <summary>
/// Counts which n-grams of a hypothesis occur in its references, each as often as in the reference where it is most frequent
/// ("clipped", BLEU's way). All orders are counted in one pass over a tree: the node of an n-gram is the child of the node of its
/// first n − 1 tokens, so no n-gram is ever made into a string and none can be taken for another.
/// </summary>
sealed class NgramCounter
{
    readonly int maximumOrder;
    readonly Dictionary<long, int> children = []; // parent node and token → node
    readonly List<int> highest = [0]; // count in the reference that has most, by node
    readonly List<int> current = [0]; // count in the sequence at hand

    public NgramCounter(int maximumOrder) => this.maximumOrder = maximumOrder;

    /// <summary>Adds a reference.</summary>
    public void AddReference(ReadOnlySpan<int> tokens)
    {
        for (var start = 0; start < tokens.Length; start++)
        {
            var node = 0;
            for (var i = start; i < Math.Min(tokens.Length, start + maximumOrder); i++)
            {
                var key = Key(node, tokens[i]);
                if (!children.TryGetValue(key, out node))
                {
                    node = highest.Count;
                    children.Add(key, node);
                    highest.Add(0);
                    current.Add(0);
                }
                current[node]++;
            }
        }
        ForEachNode(tokens, (node, _) =>
        {
            highest[node] = Math.Max(highest[node], current[node]);
            current[node] = 0;
        });
    }

    /// <summary>The number of matches of each order, from 1; does not change the counter.</summary>
    public int[] Match(ReadOnlySpan<int> tokens)
    {
        var matches = new int[maximumOrder];
        ForEachNode(tokens, (node, order) =>
        {
            if (current[node]++ < highest[node]) matches[order - 1]++;
        });
        ForEachNode(tokens, (node, _) => current[node] = 0);
        return matches;
    }

    /// <summary>How many n-grams of an order a sequence has.</summary>
    public static int Total(int length, int order) => Math.Max(0, length - order + 1);

    void ForEachNode(ReadOnlySpan<int> tokens, Action<int, int> visit)
    {
        for (var start = 0; start < tokens.Length; start++)
        {
            var node = 0;
            for (var i = start; i < Math.Min(tokens.Length, start + maximumOrder); i++)
            {
                if (!children.TryGetValue(Key(node, tokens[i]), out node)) break;
                visit(node, i - start + 1);
            }
        }
    }

    static long Key(int node, int token) => (long)node << 32 | (uint)token;
}
