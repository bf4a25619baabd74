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
    readonly ulong[] hashes = new ulong[16]; // of the last ten words; 16 places make the remainder a mask
    readonly int[] lengths = new int[16];
    int text, words, characters, top, duplicate, uncounted, fourLength, tenLength;
    ulong four, ten;
    uint mask;

    /// <summary>This thread's counter, emptied. Small texts use the front of the tables only, which stays in the processor's cache.</summary>
    public static NGramRepetition Rent(int expectedWords)
    {
        var counter = own ??= new NGramRepetition();
        counter.text++;
        counter.mask = (uint)Math.Min(Slots, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(256, 2 * expectedWords))) - 1;
        (counter.words, counter.characters, counter.top, counter.duplicate, counter.uncounted, counter.fourLength, counter.tenLength, counter.four, counter.ten) = (0, 0, 0, 0, 0, 0, 0, 0, 0);
        return counter;
    }

    public void Add(ReadOnlySpan<char> word)
    {
        ulong hash = HashOf(word);
        // Runs are hashed as polynomials: the word that leaves is taken off, the new one is put on (Rabin and Karp 1987).
        four = four * Step + hash;
        ten = ten * Step + hash;
        fourLength += word.Length;
        tenLength += word.Length;
        if (words >= 4)
        {
            four -= hashes[(words - 4) & 15] * toTheFourth;
            fourLength -= lengths[(words - 4) & 15];
        }
        if (words >= 10)
        {
            ten -= hashes[(words - 10) & 15] * toTheTenth;
            tenLength -= lengths[(words - 10) & 15];
        }
        hashes[words & 15] = hash;
        lengths[words & 15] = word.Length;
        words++;
        characters += word.Length;
        uncounted += word.Length;
        if (words >= 4)
        {
            int count = Count(Mix(four));
            if (count > 1) top = Math.Max(top, count * fourLength);
        }
        if (words < 10 || !Seen(Mix(ten))) return;
        // Overlapping runs share words: each character counts once.
        duplicate += Math.Min(tenLength, uncounted);
        uncounted = 0;
    }

    const ulong Step = 0x9E3779B97F4A7C15;
    static readonly ulong toTheFourth = Power(4), toTheTenth = Power(10);

    static ulong Power(int exponent)
    {
        ulong power = 1;
        for (int i = 0; i < exponent; i++) power *= Step;
        return power;
    }

    static ulong HashOf(ReadOnlySpan<char> word)
    {
        if (WordBits.TryRead(word, out var bits)) return bits.Hash;
        ulong hash = 0xCBF29CE484222325;
        foreach (char c in word) hash = (hash ^ (uint)(c < 128 ? c | 0x20 : c)) * 0x100000001B3;
        return hash;
    }

    static uint Mix(ulong run) => (uint)((run ^ run >> 32) * 0xD6E8FEB86659FD93 >> 32);

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

    /// <summary>Share of the characters in the most frequent run of four words that occurs at least twice.</summary>
    public double TopFourGram => characters == 0 ? 0 : (double)top / characters;

    /// <summary>Share of the characters inside runs of ten words that occurred before.</summary>
    public double DuplicateTenGrams => characters == 0 ? 0 : (double)duplicate / characters;
}
