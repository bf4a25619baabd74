namespace LlmLab.Tokenizers;

/// <summary>
/// The tokens that every vocabulary trained here reserves, in this order, before any learned token, so that later steps (chat,
/// fine-tuning, retrieval) need no new vocabulary. They are written by code, never parsed from user text unless that is asked for.
/// </summary>
public static class ReservedTokens
{
    public const string BeginningOfSequence = "<|bos|>";
    public const string EndOfSequence = "<|eos|>";
    public const string Padding = "<|pad|>";
    public const string Mask = "<|mask|>";
    public const string Separator = "<|sep|>";
    public const string System = "<|system|>";
    public const string User = "<|user|>";
    public const string Assistant = "<|assistant|>";
    public const string EndOfTurn = "<|end_of_turn|>";

    /// <summary>Spares for later use.</summary>
    public static IReadOnlyList<string> Spares { get; } = [.. Enumerable.Range(0, 16).Select(i => $"<|reserved_{i}|>")];

    /// <summary>All of them: id 0 is <see cref="BeginningOfSequence"/>, id 24 the last spare.</summary>
    public static IReadOnlyList<string> All { get; } =
        [BeginningOfSequence, EndOfSequence, Padding, Mask, Separator, System, User, Assistant, EndOfTurn, .. Spares];
}
