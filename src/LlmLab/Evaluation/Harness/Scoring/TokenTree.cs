namespace LlmLab.Evaluation.Harness.Scoring;

/// <summary>A place in a row where a token is predicted.</summary>
/// <param name="Node">The token after which.</param>
/// <param name="Target">The predicted token.</param>
/// <param name="Sequence">Number of the sequence that asks.</param>
readonly record struct Prediction(int Node, int Target, int Sequence);

/// <summary>
/// Sequences that begin alike, packed into one row: each common beginning stands there once, and a token sees only its own path to the root
/// (tree attention; SpecInfer, Miao et al. 2023). Four endings of one question cost the question once.
/// </summary>
sealed class TokenTree
{
    readonly List<int> tokens = [], parents = [], depths = [], path = [];
    readonly List<Prediction> predictions = [];
    int[] last = [];

    /// <summary>Tokens in the row.</summary>
    public int Length => tokens.Count;

    /// <summary>The tokens, in the order in which they came.</summary>
    public IReadOnlyList<int> Tokens => tokens;

    /// <summary>Each token's position in its sequence.</summary>
    public IReadOnlyList<int> Positions => depths;

    /// <summary>What is to be predicted, in order of the nodes' sequences.</summary>
    public IReadOnlyList<Prediction> Predictions => predictions;

    /// <summary>How many of a sequence's read tokens are in the row already; the sequences come in the order of their tokens.</summary>
    public int Shared(ScoredSequence sequence) =>
        Math.Min(sequence.Tokens.AsSpan().CommonPrefixLength(last), Math.Min(path.Count, sequence.Tokens.Length - 1));

    /// <summary>Adds a sequence.</summary>
    public void Add(ScoredSequence sequence, int number)
    {
        int shared = Shared(sequence), read = sequence.Tokens.Length - 1;
        path.RemoveRange(shared, path.Count - shared);
        for (int i = shared; i < read; i++)
        {
            tokens.Add(sequence.Tokens[i]);
            parents.Add(i == 0 ? -1 : path[i - 1]);
            depths.Add(i);
            path.Add(tokens.Count - 1);
        }
        last = sequence.Tokens;
        for (int i = read - sequence.Scored; i < read; i++) predictions.Add(new Prediction(path[i], sequence.Tokens[i + 1], number));
    }

    /// <summary>Writes who sees whom: row i is true at i and all nodes on the way to its root.</summary>
    /// <param name="visible">[width, width] of booleans.</param>
    /// <param name="width">Tokens a row with padding, which sees itself so that no attention is over nothing.</param>
    public void WriteVisible(Span<bool> visible, int width)
    {
        for (int i = 0; i < width; i++)
        {
            var row = visible.Slice(i * width, width);
            if (i < Length && parents[i] >= 0) visible.Slice(parents[i] * width, width).CopyTo(row);
            row[i] = true;
        }
    }

    /// <summary>Packs sequences into rows.</summary>
    /// <param name="sequences">What to score.</param>
    /// <param name="capacity">Most tokens a row, unless one sequence is longer.</param>
    public static List<TokenTree> Pack(IReadOnlyList<ScoredSequence> sequences, int capacity)
    {
        var order = Enumerable.Range(0, sequences.Count).ToArray();
        Array.Sort(order, (a, b) => sequences[a].Tokens.AsSpan().SequenceCompareTo(sequences[b].Tokens) is var c && c != 0 ? c : a.CompareTo(b));
        var rows = new List<TokenTree>();
        TokenTree? row = null;
        foreach (int number in order)
        {
            var sequence = sequences[number];
            int read = sequence.Tokens.Length - 1, shared = row?.Shared(sequence) ?? 0;
            // A short common beginning is not worth a longer row: attention grows with its square.
            if (row is null || shared < Math.Max(4, read / 4) || row.Length + read - shared > capacity) rows.Add(row = new TokenTree());
            row.Add(sequence, number);
        }
        return rows;
    }
}
