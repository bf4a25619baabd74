using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// A dictionary of words, case aside, that is asked for every word of a corpus. Words of up to 16 ASCII characters, which is nearly
/// all, are compared as four numbers of four characters each; the rest goes to an ordinary dictionary. Words are what
/// <see cref="WordScan"/> finds: letters, digits and apostrophes.
/// </summary>
sealed class WordTable<TValue>
{
    readonly (WordBits Key, TValue Value)[] slots;
    readonly Dictionary<string, TValue> others = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, TValue>.AlternateLookup<ReadOnlySpan<char>> longer;

    /// <summary>A table of these words; where a word is given twice, the last counts.</summary>
    public WordTable(IEnumerable<KeyValuePair<string, TValue>> words)
    {
        var all = words.ToArray();
        slots = new (WordBits, TValue)[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 4 * all.Length))];
        foreach (var (word, value) in all)
            if (!WordBits.TryRead(word, out var bits)) others[word] = value;
            else if (word.Length > 0) slots[Find(bits)] = (bits, value);
        longer = others.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    int Find(WordBits bits)
    {
        int at = (int)(bits.Hash >> 32) & (slots.Length - 1);
        while (slots[at].Key != bits && slots[at].Key.Length != 0) at = (at + 1) & (slots.Length - 1);
        return at;
    }

    /// <summary>The word's value, if it is in the table.</summary>
    public bool TryGetValue(ReadOnlySpan<char> word, [MaybeNullWhen(false)] out TValue value)
    {
        if (!WordBits.TryRead(word, out var bits)) return longer.TryGetValue(word, out value);
        ref var slot = ref slots[Find(bits)];
        value = slot.Value;
        return slot.Key.Length != 0;
    }
}

/// <summary>A word of at most 16 ASCII letters, digits and apostrophes, in lower case, as numbers of four characters that may overlap.</summary>
readonly record struct WordBits(ulong A, ulong B, ulong C, ulong D, int Length)
{
    const ulong Lower = 0x0020_0020_0020_0020, Foreign = 0xFF80_FF80_FF80_FF80;

    /// <summary>A hash whose upper 32 bits depend on every character.</summary>
    public ulong Hash
    {
        get
        {
            ulong hash = (A ^ BitOperations.RotateLeft(B, 7) ^ BitOperations.RotateLeft(C, 23) ^ BitOperations.RotateLeft(D, 41) ^ (uint)Length) * 0x9E3779B97F4A7C15;
            return (hash ^ hash >> 29) * 0xBF58476D1CE4E5B9;
        }
    }

    /// <summary>False for words that are longer or have other characters.</summary>
    public static bool TryRead(ReadOnlySpan<char> word, out WordBits bits)
    {
        int length = word.Length;
        ref char first = ref MemoryMarshal.GetReference(word);
        ulong a = 0, b = 0, c = 0, d = 0;
        if (length >= 4)
        {
            a = Four(ref first, 0);
            b = Four(ref first, length - 4);
            if (length > 8)
            {
                if (length > 16)
                {
                    bits = default;
                    return false;
                }
                c = Four(ref first, 4);
                d = Four(ref first, length - 8);
            }
        }
        else if (length > 0) a = first | (ulong)word[length >> 1] << 16 | (ulong)word[length - 1] << 32;
        bits = new WordBits(a | Lower, b | Lower, c | Lower, d | Lower, length);
        return ((a | b | c | d) & Foreign) == 0;
    }

    static ulong Four(ref char first, int at) => System.Runtime.CompilerServices.Unsafe.ReadUnaligned<ulong>(ref System.Runtime.CompilerServices.Unsafe.As<char, byte>(ref System.Runtime.CompilerServices.Unsafe.Add(ref first, at)));
}
