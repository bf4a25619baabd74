using System.Buffers;
using System.Globalization;
using System.Text;

namespace LlmLab.Tokenizers.SentencePiece;

/// <summary>
/// The tokenizer of a <see cref="SentencePieceModel"/>: Unigram or BPE on characters, spaces written as U+2581. Neighbouring
/// characters without a piece are one unknown token, or their bytes where the model has byte pieces.
/// </summary>
public sealed class SentencePieceModelTokenizer : VocabularyTokenizer
{
    /// <summary>Texts are cut into parts of about this many characters at word boundaries where no piece crosses those: memory stays bounded.</summary>
    const int BlockLength = 1 << 13;

    readonly IPieceSegmenter segmenter;
    readonly bool wordsAreApart;
    readonly Dictionary<string, int> ids = [];
    readonly byte[][] bytes;
    readonly int[] byteIds;
    readonly string[] literals;
    readonly int unknown;

    /// <summary>Makes the tokenizer of a model.</summary>
    /// <exception cref="InvalidInputException">The model has no unknown piece, or byte fallback without all 256 byte pieces.</exception>
    public SentencePieceModelTokenizer(SentencePieceModel model) : base(Special(model), model.Phrases)
    {
        Model = model;
        segmenter = model.Algorithm == SentencePieceAlgorithm.Unigram ? new UnigramSegmenter(model.Pieces, model.SinglePrecision) : new SentencePieceBpeSegmenter(model.Pieces);
        wordsAreApart = !model.Pieces.Any(p => p.Type is PieceType.Normal or PieceType.UserDefined or PieceType.Unused
            && p.Text.AsSpan().TrimStart(SentencePieceNormalization.Space).Contains(SentencePieceNormalization.Space));
        for (int id = 0; id < model.Pieces.Count; id++) ids.TryAdd(model.Pieces[id].Text, id);
        literals = [.. model.Pieces.Where(p => p.Type == PieceType.UserDefined).Select(p => p.Text).OrderByDescending(t => t.Length)];
        unknown = model.Pieces.Select((p, id) => (p, id)).FirstOrDefault(x => x.p.Type == PieceType.Unknown, (null!, -1)).id;
        if (unknown < 0) throw new InvalidInputException("The SentencePiece model has no unknown piece.");
        byteIds = [.. Enumerable.Range(0, 256).Select(b => ids.GetValueOrDefault(ByteName(b), -1))];
        if (model.ByteFallback && byteIds.Contains(-1)) throw new InvalidInputException($"The SentencePiece model asks for byte fallback and has no piece {ByteName(Array.IndexOf(byteIds, -1))}.");
        bytes = [.. model.Pieces.Select(Bytes)];
    }

    /// <summary>What it is made of.</summary>
    public SentencePieceModel Model { get; }

    /// <inheritdoc/>
    public override string Algorithm => Model.Algorithm == SentencePieceAlgorithm.Unigram ? "Unigram" : "SentencePiece BPE";

    /// <inheritdoc/>
    public override int VocabularySize => Model.Pieces.Count;

    /// <inheritdoc/>
    public override int? UnknownId => unknown;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> GetBytes(int id) => bytes[Known(id)];

    /// <inheritdoc/>
    public override string? GetToken(int id) => Model.Pieces[Known(id)].Text;

    /// <inheritdoc/>
    public override int? FindId(string token) => ids.TryGetValue(token, out int id) ? id : null;

    static Dictionary<string, int> Special(SentencePieceModel model) =>
        model.Pieces.Select((p, id) => (p, id)).Where(x => x.p.Type is PieceType.Control or PieceType.Unknown).DistinctBy(x => x.p.Text).ToDictionary(x => x.p.Text, x => x.id);

    static string ByteName(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    byte[] Bytes(Piece piece) => piece.Type switch
    {
        PieceType.Unknown => Encoding.UTF8.GetBytes(Model.UnknownSurface),
        PieceType.Byte => [byte.Parse(piece.Text.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)],
        PieceType.Control => Encoding.UTF8.GetBytes(piece.Text),
        _ => Encoding.UTF8.GetBytes(piece.Text.Replace(SentencePieceNormalization.Space, ' ')),
    };

    private protected override void EncodeOrdinary(ReadOnlySpan<char> text, TokenBuffer ids) => Encode(text, ids, null);

    private protected override void EncodeOrdinary(ReadOnlySpan<char> text, TokenBuffer ids, List<(int Start, int End)> places) => Encode(text, ids, places);

    void Encode(ReadOnlySpan<char> text, TokenBuffer result, List<(int Start, int End)>? places)
    {
        var (normalized, starts, ends) = Model.Normalization.Normalize(text, literals);
        var pieces = new List<(int End, int Id)>();
        for (int block = 0, end; block < normalized.Length; block = end)
        {
            end = BlockEnd(normalized, block);
            int first = pieces.Count;
            segmenter.Segment(normalized.AsSpan(block..end), pieces);
            for (int i = first; block > 0 && i < pieces.Count; i++) pieces[i] = (block + pieces[i].End, pieces[i].Id);
        }
        int start = 0;
        bool afterUnknown = false;
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var (end, id) in pieces)
        {
            var place = (starts[start], ends[end - 1]);
            if (id >= 0) Add(id, place);
            else if (Model.ByteFallback)
            {
                Rune.DecodeFromUtf16(normalized.AsSpan(start), out var rune, out _);
                int count = rune.EncodeToUtf8(utf8);
                for (int i = 0; i < count; i++) Add(byteIds[utf8[i]], place);
            }
            else if (!afterUnknown) Add(unknown, place);
            else if (places is not null) places[^1] = (places[^1].Start, place.Item2);
            afterUnknown = id < 0;
            start = end;
        }

        void Add(int id, (int Start, int End) place)
        {
            result.Add(id);
            places?.Add(place);
        }
    }

    int BlockEnd(ReadOnlySpan<char> text, int start)
    {
        for (int end = start + BlockLength; wordsAreApart && end < text.Length; end++)
            if (text[end] == SentencePieceNormalization.Space && text[end - 1] != SentencePieceNormalization.Space) return end;
        return text.Length;
    }

    private protected override void WriteBytes(IEnumerable<int> ids, ArrayBufferWriter<byte> bytes)
    {
        // The space that normalisation put before the text goes again.
        bool first = Model.Normalization.AddDummyPrefix || Model.Normalization.RemoveExtraWhitespace;
        foreach (int id in ids)
        {
            var token = GetBytes(id);
            var type = Model.Pieces[id].Type;
            if (first && type is (PieceType.Normal or PieceType.UserDefined) && token is [(byte)' ', ..]) token = token[1..];
            if (type != PieceType.Control) first = false;
            bytes.Write(token);
        }
    }
}
