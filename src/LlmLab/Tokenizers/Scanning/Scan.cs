using System.Runtime.CompilerServices;

namespace LlmLab.Tokenizers.Scanning;

/// <summary>What the hand-written scanners share.</summary>
static class Scan
{
    /// <summary>The end of an English contraction (<c>'s 't 're 've 'm 'll 'd</c>) that begins at the apostrophe at <paramref name="index"/>, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Contraction(ReadOnlySpan<char> text, int index, bool ignoreCase)
    {
        if (index + 1 >= text.Length || text[index] != '\'') return -1;
        return Suffix(text, index, ignoreCase);
    }

    static int Suffix(ReadOnlySpan<char> text, int index, bool ignoreCase)
    {
        char first = Fold(text[index + 1], ignoreCase);
        if (first is 's' or 't' or 'm' or 'd') return index + 2;
        if (index + 2 >= text.Length) return -1;
        char second = Fold(text[index + 2], ignoreCase);
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? index + 3 : -1;
    }

    // U+017F is the one non-ASCII letter that folds to a letter of a contraction.
    static char Fold(char c, bool ignoreCase) => !ignoreCase ? c : c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c == '\u017F' ? 's' : c;

    /// <summary>
    /// The end of the white-space piece at <paramref name="start"/>: up to the run's last line end (<c>\s*[\r\n]+</c>) where
    /// <paramref name="lineEnds"/>, else all but the space that belongs to the word after it (<c>\s+(?!\S)|\s+</c>).
    /// </summary>
    public static int Space(ReadOnlySpan<char> text, int start, bool lineEnds, bool wholeTrailing)
    {
        byte[] table = CharacterClasses.Table;
        int end = start, lastLineEnd = -1;
        for (; end < text.Length; end++)
        {
            byte found = table[text[end]];
            if ((found & (byte)CharacterClass.Space) == 0) break;
            if ((found & (byte)CharacterClass.Newline) != 0) lastLineEnd = end;
        }
        if (end == text.Length && wholeTrailing) return end;
        if (lineEnds && lastLineEnd >= 0) return lastLineEnd + 1;
        return end == text.Length || end - start == 1 ? end : end - 1;
    }
}
