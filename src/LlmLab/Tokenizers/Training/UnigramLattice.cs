using LlmLab.Tokenizers.SentencePiece;

namespace LlmLab.Tokenizers.Training;

/// <summary>All segmentations of one word: forward-backward and best paths. Scratch space is reused from word to word.</summary>
sealed class UnigramLattice
{
    readonly List<(int Start, int End, int Id)> edges = [];
    double[] forward = new double[64], backward = new double[64];
    int[] bestEdge = new int[64];

    /// <summary>Adds count × posterior probability of each piece in the word to <paramref name="expected"/>.</summary>
    public void AddExpectations(string word, long count, PieceTrie trie, List<(string Text, double Score)> pieces, double[] expected)
    {
        if (!Fill(word, trie)) return;
        int length = word.Length;
        Array.Fill(forward, double.NegativeInfinity, 0, length + 1);
        Array.Fill(backward, double.NegativeInfinity, 0, length + 1);
        forward[0] = backward[length] = 0;
        foreach (var (start, end, id) in edges) forward[end] = LogAdd(forward[end], forward[start] + pieces[id].Score);
        for (int i = edges.Count - 1; i >= 0; i--)
        {
            var (start, end, id) = edges[i];
            backward[start] = LogAdd(backward[start], backward[end] + pieces[id].Score);
        }
        double all = forward[length];
        if (double.IsNegativeInfinity(all)) return;
        foreach (var (start, end, id) in edges) expected[id] += count * Math.Exp(forward[start] + pieces[id].Score + backward[end] - all);
    }

    /// <summary>Adds the word's count to each piece of its best segmentation.</summary>
    public void AddBestPath(string word, long count, PieceTrie trie, List<(string Text, double Score)> pieces, double[] counts)
    {
        if (!Fill(word, trie)) return;
        foreach (int id in BestPath(word.Length, pieces, without: -1, out _)) counts[id] += count;
    }

    /// <summary>The best segmentation that does not use one piece, and its score: minus infinity where there is none.</summary>
    public List<int> BestPathWithout(string word, PieceTrie trie, List<(string Text, double Score)> pieces, int without, out double score)
    {
        Fill(word, trie);
        return BestPath(word.Length, pieces, without, out score);
    }

    /// <summary>Edges by start, then by end: every path reads them in order. False where a character has no piece.</summary>
    bool Fill(string word, PieceTrie trie)
    {
        edges.Clear();
        if (forward.Length <= word.Length) (forward, backward, bestEdge) = (new double[word.Length * 2], new double[word.Length * 2], new int[word.Length * 2]);
        for (int start = 0; start < word.Length; start++)
        {
            if (start > 0 && char.IsLowSurrogate(word[start])) continue;
            for (int end = start, node = 0; end < word.Length;)
            {
                node = trie.Next(node, word[end++]);
                if (node < 0) break;
                if (trie.Id(node) is >= 0 and int id) edges.Add((start, end, id));
            }
        }
        return edges.Count > 0;
    }

    List<int> BestPath(int length, List<(string Text, double Score)> pieces, int without, out double score)
    {
        Array.Fill(forward, double.NegativeInfinity, 0, length + 1);
        forward[0] = 0;
        for (int i = 0; i < edges.Count; i++)
        {
            var (start, end, id) = edges[i];
            if (id == without || forward[start] + pieces[id].Score <= forward[end]) continue;
            forward[end] = forward[start] + pieces[id].Score;
            bestEdge[end] = i;
        }
        var path = new List<int>();
        score = forward[length];
        if (double.IsNegativeInfinity(score)) return path;
        for (int at = length; at > 0; at = edges[bestEdge[at]].Start) path.Add(edges[bestEdge[at]].Id);
        return path;
    }

    static double LogAdd(double x, double y)
    {
        if (x < y) (x, y) = (y, x);
        return double.IsNegativeInfinity(y) ? x : x + Math.Log(1 + Math.Exp(y - x));
    }
}
