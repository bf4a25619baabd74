using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using LlmLab.Tokenizers.Scanning;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Tokenizers;

/// <summary>
/// Byte-level byte-pair encoding (Radford et al. 2019): any text can be encoded and comes back unchanged. Equal to tiktoken and
/// Hugging Face tokenizers on the same vocabulary, and made for speed: hand-written pre-tokenization, a cache of short words, merges
/// by one hash look-up a pair.
/// </summary>
/// <remarks>A single piece (no space, no change of character class) longer than 256 Ki characters is encoded in parts of that
/// length, so that memory stays bounded.</remarks>
public sealed class ByteLevelBpeTokenizer : VocabularyTokenizer
{
    const int LongestPiece = 1 << 18;

    readonly TokenTable tokens;
    readonly PieceScanner scanner;
    readonly BytePairMerger merger;
    readonly int[] byteIds;
    readonly Dictionary<int, string> named;
    readonly byte[][] namedBytes;
    readonly ConcurrentBag<WordCache> caches = [];

    /// <summary>Makes the tokenizer of a vocabulary.</summary>
    /// <exception cref="InvalidInputException">A byte has no token, a merge names an unknown token, or two tokens share an id.</exception>
    public ByteLevelBpeTokenizer(BpeVocabulary vocabulary) : base(vocabulary.SpecialTokens, vocabulary.Phrases)
    {
        Vocabulary = vocabulary;
        scanner = PieceScanner.For(vocabulary.Pattern);
        tokens = new TokenTable(vocabulary.Tokens);
        named = vocabulary.SpecialTokens.Concat(vocabulary.Phrases).ToDictionary(p => p.Value, p => p.Key);
        VocabularySize = Math.Max(tokens.Count, named.Count == 0 ? 0 : named.Keys.Max() + 1);
        namedBytes = new byte[VocabularySize][];
        foreach (var (id, name) in named) namedBytes[id] = Encoding.UTF8.GetBytes(name);
        byteIds = [.. Enumerable.Range(0, 256).Select(b => tokens.Find([(byte)b]))];
        int missing = Array.IndexOf(byteIds, -1);
        if (missing >= 0) throw new InvalidInputException($"The vocabulary has no token for the byte 0x{missing:X2}: byte-level BPE needs all 256 single bytes.");
        merger = vocabulary.Merges is { } merges ? FromMerges(merges) : new BytePairMerger(new PairTable(AllSplits()), null);
    }

    /// <summary>What it is made of.</summary>
    public BpeVocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override string Algorithm => "byte-level BPE";

    /// <inheritdoc/>
    public override int VocabularySize { get; }

    /// <summary>Cuts text into pieces.</summary>
    public override PreTokenizer PreTokenizer => scanner;

    internal PieceScanner Scanner => scanner;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> GetBytes(int id) =>
        namedBytes[Known(id)] is { } name ? name : id < tokens.Count ? tokens[id] : default;

    /// <inheritdoc/>
    public override string? GetToken(int id)
    {
        if (named.TryGetValue(Known(id), out string? name)) return name;
        return id < tokens.Count && tokens[id].Length > 0 ? ByteLevelAlphabet.Spell(tokens[id]) : null;
    }

    /// <inheritdoc/>
    public override int? FindId(string token)
    {
        if (SpecialTokens.TryGetValue(token, out int id) || Phrases.TryGetValue(token, out id)) return id;
        return ByteLevelAlphabet.Read(token) is { } bytes && tokens.Find(bytes) is >= 0 and int found ? found : null;
    }

    /// <summary>The merges that a vocabulary without a list of them implies: every split of a token into two, by the token's id.</summary>
    internal List<(int Left, int Right, int Rank)> AllSplits()
    {
        var pairs = new List<(int, int, int)>();
        for (int id = 0; id < tokens.Count; id++)
        {
            var token = tokens[id];
            for (int cut = 1; cut < token.Length; cut++)
                if (tokens.Find(token[..cut]) is >= 0 and int left && tokens.Find(token[cut..]) is >= 0 and int right) pairs.Add((left, right, id));
        }
        return pairs;
    }

    BytePairMerger FromMerges(IReadOnlyList<(int Left, int Right)> merges)
    {
        var pairs = new List<(int, int, int)>(merges.Count);
        var merged = new int[merges.Count];
        for (int rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            merged[rank] = tokens.Find([.. tokens[left], .. tokens[right]]);
            if (merged[rank] < 0) throw new InvalidInputException($"Merge {rank} joins \"{GetToken(left)}\" and \"{GetToken(right)}\", but the vocabulary has no token for the two together.");
            pairs.Add((left, right, rank));
        }
        return new BytePairMerger(new PairTable(pairs), merged);
    }

