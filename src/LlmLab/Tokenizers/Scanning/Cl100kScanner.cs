namespace LlmLab.Tokenizers.Scanning;

/// <summary>The pieces of <see cref="PreTokenization.Cl100k"/> and its relatives, by hand.</summary>
/// <param name="pattern">The expression.</param>
/// <param name="maximumDigits">Digits in a piece at most.</param>
/// <param name="wholeTrailingSpace">Whether white space at the text's end is one piece even if it has line ends (<c>\s++$</c>).</param>
sealed class Cl100kScanner(string pattern, int maximumDigits, bool wholeTrailingSpace) : PieceScanner
{
    const CharacterClass LetterOrNumber = CharacterClass.Letter | CharacterClass.Number;

    public override string Pattern => pattern;

    public override bool SplitsBeforeSpace => true;

    public override int Next(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Scan.Contraction(text, start, ignoreCase: true) is > 0 and int contraction) return contraction;
        var found = CharacterClasses.At(text, start, out int length);
        int next = start + length;
        if ((found & CharacterClass.Letter) != 0) return CharacterClasses.SkipWhile(text, next, CharacterClass.Letter);
        if ((found & CharacterClass.Number) != 0) return Digits(text, start);

        // One character that is neither letter, digit nor line end goes with the word after it.
        CharacterClass after = CharacterClass.Space;
        int afterLength = 0;
        if (next < text.Length) after = CharacterClasses.At(text, next, out afterLength);
        if ((after & CharacterClass.Letter) != 0 && (found & CharacterClass.Newline) == 0)
            return CharacterClasses.SkipWhile(text, next + afterLength, CharacterClass.Letter);

        if ((found & CharacterClass.Space) == 0) return Symbols(text, next);
        if (text[start] == ' ' && (after & (LetterOrNumber | CharacterClass.Space)) == 0) return Symbols(text, next + afterLength);
        return Scan.Space(text, start, lineEnds: true, wholeTrailingSpace);
    }

    int Digits(ReadOnlySpan<char> text, int index)
    {
        for (int digits = 0; digits < maximumDigits && index < text.Length; digits++)
        {
            if ((CharacterClasses.At(text, index, out int length) & CharacterClass.Number) == 0) break;
            index += length;
        }
        return index;
    }

    /// <summary>The rest of <c>[^\s\p{L}\p{N}]+[\r\n]*</c>.</summary>
    static int Symbols(ReadOnlySpan<char> text, int index) =>
        CharacterClasses.SkipWhile(text, CharacterClasses.SkipUntil(text, index, LetterOrNumber | CharacterClass.Space), CharacterClass.Newline);
}
