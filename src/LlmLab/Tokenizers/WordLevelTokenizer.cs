using System.Text;
using LlmLab.Tokenizers.Scanning;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Tokenizers;

/// <summary>
/// Every piece of a pre-tokenization expression is one token, or the unknown token: characters, words or the matches of any regular
/// expression. Spaces belong to pieces, so text of known pieces comes back unchanged.
/// </summary>
public sealed class WordLevelTokenizer : VocabularyTokenizer
{
    readonly PieceScanner scanner;
    readonly string?[] tokens;
    readonly byte[][] bytes;
    readonly Dictionary<string, int> ids;
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> find;
    readonly int unknown;

    /// <summary>Makes the tokenizer of a vocabulary.</summary>
    /// <param name="tokens">Pieces by id; null for the ids of special tokens and phrases, and unused ones.</param>
    /// <param name="pattern">The expression whose matches are the pieces.</param>
    /// <param name="specialTokens">Special tokens and their ids; the unknown token among them.</param>
    /// <param name="unknownToken">The token for pieces that are not in the vocabulary.</param>
    /// <param name="phrases">Literal phrases that are one token each.</param>
    public WordLevelTokenizer(IReadOnlyList<string?> tokens, string pattern, IReadOnlyDictionary<string, int> specialTokens, string unknownToken, IReadOnlyDictionary<string, int>? phrases = null)
        : base(specialTokens, phrases)
    {
        scanner = PieceScanner.For(pattern);
        UnknownToken = unknownToken;
        ids = [];
        for (int id = 0; id < tokens.Count; id++)
            if (tokens[id] is { } token) ids.TryAdd(token, id);
        int size = Math.Max(tokens.Count, specialTokens.Values.Concat(Phrases.Values).Append(-1).Max() + 1);
        this.tokens = new string?[size];
        for (int id = 0; id < tokens.Count; id++) this.tokens[id] = tokens[id];
        foreach (var (name, id) in specialTokens.Concat(Phrases)) this.tokens[id] = name;
        bytes = [.. this.tokens.Select(t => Encoding.UTF8.GetBytes(t ?? ""))];
        if (specialTokens.TryGetValue(unknownToken, out unknown) || ids.TryGetValue(unknownToken, out unknown)) bytes[unknown] = "\uFFFD"u8.ToArray();
        else throw new InvalidInputException($"The vocabulary has no unknown token \"{unknownToken}\": a word-level vocabulary needs one.");
        find = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The name of the token for pieces that are not in the vocabulary; it decodes to U+FFFD.</summary>
    public string UnknownToken { get; }

    /// <summary>The expression whose matches are the pieces.</summary>
    public string Pattern => scanner.Pattern;

    /// <inheritdoc/>
    public override string Algorithm => Pattern == PreTokenization.Character ? "character" : "word";

    /// <inheritdoc/>
    public override int VocabularySize => tokens.Length;

    /// <inheritdoc/>
    public override int? UnknownId => unknown;

    /// <summary>Cuts text into pieces.</summary>
    public override PreTokenizer PreTokenizer => scanner;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> GetBytes(int id) => bytes[Known(id)];

    /// <inheritdoc/>
    public override string? GetToken(int id) => tokens[Known(id)];

    /// <inheritdoc/>
    public override int? FindId(string token) =>
        SpecialTokens.TryGetValue(token, out int id) || Phrases.TryGetValue(token, out id) || ids.TryGetValue(token, out id) ? id : null;

    private protected override void EncodeOrdinary(ReadOnlySpan<char> text, TokenBuffer ids)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = scanner.Next(text, start);
            ids.Add(find.TryGetValue(text[start..end], out int id) ? id : unknown);
        }
    }

    private protected override void EncodeOrdinary(ReadOnlySpan<char> text, TokenBuffer ids, List<(int Start, int End)> places)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = scanner.Next(text, start);
            ids.Add(find.TryGetValue(text[start..end], out int id) ? id : unknown);
            places.Add((start, end));
        }
    }
}