    private protected override void EncodeOrdinary(ReadOnlySpan<char> text, TokenBuffer ids)
    {
        if (!caches.TryTake(out var cache)) cache = new WordCache();
        int start = 0;
        while (start < text.Length)
        {
            int end = scanner.Next(text, start);
            EncodePiece(text, start, end, cache, ids);
            start = end;
        }
        caches.Add(cache);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void EncodePiece(ReadOnlySpan<char> text, int start, int end, WordCache cache, TokenBuffer ids)
    {
        int length = end - start;
        if (length <= WordCache.MaximumLength && start + 16 <= text.Length
            && WordCache.TryPackAscii(ref Unsafe.Add(ref MemoryMarshal.GetReference(text), start), length, out ulong low, out ulong high))
        {
            ref var entry = ref cache.At(low, high);
            if (entry.Low == low && entry.High == high)
            {
                ids.Add(entry.First);
                if (entry.Count == 1) return;
                ids.Add(entry.Second);
                if (entry.Count == 3) ids.Add(entry.Third);
                return;
            }
        }
        EncodeUncommon(text[start..end], cache, ids);
    }

    /// <summary>Pieces that are long, not ASCII, at the text's end, or not in the cache.</summary>
    void EncodeUncommon(ReadOnlySpan<char> piece, WordCache cache, TokenBuffer ids)
    {
        while (piece.Length > LongestPiece)
        {
            int cut = char.IsHighSurrogate(piece[LongestPiece - 1]) ? LongestPiece - 1 : LongestPiece;
            EncodeUncommon(piece[..cut], cache, ids);
            piece = piece[cut..];
        }
        cache.Reserve(piece.Length * 3);
        int length = Encoding.UTF8.GetBytes(piece, cache.Utf8);
        if (length > WordCache.MaximumLength)
        {
            ids.Add(Merge(cache, length));
            return;
        }
        WordCache.Pack(cache.Utf8, length, out ulong low, out ulong high);
        ref var entry = ref cache.At(low, high);
        if (entry.Low == low && entry.High == high)
        {
            ids.Add(((ReadOnlySpan<int>)[entry.First, entry.Second, entry.Third])[..entry.Count]);
            return;
        }
        var merged = Merge(cache, length);
        ids.Add(merged);
        if (merged.Length > WordCache.MaximumTokens) return;
        entry = new WordCache.Entry
        {
            Low = low,
            High = high,
            Count = merged.Length,
            First = merged[0],
            Second = merged.Length > 1 ? merged[1] : 0,
            Third = merged.Length > 2 ? merged[2] : 0,
        };
    }

    /// <summary>The tokens of the piece whose UTF-8 is in the cache's scratch space.</summary>
    ReadOnlySpan<int> Merge(WordCache cache, int length)
    {
        var utf8 = cache.Utf8.AsSpan(0, length);
        if (Vocabulary.WholePieceFirst && tokens.Find(utf8) is >= 0 and int whole)
        {
            cache.Ids[0] = whole;
            return cache.Ids.AsSpan(0, 1);
        }
        for (int i = 0; i < length; i++) cache.Ids[i] = byteIds[utf8[i]];
        return cache.Ids.AsSpan(0, merger.Merge(cache.Ids.AsSpan(0, length), cache.Ranks));
    }

    private protected override void EncodeOrdinary(ReadOnlySpan<char> text, TokenBuffer ids, List<(int Start, int End)> places)
    {
        int first = ids.Count;
        EncodeOrdinary(text, ids);
        // Tokens are the text's UTF-8 in order: walk both. `runeStart` and `runeEnd` are the character that holds the byte before `position`.
        int position = 0, byteEnd = 0, runeStart = 0, runeEnd = 0;
        for (int i = first; i < ids.Count; i++)
        {
            int start = position < byteEnd ? runeStart : runeEnd;
            position += tokens[ids.Span[i]].Length;
            while (byteEnd < position)
            {
                Rune.DecodeFromUtf16(text[runeEnd..], out var rune, out int units);
                (runeStart, runeEnd) = (runeEnd, runeEnd + units);
                byteEnd += rune.Utf8SequenceLength;
            }
            places.Add((start, runeEnd));
        }
    }
}
