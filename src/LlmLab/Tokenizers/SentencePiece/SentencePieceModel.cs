namespace LlmLab.Tokenizers.SentencePiece;

/// <summary>How text is cut into pieces.</summary>
public enum SentencePieceAlgorithm
{
    /// <summary>The most probable segmentation by a unigram language model of pieces (Kudo 2018, arXiv:1804.10959).</summary>
    Unigram,
    /// <summary>Merges of neighbouring pieces, the best score first (Sennrich et al. 2016).</summary>
    Bpe,
}

/// <summary>What a piece is; the numbers are those of SentencePiece's model file.</summary>
public enum PieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>A piece of the vocabulary; its index is its id.</summary>
/// <param name="Text">The piece, with U+2581 for a space; <c>&lt;0x0A&gt;</c> for a byte.</param>
/// <param name="Score">Logarithm of its probability (Unigram) or minus its rank (BPE).</param>
/// <param name="Type">What it is.</param>
public sealed record Piece(string Text, float Score, PieceType Type = PieceType.Normal);

/// <summary>What a SentencePiece tokenizer is made of (Kudo and Richardson 2018, arXiv:1808.06226).</summary>
/// <param name="Pieces">The vocabulary.</param>
/// <param name="Algorithm">How text is cut.</param>
/// <param name="Normalization">What is done to text first.</param>
public sealed record SentencePieceModel(IReadOnlyList<Piece> Pieces, SentencePieceAlgorithm Algorithm, SentencePieceNormalization Normalization)
{
    /// <summary>Whether a character without a piece becomes its UTF-8 bytes' pieces instead of the unknown piece.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>
    /// Whether sums of scores are rounded to single precision as in SentencePiece, so that near-ties fall as there. Otherwise they are
    /// in double precision as in Hugging Face's tokenizers. Set for SentencePiece's own model files.
    /// </summary>
    public bool SinglePrecision { get; init; }

    /// <summary>What the unknown piece decodes to.</summary>
    public string UnknownSurface { get; init; } = " \u2047 ";

    /// <summary>Literal phrases that are one token each; they are found before anything else and must be user-defined pieces.</summary>
    public IReadOnlyDictionary<string, int> Phrases { get; init; } = new Dictionary<string, int>();
}
