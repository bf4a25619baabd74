namespace LlmLab.Data.Pipeline.Similarity;

/// <summary>
/// The set of a text's shingles, which is what duplicates are compared by: every run of n words, as a 32-bit hash. Words are runs
/// of letters and digits, case aside; each ideograph is a word. (Broder, "On the resemblance and containment of documents", 1997.)
/// </summary>
public static class WordShingles
{
    const ulong Basis = 0xCBF29CE484222325, Prime = 0x100000001B3, Step = 0x9E3779B97F4A7C15;

    /// <summary>The distinct shingles in ascending order; a text of fewer than <paramref name="size"/> words has one, an empty text none.</summary>
    public static uint[] Of(string text, int size)
    {
        uint[] all = Sequence(text, size);
        Array.Sort(all);
        int distinct = 0;
        for (int i = 0; i < all.Length; i++)
            if (i == 0 || all[i] != all[i - 1]) all[distinct++] = all[i];
        return distinct == all.Length ? all : all[..distinct];
    }

    /// <summary>The shingles in the order of the text, repeats included.</summary>
    public static uint[] Sequence(string text, int size)
    {
        if (size is < 1 or > 64) throw new InvalidInputException($"A shingle of {size} words was asked for; give 1 to 64.");
        var shingles = new List<uint>(text.Length / 6 + 1);
        Span<ulong> window = stackalloc ulong[size];
        int words = 0;
        ulong word = 0;
        ulong rolling = 0, highest = 1;
        for (int i = 1; i < size; i++) highest *= Step;
        for (int i = 0; i <= text.Length; i++)
        {
            char c = i < text.Length ? text[i] : ' ';
            int unit = Lower(c);
            if (unit != 0 && c < 0x2E80)
            {
                word = ((word == 0 ? Basis : word) ^ (uint)unit) * Prime;
                continue;
            }
            if (word != 0) Push(word, window, ref words, ref rolling, highest, shingles);
            word = 0;
            if (unit != 0) Push((Basis ^ (uint)unit) * Prime, window, ref words, ref rolling, highest, shingles);
        }
        if (words > 0 && words < size) shingles.Add(Finish(rolling));
        return [.. shingles];
    }

    static void Push(ulong word, Span<ulong> window, ref int words, ref ulong rolling, ulong highest, List<uint> shingles)
    {
        int slot = words % window.Length;
        if (words >= window.Length) rolling -= window[slot] * highest;
        rolling = rolling * Step + word;
        window[slot] = word;
        words++;
        if (words >= window.Length) shingles.Add(Finish(rolling));
    }

    static int Lower(char c)
    {
        if (c < 128) return (uint)(c - 'a') <= 25 || (uint)(c - '0') <= 9 ? c : (uint)(c - 'A') <= 25 ? c | 0x20 : 0;
        return char.IsLetterOrDigit(c) || char.IsSurrogate(c) ? char.ToLowerInvariant(c) : 0;
    }

    // The finaliser of MurmurHash3 (Appleby): every input bit reaches every output bit.
    static uint Finish(ulong h)
    {
        h ^= h >> 33;
        h *= 0xFF51AFD7ED558CCD;
        h ^= h >> 33;
        h *= 0xC4CEB9FE1A85EC53;
        return (uint)(h >> 32);
    }

    /// <summary>Exact Jaccard similarity of two shingle sets: shared shingles divided by all. Two empty sets have 1.</summary>
    /// <param name="a">Ascending, distinct.</param>
    /// <param name="b">Ascending, distinct.</param>
    public static double Jaccard(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b)
    {
        int shared = Shared(a, b), all = a.Length + b.Length - shared;
        return all == 0 ? 1 : (double)shared / all;
    }

    /// <summary>How much of the smaller set is in the larger one; two empty sets have 1.</summary>
    public static double Containment(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b)
    {
        int smaller = Math.Min(a.Length, b.Length);
        return smaller == 0 ? a.Length == b.Length ? 1 : 0 : (double)Shared(a, b) / smaller;
    }

    static int Shared(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b)
    {
        int i = 0, j = 0, shared = 0;
        while (i < a.Length && j < b.Length)
        {
            uint x = a[i], y = b[j];
            if (x == y) shared++;
            if (x <= y) i++;
            if (y <= x) j++;
        }
        return shared;
    }
}
