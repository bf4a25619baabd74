using System.IO.Compression;
using System.Reflection;
using LlmLab.Tokenizers.Scanning;

namespace LlmLab.Tokenizers.Formats;

/// <summary>
/// OpenAI's vocabularies that come with LlmLab, out of the packages Microsoft.ML.Tokenizers.Data.Cl100kBase and .O200kBase: to
/// judge an own vocabulary beside them, or to use them with LlmLab's faster encoding.
/// </summary>
public static class PublishedVocabulary
{
    static readonly Lazy<ByteLevelBpeTokenizer> cl100k = new(() => FromPackage("Cl100kBase", "cl100k_base", PreTokenization.Cl100k,
        new() { ["<|endoftext|>"] = 100257, ["<|fim_prefix|>"] = 100258, ["<|fim_middle|>"] = 100259, ["<|fim_suffix|>"] = 100260, ["<|endofprompt|>"] = 100276 }));

    static readonly Lazy<ByteLevelBpeTokenizer> o200k = new(() => FromPackage("O200kBase", "o200k_base", PreTokenization.O200k,
        new() { ["<|endoftext|>"] = 199999, ["<|endofprompt|>"] = 200018 }));

    /// <summary>cl100k_base: GPT-4, GPT-3.5 Turbo, text-embedding-3.</summary>
    public static ByteLevelBpeTokenizer Cl100k() => cl100k.Value;

    /// <summary>o200k_base: GPT-4o and later.</summary>
    public static ByteLevelBpeTokenizer O200k() => o200k.Value;

    /// <remarks>The packages' file differs from tiktoken's in one thing: ids are line numbers, the first line names the capacity, and an id without a token is an empty line.</remarks>
    static ByteLevelBpeTokenizer FromPackage(string package, string name, string pattern, Dictionary<string, int> special)
    {
        var assembly = Assembly.Load($"Microsoft.ML.Tokenizers.Data.{package}");
        using var packed = assembly.GetManifestResourceStream($"{name}.tiktoken.deflate")
            ?? throw new InvalidInputException($"The package Microsoft.ML.Tokenizers.Data.{package} does not hold {name}.tiktoken.deflate: use version 2.0.1.");
        using var reader = new StreamReader(new DeflateStream(packed, CompressionMode.Decompress));
        reader.ReadLine();
        var tokens = new List<byte[]?>();
        while (reader.ReadLine() is { } line) tokens.Add(line.Length == 0 ? null : Convert.FromBase64String(line));
        return new ByteLevelBpeTokenizer(new BpeVocabulary(tokens, pattern, special) { WholePieceFirst = true });
    }
}
