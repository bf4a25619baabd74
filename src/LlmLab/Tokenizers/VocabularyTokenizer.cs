using System.Buffers;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Tokenizers;

/// <summary>
/// A <see cref="Tokenizer"/> that knows its vocabulary: its size, each token's bytes, which tokens are special. All tokenizers
/// trained or loaded here derive from it. Special tokens inside text are text unless <see cref="SpecialTokenParsing.Parse"/> is
/// asked for. Instances are immutable and may be used from several threads at once.
/// </summary>
/// <remarks>Lone surrogates, which no UTF-8 text can hold, are encoded as U+FFFD, the replacement character.</remarks>
public abstract class VocabularyTokenizer : Tokenizer
{
    readonly LiteralSplitter? special;
    readonly LiteralSplitter? phrases;

    /// <param name="specialTokens">Tokens that text never yields by itself.</param>
    /// <param name="phrases">Literal phrases that are one token wherever they occur, the longest first.</param>
    private protected VocabularyTokenizer(IReadOnlyDictionary<string, int> specialTokens, IReadOnlyDictionary<string, int>? phrases)
    {
        SpecialTokens = specialTokens;
        Phrases = phrases ?? new Dictionary<string, int>();
        special = specialTokens.Count == 0 ? null : new LiteralSplitter(specialTokens);
        this.phrases = Phrases.Count == 0 ? null : new LiteralSplitter(Phrases);
    }

    /// <summary>What sort of tokenizer it is, in the field's words: "byte-level BPE", "WordPiece", "Unigram", "word".</summary>
    public abstract string Algorithm { get; }

    /// <summary>One more than the highest id: the number of rows that an embedding needs.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>Special tokens and their ids; <see cref="ReservedTokens"/> in vocabularies trained here.</summary>
    public IReadOnlyDictionary<string, int> SpecialTokens { get; }

    /// <summary>Literal phrases that are one token wherever they occur.</summary>
    public IReadOnlyDictionary<string, int> Phrases { get; }

    /// <summary>The id that stands for what the vocabulary cannot spell, or null where it can spell everything.</summary>
    public virtual int? UnknownId => null;

    /// <summary>The UTF-8 bytes that a token adds to decoded text; for a special token, its name's. Empty for an unused id.</summary>
    public abstract ReadOnlySpan<byte> GetBytes(int id);

    /// <summary>The token as its vocabulary file writes it, or null for an unused id.</summary>
    public abstract string? GetToken(int id);

    /// <summary>The id of a token as its vocabulary file writes it, special tokens included, or null.</summary>
    public abstract int? FindId(string token);

    /// <summary>Encodes text that holds no special token or phrase any more.</summary>
    private protected abstract void EncodeOrdinary(ReadOnlySpan<char> text, TokenBuffer ids);

    /// <summary>The same, with each token's place in the text: (start, end) in UTF-16 units.</summary>
    private protected abstract void EncodeOrdinary(ReadOnlySpan<char> text, TokenBuffer ids, List<(int Start, int End)> places);

    /// <summary>Encodes text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="parsing">Whether special tokens spelled in the text become tokens.</param>
    /// <returns>Token ids.</returns>
    public int[] Encode(ReadOnlySpan<char> text, SpecialTokenParsing parsing = SpecialTokenParsing.Never)
    {
        var ids = new TokenBuffer(text.Length / 3 + 8);
        Encode(text, ids, parsing);
        return ids.ToArray();
    }

    /// <summary>Encodes text to the end of a buffer.</summary>
    public void Encode(ReadOnlySpan<char> text, TokenBuffer ids, SpecialTokenParsing parsing = SpecialTokenParsing.Never)
    {
        if (parsing == SpecialTokenParsing.Never || special is null)
        {
            EncodeWithPhrases(text, ids);
            return;
        }
        foreach (var part in special.Split(text))
            if (part.Id is { } id) ids.Add(id);
            else EncodeWithPhrases(text[part.Start..part.End], ids);
    }

    void EncodeWithPhrases(ReadOnlySpan<char> text, TokenBuffer ids)
    {
        if (phrases is null)
        {
            EncodeOrdinary(text, ids);
            return;
        }
        foreach (var part in phrases.Split(text))
            if (part.Id is { } id) ids.Add(id);
            else EncodeOrdinary(text[part.Start..part.End], ids);
    }

    /// <summary>Encodes text to tokens with their place in it.</summary>
    public IReadOnlyList<EncodedToken> Tokenize(string text, SpecialTokenParsing parsing = SpecialTokenParsing.Never)
    {
        var tokens = new List<EncodedToken>();
        if (parsing == SpecialTokenParsing.Never || special is null) TokenizeWithPhrases(text, 0, text.Length, tokens);
        else
            foreach (var part in special.Split(text))
                if (part.Id is { } id) tokens.Add(new EncodedToken(id, GetToken(id)!, part.Start..part.End));
                else TokenizeWithPhrases(text, part.Start, part.End, tokens);
        return tokens;
    }

