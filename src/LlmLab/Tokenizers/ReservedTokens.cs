namespace LlmLab.Tokenizers;

/// <summary>
/// The tokens that every vocabulary trained here reserves, in this order, before any learned token, so that later steps (chat,
/// fine-tuning, retrieval) need no new vocabulary. They are written by code, never parsed from user text unless that is asked for.
/// </summary>
public static class ReservedTokens
{
    /// <summary>Stands before a text: what generation without a prompt begins with, and what a class is read off.</summary>
    public const string BeginningOfSequence = "<|bos|>";
    /// <summary>Stands after a text: generation stops there.</summary>
    public const string EndOfSequence = "<|eos|>";
    /// <summary>Fills rows up to the longest of a batch; never scored.</summary>
    public const string Padding = "<|pad|>";
    /// <summary>Stands for a token that an encoder is to find (Devlin et al. 2018, BERT).</summary>
    public const string Mask = "<|mask|>";
    /// <summary>Stands between two texts in one row, such as a question and its passages.</summary>
    public const string Separator = "<|sep|>";
    /// <summary>Opens the instruction of a conversation.</summary>
    public const string System = "<|system|>";
    /// <summary>Opens a turn of the user.</summary>
    public const string User = "<|user|>";
    /// <summary>Opens a turn of the model.</summary>
    public const string Assistant = "<|assistant|>";
    /// <summary>Closes a turn.</summary>
    public const string EndOfTurn = "<|end_of_turn|>";

    /// <summary>Spares for later use.</summary>
    public static IReadOnlyList<string> Spares { get; } = [.. Enumerable.Range(0, 16).Select(i => $"<|reserved_{i}|>")];

    /// <summary>All of them: id 0 is <see cref="BeginningOfSequence"/>, id 24 the last spare.</summary>
    public static IReadOnlyList<string> All { get; } =
        [BeginningOfSequence, EndOfSequence, Padding, Mask, Separator, System, User, Assistant, EndOfTurn, .. Spares];
}
