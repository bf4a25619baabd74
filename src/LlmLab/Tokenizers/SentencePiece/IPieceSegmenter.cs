namespace LlmLab.Tokenizers.SentencePiece;

/// <summary>Cuts normalised text into pieces.</summary>
interface IPieceSegmenter
{
    /// <summary>Appends the pieces of the text in order: where each ends and its id, -1 for a character without a piece.</summary>
    void Segment(ReadOnlySpan<char> text, List<(int End, int Id)> pieces);
}