    void TokenizeWithPhrases(string text, int start, int end, List<EncodedToken> tokens)
    {
        var span = text.AsSpan(start, end - start);
        if (phrases is null) TokenizeOrdinary(span, start, tokens);
        else
            foreach (var part in phrases.Split(span))
                if (part.Id is { } id) tokens.Add(new EncodedToken(id, GetToken(id)!, (start + part.Start)..(start + part.End)));
                else TokenizeOrdinary(span[part.Start..part.End], start + part.Start, tokens);
    }

    void TokenizeOrdinary(ReadOnlySpan<char> text, int offset, List<EncodedToken> tokens)
    {
        var ids = new TokenBuffer();
        var places = new List<(int Start, int End)>();
        EncodeOrdinary(text, ids, places);
        for (int i = 0; i < ids.Count; i++)
            tokens.Add(new EncodedToken(ids.Span[i], GetToken(ids.Span[i])!, (offset + places[i].Start)..(offset + places[i].End)));
    }

    /// <inheritdoc/>
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var span = text is null ? textSpan : text.AsSpan();
        if (settings.MaxTokenCount < int.MaxValue)
        {
            var limited = EncodeToTokens(text, textSpan, settings);
            return new EncodeResults<int> { Tokens = [.. limited.Tokens.Select(t => t.Id)], CharsConsumed = limited.CharsConsumed };
        }
        return new EncodeResults<int> { Tokens = Encode(span), CharsConsumed = span.Length };
    }

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        text ??= textSpan.ToString();
        var tokens = Tokenize(text);
        if (tokens.Count <= settings.MaxTokenCount) return new EncodeResults<EncodedToken> { Tokens = tokens, CharsConsumed = text.Length };
        int count = WholeCharacters(tokens, Math.Max(0, settings.MaxTokenCount));
        return new EncodeResults<EncodedToken>
        {
            Tokens = [.. tokens.Take(count)],
            CharsConsumed = count == 0 ? 0 : tokens[count - 1].Offset.End.Value,
        };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeToIds(text, textSpan, settings).Tokens.Count;

    /// <inheritdoc/>
    protected override int GetIndexByTokenCount(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        normalizedText = null;
        text ??= textSpan.ToString();
        var tokens = Tokenize(text);
        if (tokens.Count <= settings.MaxTokenCount)
        {
            tokenCount = tokens.Count;
            return fromEnd ? 0 : text.Length;
        }
        if (!fromEnd)
        {
            tokenCount = WholeCharacters(tokens, settings.MaxTokenCount);
            return tokenCount == 0 ? 0 : tokens[tokenCount - 1].Offset.End.Value;
        }
        int first = tokens.Count - settings.MaxTokenCount;
        while (first < tokens.Count && first > 0 && tokens[first].Offset.Start.Value < tokens[first - 1].Offset.End.Value) first++;
        tokenCount = tokens.Count - first;
        return first == tokens.Count ? text.Length : tokens[first].Offset.Start.Value;
    }

    /// <summary>The largest count up to <paramref name="count"/> after which no character is left half-encoded.</summary>
    static int WholeCharacters(IReadOnlyList<EncodedToken> tokens, int count)
    {
        while (count > 0 && tokens[count].Offset.Start.Value < tokens[count - 1].Offset.End.Value) count--;
        return count;
    }

    /// <summary>The UTF-8 bytes of a sequence of ids. Half a character at either end stays half.</summary>
    /// <exception cref="InvalidInputException">An id is not in the vocabulary.</exception>
    public byte[] DecodeToBytes(IEnumerable<int> ids)
    {
        var bytes = new ArrayBufferWriter<byte>();
        WriteBytes(ids, bytes);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Writes the bytes of a sequence of ids; overridden where a token's bytes depend on its neighbours.</summary>
    private protected virtual void WriteBytes(IEnumerable<int> ids, ArrayBufferWriter<byte> bytes)
    {
        foreach (int id in ids) bytes.Write(GetBytes(Known(id)));
    }

    private protected int Known(int id) => (uint)id < (uint)VocabularySize ? id
        : throw new InvalidInputException($"Token id {id} is not in the vocabulary, which has ids 0 to {VocabularySize - 1}: decode with the tokenizer that encoded.");

    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids) => Encoding.UTF8.GetString(DecodeToBytes(ids));

    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        var list = ids as IReadOnlyList<int> ?? [.. ids];
        string text = Decode(list);
        if (text.Length <= destination.Length)
        {
            text.CopyTo(destination);
            (idsConsumed, charsWritten) = (list.Count, text.Length);
            return OperationStatus.Done;
        }
        // As many whole tokens as fit.
        (idsConsumed, charsWritten) = (0, 0);
        int low = 0, high = list.Count;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (Decode(list.Take(middle)).Length <= destination.Length) low = middle;
            else high = middle - 1;
        }
        string part = Decode(list.Take(low));
        part.CopyTo(destination);
        (idsConsumed, charsWritten) = (low, part.Length);
        return OperationStatus.DestinationTooSmall;
    }
}
