using System.Text;

namespace LlmLab.Tokenizers.SentencePiece;

/// <summary>
/// SentencePiece's BPE: any two neighbours whose text together is a piece may merge, the best score first and of equal scores the
/// leftmost. Unused pieces take part in merging and are taken apart again at the end.
/// </summary>
sealed class SentencePieceBpeSegmenter : IPieceSegmenter
{
    readonly IReadOnlyList<Piece> pieces;
    readonly Dictionary<string, int> ids = [];
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> find;
    readonly string[] userDefined;

    public SentencePieceBpeSegmenter(IReadOnlyList<Piece> pieces)
    {
        this.pieces = pieces;
        for (int id = 0; id < pieces.Count; id++)
            if (pieces[id].Type is PieceType.Normal or PieceType.UserDefined or PieceType.Unused) ids.TryAdd(pieces[id].Text, id);
        find = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        userDefined = [.. pieces.Where(p => p.Type == PieceType.UserDefined).Select(p => p.Text).OrderByDescending(t => t.Length)];
    }

    public void Segment(ReadOnlySpan<char> text, List<(int End, int Id)> result)
    {
        var state = new State(text.ToString());
        Split(state);
        for (int i = 0; i + 1 < state.Ends.Count; i++) Offer(state, i);
        while (state.Agenda.TryDequeue(out var merge, out _))
        {
            int right = state.Next[merge.Left];
            // Stale once either side has grown or gone.
            if (state.Ends[merge.Left] < 0 || right >= state.Ends.Count || state.Ends[right] != merge.End || state.Ends[merge.Left] != merge.Middle) continue;
            state.Parts[(state.Starts[merge.Left], merge.End)] = merge.Middle;
            state.Ends[merge.Left] = merge.End;
            state.Ends[right] = -1;
            state.Next[merge.Left] = state.Next[right];
            if (state.Next[right] < state.Ends.Count) state.Previous[state.Next[right]] = merge.Left;
            if (state.Previous[merge.Left] >= 0) Offer(state, state.Previous[merge.Left]);
            Offer(state, merge.Left);
        }
        for (int i = 0; i < state.Ends.Count; i = state.Next[i]) Emit(state, state.Starts[i], state.Ends[i], result);
    }

    sealed class State(string text)
    {
        public readonly string Text = text;
        public readonly List<int> Starts = [], Ends = [], Next = [], Previous = [];
        public readonly List<bool> Frozen = [];
        public readonly Dictionary<(int Start, int End), int> Parts = [];
        public readonly PriorityQueue<(int Left, int Middle, int End), (float MinusScore, int Left)> Agenda = new();
    }

    /// <summary>The first symbols: characters, and user-defined pieces, which never merge.</summary>
    void Split(State state)
    {
        for (int start = 0; start < state.Text.Length;)
        {
            string? literal = Array.Find(userDefined, u => string.CompareOrdinal(state.Text, start, u, 0, u.Length) == 0);
            Rune.DecodeFromUtf16(state.Text.AsSpan(start), out _, out int units);
            int end = start + (literal?.Length ?? units);
            state.Starts.Add(start);
            state.Ends.Add(end);
            state.Previous.Add(state.Ends.Count - 2);
            state.Next.Add(state.Ends.Count);
            state.Frozen.Add(literal is not null);
            start = end;
        }
    }

    void Offer(State state, int left)
    {
        int right = state.Next[left];
        if (right >= state.Ends.Count || state.Frozen[left] || state.Frozen[right]) return;
        if (find.TryGetValue(state.Text.AsSpan(state.Starts[left]..state.Ends[right]), out int id))
            state.Agenda.Enqueue((left, state.Ends[left], state.Ends[right]), (-pieces[id].Score, left));
    }

    void Emit(State state, int start, int end, List<(int End, int Id)> result)
    {
        int id = find.TryGetValue(state.Text.AsSpan(start..end), out int found) ? found : -1;
        if (id >= 0 && pieces[id].Type == PieceType.Unused && state.Parts.TryGetValue((start, end), out int middle))
        {
            Emit(state, start, middle, result);
            Emit(state, middle, end, result);
            return;
        }
        result.Add((end, id));
    }
}
