using System.Globalization;
using System.Text;
using LlmLab.Text;

namespace LlmLab.Tokenizers;

/// <summary>What BERT does to text before WordPiece.</summary>
/// <param name="CleanText">Drop control characters, U+0000 and U+FFFD; every kind of white space separates words.</param>
/// <param name="SplitChinese">Each Chinese character is a word.</param>
/// <param name="StripAccents">Drop marks after canonical decomposition.</param>
/// <param name="Lowercase">Lower case.</param>
public sealed record BertNormalization(bool CleanText = true, bool SplitChinese = true, bool StripAccents = true, bool Lowercase = true)
{
    /// <summary>That of the uncased models.</summary>
    public static BertNormalization Uncased { get; } = new();

    /// <summary>That of the cased models.</summary>
    public static BertNormalization Cased { get; } = new(StripAccents: false, Lowercase: false);
}

/// <summary>A normalised word, and for each of its UTF-16 units the place in the text that it came from, where that was asked for.</summary>
sealed record BertWord(string Text, int[] Starts, int[] Ends);

/// <summary>
/// Words as in BERT's <c>BasicTokenizer</c> (Devlin et al. 2018, google-research/bert <c>tokenization.py</c>): cleaned, split at
/// white space, around Chinese characters and at punctuation, lower-cased and stripped of accents.
/// </summary>
static class BertWords
{
    /// <param name="text">The text.</param>
    /// <param name="normalization">What is done to it.</param>
    /// <param name="places">Whether places are wanted; without them the words' arrays are empty.</param>
    public static List<BertWord> Split(ReadOnlySpan<char> text, BertNormalization normalization, bool places)
    {
        var words = new List<BertWord>(text.Length / 5 + 1);
        var current = new Builder(words, places);
        for (int start = 0, units; start < text.Length; start += units)
        {
            char c = text[start];
            units = 1;
            if (char.IsAsciiLetterOrDigit(c)) current.Append(normalization.Lowercase && char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c, start, start + 1);
            else if (c == ' ') current.End();
            else units = Other(text, start, current, normalization);
        }
        current.End();
        return words;
    }

    /// <summary>Characters that are no ASCII letters, digits or spaces. Returns the character's UTF-16 units.</summary>
    static int Other(ReadOnlySpan<char> text, int start, Builder current, BertNormalization normalization)
    {
        Rune.DecodeFromUtf16(text[start..], out var rune, out int units);
        int end = start + units;
        if (IsSpace(rune))
        {
            current.End();
            return units;
        }
        if (normalization.CleanText && IsDropped(rune)) return units;
        bool apart = normalization.SplitChinese && IsChinese(rune.Value);
        if (apart) current.End();
        foreach (var part in Normalize(rune, text, end, current, normalization))
        {
            bool punctuation = IsPunctuation(part);
            if (punctuation) current.End();
            current.Append(part, start, end);
            if (punctuation) current.End();
        }
        if (apart) current.End();
        return units;
    }

    static IEnumerable<Rune> Normalize(Rune rune, ReadOnlySpan<char> text, int next, Builder word, BertNormalization normalization)
    {
        if (rune.IsAscii) return [normalization.Lowercase ? Rune.ToLowerInvariant(rune) : rune];
        string result = rune.ToString();
        if (normalization.Lowercase)
            result = rune.Value switch
            {
                'İ' => "i\u0307",
                // Unicode's final sigma: after a letter and before none.
                'Σ' => word.EndsInLetter && !StartsWithLetter(text[next..]) ? "ς" : "σ",
                _ => Rune.ToLowerInvariant(rune).ToString(),
            };
        if (normalization.StripAccents) result = UnicodeNormalization.RemoveAccents(result);
        return result.EnumerateRunes().ToArray();
    }

    static bool StartsWithLetter(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out var rune, out _) == System.Buffers.OperationStatus.Done && Rune.IsLetter(rune);

    static bool IsSpace(Rune rune) => rune.Value is ' ' or '\t' or '\n' or '\r' or 0x2028 or 0x2029 || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator;

    static bool IsDropped(Rune rune) => rune.Value is 0 or 0xFFFD || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate;

    static bool IsPunctuation(Rune rune) => rune.Value is >= 33 and <= 47 or >= 58 and <= 64 or >= 91 and <= 96 or >= 123 and <= 126 || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
        or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation;

    /// <summary>The blocks of Chinese characters that BERT names; Hangul, Hiragana and Katakana are not among them.</summary>
    static bool IsChinese(int point) => point is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2B73F
        or >= 0x2B740 and <= 0x2B81F or >= 0x2B820 and <= 0x2CEAF or >= 0xF900 and <= 0xFAFF or >= 0x2F800 and <= 0x2FA1F;

    sealed class Builder(List<BertWord> words, bool places)
    {
        readonly StringBuilder text = new();
        readonly List<int> starts = [];
        readonly List<int> ends = [];

        public bool EndsInLetter => text.Length > 0 && char.IsLetter(text[^1]);

        public void Append(char c, int start, int end)
        {
            text.Append(c);
            if (!places) return;
            starts.Add(start);
            ends.Add(end);
        }

        public void Append(Rune rune, int start, int end)
        {
            Span<char> units = stackalloc char[2];
            foreach (char c in units[..rune.EncodeToUtf16(units)]) Append(c, start, end);
        }

        public void End()
        {
            if (text.Length == 0) return;
            words.Add(new BertWord(text.ToString(), [.. starts], [.. ends]));
            text.Clear();
            starts.Clear();
            ends.Clear();
        }
    }
}
