namespace LlmLab.Tokenizers;

/// <summary>
/// Merges the tokens of one piece by rank, the lowest first and of equals the leftmost (Sennrich et al. 2016; byte-level: Radford
/// et al. 2019). Short pieces are scanned again after each merge; long ones keep their candidates in a heap, so that a piece of n
/// bytes costs n log n.
/// </summary>
sealed class BytePairMerger(PairTable pairs, int[]? mergedIds)
{
    const int ScanLimit = 128;

    /// <summary>Merges in place; <paramref name="ranks"/> is scratch space of the same length.</summary>
    /// <returns>How many tokens are left at the front of <paramref name="ids"/>.</returns>
    public int Merge(Span<int> ids, Span<int> ranks) => ids.Length <= ScanLimit ? MergeByScan(ids, ranks) : MergeByHeap(ids);

    int Merged(int rank) => mergedIds is null ? rank : mergedIds[rank];

    internal int MergeByScan(Span<int> ids, Span<int> ranks)
    {
        int count = ids.Length;
        for (int i = 0; i + 1 < count; i++) ranks[i] = pairs.Rank(ids[i], ids[i + 1]);
        while (count > 1)
        {
            int best = PairTable.None, at = -1;
            for (int i = 0; i + 1 < count; i++)
                if (ranks[i] < best) (best, at) = (ranks[i], i);
            if (at < 0) break;
            ids[at] = Merged(best);
            count--;
            for (int i = at + 1; i < count; i++)
            {
                ids[i] = ids[i + 1];
                ranks[i] = ranks[i + 1];
            }
            if (at + 1 < count) ranks[at] = pairs.Rank(ids[at], ids[at + 1]);
            if (at > 0) ranks[at - 1] = pairs.Rank(ids[at - 1], ids[at]);
        }
        return count;
    }

    internal int MergeByHeap(Span<int> ids)
    {
        int length = ids.Length;
        var next = new int[length];
        var previous = new int[length];
        var heap = new PriorityQueue<(int At, int Left, int Right), long>(length);
        for (int i = 0; i < length; i++) (previous[i], next[i]) = (i - 1, i + 1);
        for (int i = 0; i + 1 < length; i++) Push(i, ids);
        while (heap.TryDequeue(out var candidate, out long priority))
        {
            var (at, left, right) = candidate;
            int after = next[at];
            // A candidate is stale once either of its tokens has merged with another.
            if (after >= length || ids[at] != left || ids[after] != right) continue;
            ids[at] = Merged((int)(priority >> 32));
            ids[after] = -1;
            next[at] = next[after];
            if (next[at] < length) previous[next[at]] = at;
            Push(at, ids);
            if (previous[at] >= 0) Push(previous[at], ids);
        }
        int count = 0;
        for (int i = 0; i < length; i = next[i]) ids[count++] = ids[i];
        return count;

        void Push(int at, Span<int> tokens)
        {
            if (next[at] >= length) return;
            int rank = pairs.Rank(tokens[at], tokens[next[at]]);
            if (rank != PairTable.None) heap.Enqueue((at, tokens[at], tokens[next[at]]), (long)rank << 32 | (uint)at);
        }
    }
}
