using System.Buffers.Binary;
using System.Text;

namespace LlmLab.Tokenizers.SentencePiece;

/// <summary>
/// SentencePiece's normalisation: replacement of the longest matching prefixes by a compiled table (NFKC and the like), white space
/// reduced and written as U+2581.
/// </summary>
/// <param name="PrecompiledCharacterMap">The table as model files hold it: a double-array trie over UTF-8 (Darts-clone) and the replacements. Null: nothing is replaced.</param>
/// <param name="AddDummyPrefix">A space is put before the text, so that a word is the same at the start as elsewhere.</param>
/// <param name="RemoveExtraWhitespace">Spaces at both ends are dropped, runs of them become one.</param>
public sealed record SentencePieceNormalization(ReadOnlyMemory<byte> PrecompiledCharacterMap, bool AddDummyPrefix, bool RemoveExtraWhitespace)
{
    /// <summary>The character that stands for a space.</summary>
    public const char Space = '\u2581';

    /// <summary>Text as it is, only with spaces written as U+2581: what is encoded can be decoded unchanged.</summary>
    public static SentencePieceNormalization None { get; } = new(default, false, false);

    /// <summary>Normalised text and, for each of its UTF-16 units, the (start, end) of the text it came from.</summary>
    internal (string Text, int[] Starts, int[] Ends) Normalize(ReadOnlySpan<char> text, IReadOnlyList<string> literals)
    {
        var result = new StringBuilder(text.Length + 1);
        var starts = new List<int>(text.Length + 1);
        var ends = new List<int>(text.Length + 1);
        bool afterSpace = RemoveExtraWhitespace;
        if (AddDummyPrefix && (!RemoveExtraWhitespace || HasMoreThanSpace(text, literals))) Append(Space, 0, 0);
        for (int start = 0, units; start < text.Length; start += units)
        {
            string replaced = Prefix(text[start..], literals, out units);
            bool endsInSpace = replaced.EndsWith(' ');
            int skip = 0;
            while (afterSpace && skip < replaced.Length && replaced[skip] == ' ') skip++;
            for (int i = skip; i < replaced.Length; i++) Append(replaced[i] == ' ' ? Space : replaced[i], start, start + units);
            if (skip < replaced.Length) afterSpace = endsInSpace;
            if (!RemoveExtraWhitespace) afterSpace = false;
        }
        int length = result.Length;
        if (RemoveExtraWhitespace)
            while (length > 0 && result[length - 1] == Space) length--;
        return (result.ToString(0, length), [.. starts.Take(length)], [.. ends.Take(length)]);

        void Append(char c, int start, int end)
        {
            result.Append(c);
            starts.Add(start);
            ends.Add(end);
        }
    }

    bool HasMoreThanSpace(ReadOnlySpan<char> text, IReadOnlyList<string> literals)
    {
        for (int start = 0, units; start < text.Length; start += units)
            if (Prefix(text[start..], literals, out units) != " ") return true;
        return false;
    }

    /// <summary>The replacement of the longest prefix that the table knows, or the next character.</summary>
    string Prefix(ReadOnlySpan<char> text, IReadOnlyList<string> literals, out int units)
    {
        foreach (string literal in literals)
            if (text.StartsWith(literal, StringComparison.Ordinal))
            {
                units = literal.Length;
                return literal;
            }
        if (!PrecompiledCharacterMap.IsEmpty && LongestMatch(text, out units) is { } replacement) return replacement;
        Rune.DecodeFromUtf16(text, out var rune, out units);
        return rune.ToString();
    }

    /// <summary>Walks the double array along the text's UTF-8; the layout of its 32-bit units is Darts-clone's.</summary>
    string? LongestMatch(ReadOnlySpan<char> text, out int units)
    {
        var map = PrecompiledCharacterMap.Span;
        int trieBytes = (int)BinaryPrimitives.ReadUInt32LittleEndian(map);
        var trie = map.Slice(4, trieBytes);
        var replacements = map[(4 + trieBytes)..];
        string? best = null;
        units = 0;
        int consumed = 0;
        Span<byte> utf8 = stackalloc byte[4];
        uint position = Offset(Unit(trie, 0));
        while (consumed < text.Length)
        {
            Rune.DecodeFromUtf16(text[consumed..], out var rune, out int length);
            int bytes = rune.EncodeToUtf8(utf8);
            uint unit = 0;
            for (int i = 0; i < bytes; i++)
            {
                position ^= utf8[i];
                if (position >= (uint)trie.Length / 4) return best;
                unit = Unit(trie, position);
                if ((unit & 0x800000FF) != utf8[i]) return best;
                position ^= Offset(unit);
            }
            consumed += length;
            if ((unit >> 8 & 1) == 0) continue;
            int value = (int)(Unit(trie, position) & 0x7FFFFFFF);
            var rest = replacements[value..];
            best = Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
            units = consumed;
        }
        return best;
    }

    static uint Unit(ReadOnlySpan<byte> trie, uint index) => BinaryPrimitives.ReadUInt32LittleEndian(trie[(int)(index * 4)..]);

    static uint Offset(uint unit) => unit >> 10 << (int)((unit & 1u << 9) >> 6);
}
