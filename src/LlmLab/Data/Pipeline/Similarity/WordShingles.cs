using System.Numerics;

namespace LlmLab.Data.Pipeline.Similarity;

/// <summary>
/// The set of a text's shingles, which is what duplicates are compared by: every run of n words, as a 32-bit hash. Words are runs
/// of letters and digits, case aside; each ideograph is a word. (Broder, "On the resemblance and containment of documents", 1997.)
/// </summary>
public static class WordShingles
{
    const ulong Basis = 0xCBF29CE484222325, Prime = 0x100000001B3, Step = 0x9E3779B97F4A7C15;

    [ThreadStatic] static uint[]? own;

    /// <summary>The distinct shingles in ascending order; a text of fewer than <paramref name="size"/> words has one, an empty text none.</summary>
    public static uint[] Of(string text, int size)
    {
        var all = Scan(text, size);
        all.Sort();
        int distinct = 0;
        for (int i = 0; i < all.Length; i++)
            if (i == 0 || all[i] != all[i - 1]) all[distinct++] = all[i];
        return all[..distinct].ToArray();
    }

    /// <summary>The shingles in the order of the text, repeats included.</summary>
    public static uint[] Sequence(string text, int size) => Scan(text, size).ToArray();

    /// <summary>The same in memory of this thread, good until its next call.</summary>
    internal static Span<uint> Scan(ReadOnlySpan<char> text, int size)
    {
        if (size is < 1 or > 64) throw new InvalidInputException($"A shingle of {size} words was asked for; give 1 to 64.");
        // Every other character at most ends a word; ideographs, which end one each, may need all of it.
        if (own is null || own.Length < text.Length / 2 + 1) own = new uint[Math.Max(1 << 12, text.Length / 2 + 1)];
        var window = new Window(stackalloc ulong[size], own);
        ulong word = 0;
        for (int block = 0; block < text.Length; block += 64)
        {
            var characters = text.Slice(block, Math.Min(64, text.Length - block));
            ulong mask = WordScan.MaskOf(characters, out ulong foreign);
            word = foreign == 0 ? ScanAscii(characters, mask, word, ref window) : ScanAny(characters, word, ref window);
        }
        if (word != 0) window.Push(word);
        own = window.Shingles;
        return own.AsSpan(0, window.Finish());
    }

    // 64 characters by their bits; the word that the block ends in goes on in the next.
    static ulong ScanAscii(ReadOnlySpan<char> text, ulong mask, ulong word, ref Window window)
    {
        int at = 0;
        while (true)
        {
            if (word != 0)
            {
                int end = Math.Min(text.Length, at + BitOperations.TrailingZeroCount(~mask >> at));
                for (; at < end; at++) word = (word ^ (text[at] | 0x20u)) * Prime;
                if (at == text.Length) return word;
                window.Push(word);
            }
            ulong rest = mask >> at;
            if (rest == 0) return 0;
            at += BitOperations.TrailingZeroCount(rest);
            word = Basis;
        }
    }

    static ulong ScanAny(ReadOnlySpan<char> text, ulong word, ref Window window)
    {
        foreach (char c in text)
        {
            int unit = Lower(c);
            if (unit != 0 && c < 0x2E80)
            {
                word = ((word == 0 ? Basis : word) ^ (uint)unit) * Prime;
                continue;
            }
            if (word != 0) window.Push(word);
            word = 0;
            if (unit != 0) window.Push((Basis ^ (uint)unit) * Prime);
        }
        return word;
    }

    /// <summary>By definition, one character after another; <see cref="Sequence"/> is tested against it.</summary>
    internal static uint[] PlainSequence(string text, int size)
    {
        var window = new Window(stackalloc ulong[size], new uint[text.Length + 1]);
        ulong word = ScanAny(text, 0, ref window);
        if (word != 0) window.Push(word);
        return window.Shingles[..window.Finish()];
    }

    // The last words, and the hash of all of them, from which the oldest is taken off.
    ref struct Window(Span<ulong> last, uint[] shingles)
    {
        readonly Span<ulong> last = last;
        readonly ulong highest = Power(last.Length - 1);
        int words, slot, count;
        ulong rolling;

        public uint[] Shingles { get; private set; } = shingles;

        public void Push(ulong word)
        {
            if (words >= last.Length) rolling -= last[slot] * highest;
            rolling = rolling * Step + word;
            last[slot] = word;
            if (++slot == last.Length) slot = 0;
            if (++words < last.Length) return;
            if (count == Shingles.Length)
            {
                uint[] larger = new uint[2 * count];
                Shingles.CopyTo(larger, 0);
                Shingles = larger;
            }
            Shingles[count++] = Mix(rolling);
        }

        public int Finish()
        {
            if (words > 0 && words < last.Length) Shingles[count++] = Mix(rolling);
            return count;
        }

        static ulong Power(int exponent)
        {
            ulong power = 1;
            for (int i = 0; i < exponent; i++) power *= Step;
            return power;
        }
    }

    static int Lower(char c)
    {
        if (c < 128) return (uint)(c - 'a') <= 25 || (uint)(c - '0') <= 9 ? c : (uint)(c - 'A') <= 25 ? c | 0x20 : 0;
        return char.IsLetterOrDigit(c) || char.IsSurrogate(c) ? char.ToLowerInvariant(c) : 0;
    }

    // The finaliser of MurmurHash3 (Appleby): every input bit reaches every output bit.
    static uint Mix(ulong h)
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
