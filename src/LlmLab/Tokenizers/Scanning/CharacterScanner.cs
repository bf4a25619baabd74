namespace LlmLab.Tokenizers.Scanning;

/// <summary>Every code point is a piece.</summary>
sealed class CharacterScanner : PieceScanner
{
    public override string Pattern => PreTokenization.Character;

    public override bool SplitsBeforeSpace => true;

    public override int Next(ReadOnlySpan<char> text, int start) =>
        char.IsHighSurrogate(text[start]) && start + 1 < text.Length && char.IsLowSurrogate(text[start + 1]) ? start + 2 : start + 1;
}
