namespace LlmLab.Tokenizers.Scanning;

/// <summary>The pieces of <see cref="PreTokenization.Word"/>, by hand.</summary>
sealed class WordScanner : PieceScanner
{
    const CharacterClass WordCharacter = CharacterClass.Letter | CharacterClass.Head | CharacterClass.Tail;

    public override string Pattern => PreTokenization.Word;

    public override bool SplitsBeforeSpace => true;

    public override int Next(ReadOnlySpan<char> text, int start)
    {
        int index = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var found = CharacterClasses.At(text, index, out _);
        if ((found & WordCharacter) != 0) return Joined(text, index, WordCharacter, "'\u2019-");
        if ((found & CharacterClass.Number) != 0) return Joined(text, index, CharacterClass.Number, ".,");
        if ((found & CharacterClass.Space) == 0) return CharacterClasses.SkipUntil(text, index, WordCharacter | CharacterClass.Number | CharacterClass.Space);
        return Scan.Space(text, start, lineEnds: false, wholeTrailing: true);
    }

    /// <summary>The end of runs of a class joined by single characters.</summary>
    static int Joined(ReadOnlySpan<char> text, int index, CharacterClass wanted, string joints)
    {
        while (true)
        {
            index = CharacterClasses.SkipWhile(text, index, wanted);
            if (index + 1 >= text.Length || !joints.Contains(text[index]) || (CharacterClasses.At(text, index + 1, out _) & wanted) == 0) return index;
            index++;
        }
    }
}
