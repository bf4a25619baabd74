namespace LlmLab.Tokenizers.Scanning;

/// <summary>The pieces of <see cref="PreTokenization.Gpt2"/>, by hand.</summary>
sealed class Gpt2Scanner(string pattern) : PieceScanner
{
    public override string Pattern => pattern;

    public override bool SplitsBeforeSpace => true;

    public override int Next(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Scan.Contraction(text, start, ignoreCase: false) is > 0 and int contraction) return contraction;
        int index = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var found = CharacterClasses.At(text, index, out _);
        if ((found & CharacterClass.Letter) != 0) return CharacterClasses.SkipWhile(text, index, CharacterClass.Letter);
        if ((found & CharacterClass.Number) != 0) return CharacterClasses.SkipWhile(text, index, CharacterClass.Number);
        if ((found & CharacterClass.Space) == 0) return CharacterClasses.SkipUntil(text, index, CharacterClass.Letter | CharacterClass.Number | CharacterClass.Space);
        return Scan.Space(text, start, lineEnds: false, wholeTrailing: true);
    }
}
