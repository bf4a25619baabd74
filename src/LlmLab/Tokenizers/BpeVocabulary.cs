namespace LlmLab.Tokenizers;

/// <summary>What a byte-level BPE tokenizer is made of.</summary>
/// <param name="Tokens">Bytes of each ordinary token by id; null for ids of special tokens and phrases, and for unused ones.</param>
/// <param name="Pattern">The pre-tokenization expression.</param>
/// <param name="SpecialTokens">Special tokens and their ids.</param>
public sealed record BpeVocabulary(IReadOnlyList<byte[]?> Tokens, string Pattern, IReadOnlyDictionary<string, int> SpecialTokens)
{
    /// <summary>
    /// The merges in the order of their ranks, as ids, where a vocabulary lists them (GPT-2, Hugging Face). Null where, as in
    /// tiktoken and in vocabularies trained here, any two tokens merge whose bytes together are a token, with its id as rank.
    /// </summary>
    public IReadOnlyList<(int Left, int Right)>? Merges { get; init; }

    /// <summary>Whether a piece that is a token is that token, without merging (tiktoken; Hugging Face's <c>ignore_merges</c>).</summary>
    public bool WholePieceFirst { get; init; }

    /// <summary>Literal phrases that are one token each.</summary>
    public IReadOnlyDictionary<string, int> Phrases { get; init; } = new Dictionary<string, int>();
}
