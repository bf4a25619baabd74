using System.Runtime.InteropServices;

namespace LlmLab.Data.Pipeline;

/// <summary>How much of a text repeats itself, by Gopher's measures over runs of four and of ten words (Rae et al. 2021, table A1).</summary>
sealed class NGramRepetition
{
    readonly Dictionary<uint, int> fours = [];
    readonly HashSet<uint> tens = [];
    readonly ulong[] hashes = new ulong[10];
    readonly int[] lengths = new int[10];
    int words, characters, top, duplicate, uncounted;

    public void Add(ReadOnlySpan<char> word)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char c in word) hash = (hash ^ (uint)(c < 128 ? c | 0x20 : c)) * 0x100000001B3;
        hashes[words % 10] = hash;
        lengths[words % 10] = word.Length;
        words++;
        characters += word.Length;
        uncounted += word.Length;
        if (words >= 4)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(fours, Combine(4, out int size), out _);
            count++;
            if (count > 1) top = Math.Max(top, count * size);
        }
        if (words < 10) return;
        bool repeated = !tens.Add(Combine(10, out int length));
        // Overlapping runs share words: each character counts once.
        if (repeated) duplicate += Math.Min(length, uncounted);
        if (repeated) uncounted = 0;
    }

    uint Combine(int count, out int length)
    {
        ulong hash = 0;
        length = 0;
        for (int i = 1; i <= count; i++)
        {
            int at = (words - i + 10) % 10;
            hash = (hash ^ hashes[at]) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
            length += lengths[at];
        }
        return (uint)(hash >> 32);
    }

    /// <summary>Share of the characters in the most frequent run of four words that occurs at least twice.</summary>
    public double TopFourGram => characters == 0 ? 0 : (double)top / characters;

    /// <summary>Share of the characters inside runs of ten words that occurred before.</summary>
    public double DuplicateTenGrams => characters == 0 ? 0 : (double)duplicate / characters;
}
