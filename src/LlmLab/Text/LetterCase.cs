using System.Text;

namespace LlmLab.Text;

/// <summary>
/// Lower case by Unicode's full mapping (SpecialCasing.txt), as Python's <c>str.lower</c>, on which the reference tools of this field
/// are built: .NET maps one character to one and so misses two cases.
/// </summary>
public static class LetterCase
{
    const char CapitalSigma = 'Σ', FinalSigma = 'ς', SmallSigma = 'σ', CapitalDottedI = 'İ';

    /// <summary>
    /// The text in lower case: İ becomes i with a combining dot above, and Σ at the end of a word becomes ς.
    /// </summary>
    public static string ToLower(string text)
    {
        if (!text.AsSpan().ContainsAny(CapitalSigma, CapitalDottedI)) return text.ToLowerInvariant();
        var lower = new StringBuilder(text.Length + 2);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == CapitalDottedI) lower.Append("i\u0307");
            else if (text[i] == CapitalSigma) lower.Append(LetterBefore(text, i) && !LetterAfter(text, i) ? FinalSigma : SmallSigma);
            else if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length) lower.Append(text.Substring(i++, 2).ToLowerInvariant());
            else lower.Append(char.ToLowerInvariant(text[i]));
        }
        return lower.ToString();
    }

    static bool LetterBefore(string text, int index)
    {
        for (var i = index - 1; i >= 0; i--)
            if (!IsIgnorable(text[i])) return char.IsLetter(text[i]);
        return false;
    }

    static bool LetterAfter(string text, int index)
    {
        for (var i = index + 1; i < text.Length; i++)
            if (!IsIgnorable(text[i])) return char.IsLetter(text[i]);
        return false;
    }

    /// <summary>Unicode's case-ignorable characters, as far as words have them: apostrophes, stops inside words, combining marks.</summary>
    static bool IsIgnorable(char character) => character is '\'' or '.' or ':' or '·' or '’' or '­' ||
        char.GetUnicodeCategory(character) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.EnclosingMark
            or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.ModifierSymbol;
}
