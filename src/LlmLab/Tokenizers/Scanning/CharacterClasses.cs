using System.Globalization;

namespace LlmLab.Tokenizers.Scanning;

/// <summary>The Unicode properties that pre-tokenization expressions ask for, as bits, one table look-up a character.</summary>
[Flags]
enum CharacterClass : byte
{
    None = 0,
    /// <summary><c>\p{L}</c></summary>
    Letter = 1,
    /// <summary><c>\p{N}</c></summary>
    Number = 2,
    /// <summary><c>\s</c></summary>
    Space = 4,
    /// <summary><c>[\r\n]</c></summary>
    Newline = 8,
    /// <summary><c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c>: what may stand at the head of a word in o200k.</summary>
    Head = 16,
    /// <summary><c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c>: what may stand in the tail of a word in o200k.</summary>
    Tail = 32,
    /// <summary>Half of a surrogate pair: the class is that of the code point.</summary>
    Surrogate = 64,
}

/// <summary>
/// Classes of code points. Supplementary code points count as one character with their own class, as in Rust's and Python's
/// expressions (and unlike .NET's, which see two surrogates); a lone surrogate counts as U+FFFD, by which it is encoded.
/// </summary>
static class CharacterClasses
{
    /// <summary>The class of every UTF-16 unit.</summary>
    public static readonly byte[] Table = Build();

    /// <summary>The class of the code point at <paramref name="index"/> and how many UTF-16 units it has.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        var found = (CharacterClass)Table[text[index]];
        length = 1;
        if (found != CharacterClass.Surrogate) return found;
        if (!char.IsHighSurrogate(text[index]) || index + 1 >= text.Length || !char.IsLowSurrogate(text[index + 1])) return CharacterClass.None;
        length = 2;
        return Of(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(text[index], text[index + 1])));
    }

    /// <summary>The first index from <paramref name="index"/> on whose code point has none of the classes of <paramref name="wanted"/>.</summary>
    public static int SkipWhile(ReadOnlySpan<char> text, int index, CharacterClass wanted)
    {
        byte[] table = Table;
        while (index < text.Length)
        {
            byte found = table[text[index]];
            if ((found & (byte)wanted) != 0) index++;
            else if (found == (byte)CharacterClass.Surrogate && (At(text, index, out int length) & wanted) != 0) index += length;
            else break;
        }
        return index;
    }

    /// <summary>The first index from <paramref name="index"/> on whose code point has any of the classes of <paramref name="unwanted"/>.</summary>
    public static int SkipUntil(ReadOnlySpan<char> text, int index, CharacterClass unwanted)
    {
        byte[] table = Table;
        while (index < text.Length)
        {
            byte found = table[text[index]];
            if ((found & (byte)unwanted) != 0) break;
            if (found == (byte)CharacterClass.Surrogate)
            {
                if ((At(text, index, out int length) & unwanted) != 0) break;
                index += length;
            }
            else index++;
        }
        return index;
    }

    static byte[] Build()
    {
        var table = new byte[char.MaxValue + 1];
        for (int c = 0; c < table.Length; c++)
        {
            var found = char.IsSurrogate((char)c) ? CharacterClass.Surrogate : Of(CharUnicodeInfo.GetUnicodeCategory(c));
            if (char.IsWhiteSpace((char)c)) found |= CharacterClass.Space;
            if (c is '\r' or '\n') found |= CharacterClass.Newline;
            table[c] = (byte)found;
        }
        return table;
    }

    // White space lies in the basic plane entirely, so the category says all that is needed here.
    static CharacterClass Of(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Letter | CharacterClass.Head,
        UnicodeCategory.LowercaseLetter => CharacterClass.Letter | CharacterClass.Tail,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Letter | CharacterClass.Head | CharacterClass.Tail,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterClass.Head | CharacterClass.Tail,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ => CharacterClass.None,
    };
}
