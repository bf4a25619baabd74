namespace LlmLab.Tokenizers.SentencePiece;

/// <summary>All pieces that begin at a place, shortest first: a trie over UTF-16 units whose edges lie in one hash table.</summary>
sealed class PieceTrie
{
    readonly PairTable edges;
    readonly int[] ids;

    /// <param name="pieces">Text and id; of two equal texts the first counts.</param>
    public PieceTrie(IEnumerable<(string Text, int Id)> pieces)
    {
        var found = new Dictionary<(int Node, char Character), int>();
        var nodeIds = new List<int> { -1 };
        foreach (var (text, id) in pieces)
        {
            int node = 0;
            foreach (char c in text)
            {
                if (!found.TryGetValue((node, c), out int next))
                {
                    next = nodeIds.Count;
                    found.Add((node, c), next);
                    nodeIds.Add(-1);
                }
                node = next;
            }
            if (nodeIds[node] < 0) nodeIds[node] = id;
        }
        ids = [.. nodeIds];
        edges = new PairTable([.. found.Select(e => (e.Key.Node, (int)e.Key.Character, e.Value))]);
    }

    /// <summary>The node after one more character, or -1. The root is 0.</summary>
    public int Next(int node, char character)
    {
        int next = edges.Rank(node, character);
        return next == PairTable.None ? -1 : next;
    }

    /// <summary>The id of the piece that ends at a node, or -1.</summary>
    public int Id(int node) => ids[node];
}
