using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LlmLab.Data.Pipeline;

/// <summary>
/// Walks over a text's words (runs of letters, digits and inner apostrophes) without allocating. 64 characters at a time become a
/// bit mask, one bit a character of a word; <see cref="PlainEnd"/> and <see cref="PlainStart"/> say the same one by one.
/// </summary>
ref struct WordScan(ReadOnlySpan<char> text)
{
    readonly ReadOnlySpan<char> text = text;
    int position, block = -1;
    ulong mask;

    /// <summary>Start of the current word.</summary>
    public int Start { get; private set; }

    /// <summary>The current word as it stands in the text.</summary>
    public readonly ReadOnlySpan<char> Current => text[Start..position];

    public bool MoveNext()
    {
        int at = position;
        ulong rest;
        while (true)
        {
            if (at >= text.Length)
            {
                Start = position = text.Length;
                return false;
            }
            if ((rest = Mask(at) >> at) != 0) break; // a shift takes the lowest six bits of its count
            at = (at | 63) + 1;
        }
        at += BitOperations.TrailingZeroCount(rest);
        Start = at;
        while (true)
        {
            if (at >= text.Length) break;
            if ((rest = ~Mask(at) >> at) == 0)
            {
                at = (at | 63) + 1;
                continue;
            }
            at += BitOperations.TrailingZeroCount(rest);
            if (at + 1 >= text.Length || !IsInner(at)) break;
            at++;
        }
        position = Math.Min(at, text.Length);
        return true;
    }

    readonly bool IsInner(int at) => text[at] is '\'' or '’' && char.IsLetter(text[at + 1]);

    ulong Mask(int at)
    {
        if (at >> 6 == block) return mask;
        block = at >> 6;
        return mask = MaskOf(text[(block << 6)..], out _);
    }

    /// <summary>One bit for each of the first 64 characters: 1 for letters and digits. Bits beyond the text are 0.</summary>
    /// <param name="text">Where to look.</param>
    /// <param name="foreign">One bit for each character that is not ASCII.</param>
    public static ulong MaskOf(ReadOnlySpan<char> text, out ulong foreign)
    {
        Span<ushort> padded = stackalloc ushort[64];
        scoped var characters = MemoryMarshal.Cast<char, ushort>(text);
        if (characters.Length < 64)
        {
            padded.Clear();
            characters.CopyTo(padded);
            characters = padded;
        }
        // 255 stands for all that does not fit into a byte: not ASCII either way.
        var bytes = Vector512.NarrowWithSaturation(Vector512.Create(characters), Vector512.Create(characters[32..]));
        var letters = Vector512.LessThanOrEqual((bytes | Vector512.Create((byte)0x20)) - Vector512.Create((byte)'a'), Vector512.Create((byte)25));
        var digits = Vector512.LessThanOrEqual(bytes - Vector512.Create((byte)'0'), Vector512.Create((byte)9));
        foreign = bytes.ExtractMostSignificantBits();
        ulong mask = (letters | digits).ExtractMostSignificantBits() & ~foreign;
        for (ulong left = foreign; left != 0; left &= left - 1)
        {
            int at = BitOperations.TrailingZeroCount(left);
            if (char.IsLetterOrDigit((char)characters[at])) mask |= 1UL << at;
        }
        return mask;
    }

    /// <summary>By definition: where the first word at or after a place begins; the text's length if there is none.</summary>
    public static int PlainStart(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && !char.IsLetterOrDigit(text[at])) at++;
        return at;
    }

    /// <summary>By definition: where the word that begins at a place ends.</summary>
    public static int PlainEnd(ReadOnlySpan<char> text, int start)
    {
        int at = start;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '\'' or '’' && at > start && at + 1 < text.Length && char.IsLetter(text[at + 1]))) at++;
        return at;
    }

    public readonly WordScan GetEnumerator() => this;
}
