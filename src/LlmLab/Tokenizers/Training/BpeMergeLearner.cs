using System.Runtime.InteropServices;

namespace LlmLab.Tokenizers.Training;

/// <summary>
/// The state of BPE training: every distinct word as its present tokens, how often each pair of neighbours occurs, and in which
/// words. A merge visits only the words that hold the pair and corrects the counts of the neighbours; the most frequent pair comes
/// from a heap whose entries are corrected when they surface (a pair's count can only fall once its newer token exists).
/// </summary>
/// <remarks>
/// All pairs that spell the same bytes merge together. Encoding by rank of the merged bytes (tiktoken's rule) then repeats exactly
/// what was learned, and no two tokens are equal.
/// </remarks>
sealed class BpeMergeLearner(int wordCapacity)
{
    readonly List<int> symbols = new(wordCapacity * 8);
    readonly List<int> starts = new(wordCapacity + 1);
    readonly List<int> lengths = new(wordCapacity);
    readonly List<long> counts = new(wordCapacity);

    // Pairs: an open-addressing table of indices into parallel lists.
    int[] slots = new int[1 << 16];
    readonly List<ulong> pairKeys = [];
    readonly List<long> pairCounts = [];
    readonly List<int> pairHeads = [];

    // Which words hold a pair: linked lists in one block, the newest first.
    readonly List<(int Word, int Next)> occurrences = [];
    readonly PriorityQueue<(int Pair, long Count), (long Count, ulong Key)> heap = new(MostFrequentFirst.Instance);
    long total, single;

    /// <summary>The share of running words that are one token.</summary>
    public double SingleTokenShare => total == 0 ? 1 : (double)single / total;

    /// <summary>Adds a distinct word as its first tokens.</summary>
    public void AddWord(ReadOnlySpan<int> word, long count)
    {
        starts.Add(symbols.Count);
        lengths.Add(word.Length);
        counts.Add(count);
        symbols.AddRange(word);
        total += count;
        if (word.Length == 1) single += count;
    }

    /// <summary>Counts all pairs once; later merges only correct the counts.</summary>
    public void CountPairs()
    {
        for (int word = 0; word < starts.Count; word++)
        {
            var tokens = Word(word);
            for (int i = 0; i + 1 < tokens.Length; i++) Increase(tokens[i], tokens[i + 1], word, counts[word]);
        }
        for (int pair = 0; pair < pairKeys.Count; pair++) heap.Enqueue((pair, pairCounts[pair]), (pairCounts[pair], pairKeys[pair]));
    }

    /// <summary>The most frequent pair, or null if none occurs <paramref name="minimum"/> times.</summary>
    public (int Left, int Right)? MostFrequent(int minimum)
    {
        while (heap.TryPeek(out var top, out _))
        {
            long count = pairCounts[top.Pair];
            if (count == top.Count) return count < minimum ? null : ((int)(pairKeys[top.Pair] >> 32), (int)(uint)pairKeys[top.Pair]);
            heap.Dequeue();
            if (count >= minimum) heap.Enqueue((top.Pair, count), (count, pairKeys[top.Pair]));
        }
        return null;
    }

    /// <summary>Merges every occurrence of the given pairs into one token, in each word from the left.</summary>
    public void Merge(List<(int Left, int Right)> pairs, int merged)
    {
        int firstNew = pairKeys.Count;
        foreach (var (left, right) in pairs)
        {
            int pair = Find(Key(left, right));
            if (pair < 0) continue;
            for (int at = pairHeads[pair]; at >= 0; at = occurrences[at].Next)
                MergeInWord(occurrences[at].Word, pairs, merged);
        }
        for (int pair = firstNew; pair < pairKeys.Count; pair++)
            if (pairCounts[pair] > 0) heap.Enqueue((pair, pairCounts[pair]), (pairCounts[pair], pairKeys[pair]));
    }

    void MergeInWord(int word, List<(int Left, int Right)> pairs, int merged)
    {
        var tokens = Word(word);
        long count = counts[word];
        int write = 0;
        for (int read = 0; read < tokens.Length; read++, write++)
        {
            if (read + 1 >= tokens.Length || !Contains(pairs, tokens[read], tokens[read + 1]))
            {
                tokens[write] = tokens[read];
                continue;
            }
            Decrease(tokens[read], tokens[read + 1], count);
            if (write > 0)
            {
                // The token before may itself be a merge of this very pass: then the pair with its old right half is gone already.
                Decrease(tokens[write - 1], tokens[read], count);
                Increase(tokens[write - 1], merged, word, count);
            }
            if (read + 2 < tokens.Length)
            {
                Decrease(tokens[read + 1], tokens[read + 2], count);
                Increase(merged, tokens[read + 2], word, count);
            }
            tokens[write] = merged;
            read++;
        }
        if (write == tokens.Length) return;
        lengths[word] = write;
        if (write == 1) single += count;
    }

    static bool Contains(List<(int Left, int Right)> pairs, int left, int right)
    {
        foreach (var pair in CollectionsMarshal.AsSpan(pairs))
            if (pair.Left == left && pair.Right == right) return true;
        return false;
    }

    Span<int> Word(int word) => CollectionsMarshal.AsSpan(symbols).Slice(starts[word], lengths[word]);

    static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    void Increase(int left, int right, int word, long count)
    {
        int pair = FindOrAdd(Key(left, right));
        CollectionsMarshal.AsSpan(pairCounts)[pair] += count;
        ref int head = ref CollectionsMarshal.AsSpan(pairHeads)[pair];
        if (head >= 0 && occurrences[head].Word == word) return;
        occurrences.Add((word, head));
        head = occurrences.Count - 1;
    }

    void Decrease(int left, int right, long count)
    {
        int pair = Find(Key(left, right));
        if (pair >= 0) CollectionsMarshal.AsSpan(pairCounts)[pair] -= count;
    }

    int Find(ulong key)
    {
        for (int slot = Slot(key); slots[slot] != 0; slot = (slot + 1) & slots.Length - 1)
            if (pairKeys[slots[slot] - 1] == key) return slots[slot] - 1;
        return -1;
    }

    int FindOrAdd(ulong key)
    {
        int slot = Slot(key);
        for (; slots[slot] != 0; slot = (slot + 1) & slots.Length - 1)
            if (pairKeys[slots[slot] - 1] == key) return slots[slot] - 1;
        pairKeys.Add(key);
        pairCounts.Add(0);
        pairHeads.Add(-1);
        slots[slot] = pairKeys.Count;
        if (pairKeys.Count * 2 > slots.Length) Grow();
        return pairKeys.Count - 1;
    }

    void Grow()
    {
        slots = new int[slots.Length * 2];
        for (int pair = 0; pair < pairKeys.Count; pair++)
        {
            int slot = Slot(pairKeys[pair]);
            while (slots[slot] != 0) slot = (slot + 1) & slots.Length - 1;
            slots[slot] = pair + 1;
        }
    }

    int Slot(ulong key) => (int)((key ^ key >> 29) * 0x9E3779B97F4A7C15 >> 33) & slots.Length - 1;

    sealed class MostFrequentFirst : IComparer<(long Count, ulong Key)>
    {
        public static readonly MostFrequentFirst Instance = new();

        public int Compare((long Count, ulong Key) x, (long Count, ulong Key) y) =>
            x.Count != y.Count ? y.Count.CompareTo(x.Count) : x.Key.CompareTo(y.Key);
    }
}
