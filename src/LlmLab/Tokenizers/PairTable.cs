using System.Runtime.CompilerServices;

namespace LlmLab.Tokenizers;

/// <summary>From a pair of token ids to the rank of its merge: an open-addressing hash table, read-only once built.</summary>
sealed class PairTable
{
    /// <summary>The rank of a pair that does not merge.</summary>
    public const int None = int.MaxValue;

    readonly record struct Entry(ulong Key, int Rank);

    const ulong Empty = ulong.MaxValue;
    readonly Entry[] entries;
    readonly int shift;

    public PairTable(IReadOnlyCollection<(int Left, int Right, int Rank)> pairs)
    {
        int bits = 4;
        while (1L << bits < pairs.Count * 2L) bits++;
        shift = 64 - bits;
        entries = new Entry[1 << bits];
        Array.Fill(entries, new Entry(Empty, None));
        foreach (var (left, right, rank) in pairs)
        {
            ulong key = Key(left, right);
            int slot = Slot(key);
            while (entries[slot].Key != Empty && entries[slot].Key != key) slot = (slot + 1) & (entries.Length - 1);
            if (entries[slot].Key == Empty || rank < entries[slot].Rank) entries[slot] = new Entry(key, rank);
        }
    }

    /// <summary>The rank of the merge of two tokens, or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int left, int right)
    {
        ulong key = Key(left, right);
        var table = entries;
        int slot = Slot(key);
        while (true)
        {
            ref readonly var entry = ref table[slot];
            if (entry.Key == key) return entry.Rank;
            if (entry.Key == Empty) return None;
            slot = (slot + 1) & (table.Length - 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    // Fibonacci hashing: the golden ratio spreads neighbouring ids over the table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int Slot(ulong key) => (int)((key ^ key >> 29) * 0x9E3779B97F4A7C15 >> shift);
}
