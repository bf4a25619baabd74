namespace LlmLab.Tokenizers.Scanning;

/// <summary>
/// The pieces of <see cref="PreTokenization.O200k"/>, by hand. A word is a head of upper-case letters and a tail of lower-case
/// ones; letters without case and marks may stand in both, which is where the expression backtracks.
/// </summary>
sealed class O200kScanner : PieceScanner
{
    const CharacterClass LetterOrNumber = CharacterClass.Letter | CharacterClass.Number;

    public override string Pattern => PreTokenization.O200k;

    public override bool SplitsBeforeSpace => true;

    public override int Next(ReadOnlySpan<char> text, int start)
    {
        var found = CharacterClasses.At(text, start, out int length);
        int next = start + length;
        int end = Word(text, start, next, found);
        if (end > 0) return Scan.Contraction(text, end, ignoreCase: true) is > 0 and int contraction ? contraction : end;
        if ((found & CharacterClass.Number) != 0) return Digits(text, next);
        if ((found & CharacterClass.Space) == 0) return Symbols(text, next);
        if (text[start] == ' ' && next < text.Length
            && (CharacterClasses.At(text, next, out int afterLength) & (LetterOrNumber | CharacterClass.Space)) == 0) return Symbols(text, next + afterLength);
        return Scan.Space(text, start, lineEnds: true, wholeTrailing: false);
    }

    /// <summary>The two word alternatives in the order in which the expression tries them; -1 if none matches.</summary>
    static int Word(ReadOnlySpan<char> text, int start, int next, CharacterClass found)
    {
        bool mayPrefix = (found & (LetterOrNumber | CharacterClass.Newline)) == 0;
        bool isWord = (found & (CharacterClass.Head | CharacterClass.Tail)) != 0;
        if (!mayPrefix && !isWord) return -1;
        int headAfterPrefix = -1;
        if (mayPrefix && WithTail(text, next, out headAfterPrefix) is > 0 and int prefixed) return prefixed;
        int head = -1;
        if (isWord && WithTail(text, start, out head) is > 0 and int plain) return plain;
        if (mayPrefix && headAfterPrefix > next) return headAfterPrefix;
        return isWord && head > start ? head : -1;
    }

    /// <summary>The end of <c>Head*Tail+</c> from <paramref name="from"/>, or -1; and where the heads end.</summary>
    static int WithTail(ReadOnlySpan<char> text, int from, out int headEnd)
    {
        int lastBoth = -1, index = from;
        while (index < text.Length)
        {
            var found = CharacterClasses.At(text, index, out int length);
            if ((found & CharacterClass.Head) == 0) break;
            index += length;
            if ((found & CharacterClass.Tail) != 0) lastBoth = index;
        }
        headEnd = index;
        int end = CharacterClasses.SkipWhile(text, index, CharacterClass.Tail);
        return end > index ? end : lastBoth;
    }

    static int Digits(ReadOnlySpan<char> text, int index)
    {
        for (int digits = 1; digits < 3 && index < text.Length; digits++)
        {
            if ((CharacterClasses.At(text, index, out int length) & CharacterClass.Number) == 0) break;
            index += length;
        }
        return index;
    }

    /// <summary>The rest of <c>[^\s\p{L}\p{N}]+[\r\n/]*</c>.</summary>
    static int Symbols(ReadOnlySpan<char> text, int index)
    {
        index = CharacterClasses.SkipUntil(text, index, LetterOrNumber | CharacterClass.Space);
        while (index < text.Length && text[index] is '\r' or '\n' or '/') index++;
        return index;
    }
}
