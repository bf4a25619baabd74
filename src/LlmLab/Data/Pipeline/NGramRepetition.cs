namespace LlmLab.Data.Pipeline;

/// <summary>
/// How much of a text repeats itself, by Gopher's measures over runs of four and of ten words (Rae et al. 2021, table A1). Its tables
/// are kept by each thread for the next text; beyond a million runs they only forget, which makes the answer smaller, not wrong.
/// </summary>
sealed class NGramRepetition
{
    const int Slots = 1 << 16;
    [ThreadStatic] static NGramRepetition? own;

    // A slot holds the run's hash, the text's number and a count: a new text needs no clearing.
    readonly (uint Hash, int Text, int Count)[] fours = new (uint, int, int)[Slots];
    readonly (uint Hash, int Text)[] tens = new (uint, int)[Slots];
    readonly ulong[] hashes = new ulong[10];
    readonly int[] lengths = new int[10];
    int text, words, characters, top, duplicate, uncounted;
    uint mask;

    /// <summary>This thread's counter, emptied. Small texts use the front of the tables only, which stays in the processor's cache.</summary>
    public static NGramRepetition Rent(int expectedWords)
    {
        var counter = own ??= new NGramRepetition();
        counter.text++;
        counter.mask = (uint)Math.Min(Slots, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(256, 2 * expectedWords))) - 1;
        (counter.words, counter.characters, counter.top, counter.duplicate, counter.uncounted) = (0, 0, 0, 0, 0);
        return counter;
    }

    public void Add(ReadOnlySpan<char> word)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char c in word) hash = (hash ^ (uint)(c < 128 ? c | 0x20 : c)) * 0x100000001B3;
        int place = words % 10;
        hashes[place] = hash;
        lengths[place] = word.Length;
        words++;
        characters += word.Length;
        uncounted += word.Length;
        if (words >= 4)
        {
            uint run = Combine(4, out int size);
            int count = Count(run);
            if (count > 1) top = Math.Max(top, count * size);
        }
        if (words < 10 || !Seen(Combine(10, out int length))) return;
        // Overlapping runs share words: each character counts once.
        duplicate += Math.Min(length, uncounted);
        uncounted = 0;
    }

    int Count(uint run)
    {
        for (int probe = 0; probe < 16; probe++)
        {
            ref var slot = ref fours[(run + (uint)probe) & mask];
            if (slot.Text != text) slot = (run, text, 0);
            if (slot.Hash == run) return ++slot.Count;
        }
        return 1;
    }

    bool Seen(uint run)
    {
        for (int probe = 0; probe < 16; probe++)
        {
            ref var slot = ref tens[(run + (uint)probe) & mask];
            if (slot.Text != text)
            {
                slot = (run, text);
                return false;
            }
            if (slot.Hash == run) return true;
        }
        return false;
    }

    uint Combine(int count, out int length)
    {
        ulong hash = 0;
        length = 0;
        int at = (words - 1) % 10;
        for (int i = 0; i < count; i++)
        {
            hash = (hash ^ hashes[at]) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
            length += lengths[at];
            if (--at < 0) at = 9;
        }
        return (uint)(hash >> 32);
    }

    /// <summary>Share of the characters in the most frequent run of four words that occurs at least twice.</summary>
    public double TopFourGram => characters == 0 ? 0 : (double)top / characters;

    /// <summary>Share of the characters inside runs of ten words that occurred before.</summary>
    public double DuplicateTenGrams => characters == 0 ? 0 : (double)duplicate / characters;
}
