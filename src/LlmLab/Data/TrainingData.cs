using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Data;

/// <summary>What a model is trained and validated on: two token datasets of one tokenizer.</summary>
/// <param name="Training">Tokens to learn from.</param>
/// <param name="Validation">Tokens that are only ever scored.</param>
/// <param name="Tokenizer">Turns text into these tokens and back; null where tokens were given without one (no samples then).</param>
public sealed record TrainingData(TokenDataset Training, TokenDataset Validation, Tokenizer? Tokenizer = null) : IDisposable
{
    /// <summary>The folder that it was opened from, or null where it is in memory.</summary>
    public string? Folder { get; init; }

    /// <summary>Name and hash of the cleaned data set that the tokens come from, or null.</summary>
    public string? Version { get; init; }

    /// <summary>Number of different tokens.</summary>
    public int VocabularySize => Training.VocabularySize;

    /// <summary>Encodes a text and splits off its last share for validation (nanoGPT's way: by characters, before encoding).</summary>
    /// <exception cref="InvalidInputException">The text is empty, or so short that a part would be.</exception>
    public static TrainingData FromText(string name, string text, Tokenizer tokenizer, int vocabularySize, double validationShare = 0.1)
    {
        int cut = (int)(text.Length * (1 - validationShare));
        if (cut < 1 || cut >= text.Length)
            throw new InvalidInputException($"{name} has {text.Length} characters; with a validation share of {validationShare} one part would be empty.");
        if (char.IsLowSurrogate(text[cut])) cut++;
        return new TrainingData(
            Encode(name + "-training", text[..cut], tokenizer, vocabularySize),
            Encode(name + "-validation", text[cut..], tokenizer, vocabularySize), tokenizer);
    }

    /// <summary>Hash over all tokens, hexadecimal: the same for the same tokens wherever they lie.</summary>
    public string Hash()
    {
        var hash = new XxHash3();
        long[] buffer = new long[1 << 16];
        foreach (var part in (TokenDataset[])[Training, Validation])
            for (long start = 0; start < part.Length; start += buffer.Length)
            {
                var slice = buffer.AsSpan(0, (int)Math.Min(buffer.Length, part.Length - start));
                part.Read(start, slice);
                hash.Append(MemoryMarshal.AsBytes(slice));
            }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    static TokenDataset Encode(string name, string text, Tokenizer tokenizer, int vocabularySize) =>
        TokenDataset.FromTokens(name, tokenizer.EncodeToIds(text).ToArray(), vocabularySize, Encoding.UTF8.GetByteCount(text));

    /// <inheritdoc/>
    public void Dispose()
    {
        Training.Dispose();
        Validation.Dispose();
    }
}
