using System.Buffers;
using System.Text;

namespace LlmLab.Tokenizers;

/// <summary>
/// BERT's tokenizer (Devlin et al. 2018): words by <see cref="BertNormalization"/>, each cut greedily into the longest pieces that the
/// vocabulary has; pieces inside a word carry the prefix <c>##</c>. Spaces and, if uncased, case are lost: decoding writes one space
/// between words.
/// </summary>
public sealed class WordPieceTokenizer : VocabularyTokenizer
{
    /// <summary>The mark of pieces that continue a word.</summary>
    public const string ContinuationPrefix = "##";

    readonly string?[] tokens;
    readonly byte[][] bytes;
    readonly Dictionary<string, int> ids = [];
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> starts, continuations;
    readonly int unknown;

    /// <summary>Makes the tokenizer of a vocabulary.</summary>
    /// <param name="tokens">Tokens by id, special ones included; null for unused ids.</param>
    /// <param name="specialTokens">Special tokens and their ids.</param>
    /// <param name="unknownToken">The token for words that cannot be spelled.</param>
    /// <param name="normalization">What is done to text first.</param>
    /// <param name="longestWord">Words of more code points than this are unknown.</param>
    /// <param name="phrases">Literal phrases that are one token each.</param>
    /// <exception cref="InvalidInputException">The vocabulary has no unknown token.</exception>
    public WordPieceTokenizer(IReadOnlyList<string?> tokens, IReadOnlyDictionary<string, int> specialTokens, string unknownToken, BertNormalization normalization, int longestWord = 200, IReadOnlyDictionary<string, int>? phrases = null)
        : base(specialTokens, phrases)
    {
        this.tokens = new string?[Math.Max(tokens.Count, specialTokens.Values.Concat(Phrases.Values).Append(-1).Max() + 1)];
        for (int id = 0; id < tokens.Count; id++) this.tokens[id] = tokens[id];
        foreach (var (name, id) in specialTokens.Concat(Phrases)) this.tokens[id] = name;
        bytes = [.. this.tokens.Select(t => Encoding.UTF8.GetBytes(t ?? ""))];
        Normalization = normalization;
        UnknownToken = unknownToken;
        LongestWord = longestWord;

        var firsts = new Dictionary<string, int>();
        var inner = new Dictionary<string, int>();
        for (int id = 0; id < this.tokens.Length; id++)
        {
            if (this.tokens[id] is not { } token || !ids.TryAdd(token, id) || Phrases.ContainsKey(token)) continue;
            firsts.TryAdd(token, id);
            if (!token.StartsWith(ContinuationPrefix, StringComparison.Ordinal) || token.Length == ContinuationPrefix.Length) continue;
            inner.TryAdd(token[ContinuationPrefix.Length..], id);
            bytes[id] = Encoding.UTF8.GetBytes(token[ContinuationPrefix.Length..]);
        }
        if (!ids.TryGetValue(unknownToken, out unknown)) throw new InvalidInputException($"The vocabulary has no unknown token \"{unknownToken}\": WordPiece needs one.");
        (starts, continuations) = (firsts.GetAlternateLookup<ReadOnlySpan<char>>(), inner.GetAlternateLookup<ReadOnlySpan<char>>());
    }

    /// <summary>What is done to text first.</summary>
    public BertNormalization Normalization { get; }

    /// <summary>The token for words that cannot be spelled.</summary>
    public string UnknownToken { get; }

    /// <summary>Words of more code points than this are unknown: 200 in Google's code, 100 in Hugging Face's.</summary>
    public int LongestWord { get; }

    /// <inheritdoc/>
    public override string Algorithm => "WordPiece";

    /// <inheritdoc/>
    public override int VocabularySize => tokens.Length;

    /// <inheritdoc/>
    public override int? UnknownId => unknown;

    /// <summary>The token's own bytes, without the prefix <c>##</c>; the space between words belongs to none.</summary>
    public override ReadOnlySpan<byte> GetBytes(int id) => bytes[Known(id)];

    /// <inheritdoc/>
    public override string? GetToken(int id) => tokens[Known(id)];

    /// <inheritdoc/>
    public override int? FindId(string token) => ids.TryGetValue(token, out int id) ? id : null;

    /// <summary>The words of a text before they are cut into pieces.</summary>
    public IReadOnlyList<string> Words(string text) => [.. BertWords.Split(text, Normalization, places: false).Select(w => w.Text)];

    private protected override void EncodeOrdinary(ReadOnlySpan<char> text, TokenBuffer ids)
    {
        foreach (var word in BertWords.Split(text, Normalization, places: false)) EncodeWord(word, ids, null);
    }

    private protected override void EncodeOrdinary(ReadOnlySpan<char> text, TokenBuffer ids, List<(int Start, int End)> places)
    {
        foreach (var word in BertWords.Split(text, Normalization, places: true)) EncodeWord(word, ids, places);
    }

    void EncodeWord(BertWord word, TokenBuffer ids, List<(int Start, int End)>? places)
    {
        int length = word.Text.Length;
        Span<int> found = length <= 64 ? stackalloc int[64] : new int[length];
        Span<int> ends = length <= 64 ? stackalloc int[64] : new int[length];
        int count = 0, start = 0;
        var text = word.Text.AsSpan();
        bool spelled = text.Length <= LongestWord || CodePoints(text) <= LongestWord;
        while (spelled && start < text.Length)
        {
            int end = text.Length, id = -1;
            var pieces = start == 0 ? starts : continuations;
            for (; end > start; end--)
                if (pieces.TryGetValue(text[start..end], out id)) break;
            spelled = end > start;
            (found[count], ends[count]) = (id, end);
            count++;
            start = end;
        }
        if (!spelled)
        {
            ids.Add(unknown);
            places?.Add((word.Starts[0], word.Ends[^1]));
            return;
        }
        ids.Add(found[..count]);
        for (int i = 0; places is not null && i < count; i++) places.Add((word.Starts[i == 0 ? 0 : ends[i - 1]], word.Ends[ends[i] - 1]));
    }

    static int CodePoints(ReadOnlySpan<char> text)
    {
        int count = text.Length;
        foreach (char c in text)
            if (char.IsLowSurrogate(c)) count--;
        return count;
    }

    private protected override void WriteBytes(IEnumerable<int> ids, ArrayBufferWriter<byte> bytes)
    {
        bool first = true;
        foreach (int id in ids)
        {
            bool continues = GetToken(id) is { } token && token.StartsWith(ContinuationPrefix, StringComparison.Ordinal) && token.Length > ContinuationPrefix.Length;
            if (!first && !continues) bytes.Write(" "u8);
            bytes.Write(GetBytes(id));
            first = false;
        }
    }
}
