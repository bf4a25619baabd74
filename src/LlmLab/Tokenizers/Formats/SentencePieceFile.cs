using System.Buffers.Binary;
using System.Text;
using LlmLab.Tokenizers.SentencePiece;

namespace LlmLab.Tokenizers.Formats;

/// <summary>
/// Reads SentencePiece's <c>.model</c> files: Protocol Buffers messages of <c>sentencepiece_model.proto</c>, of which the few fields
/// that encoding needs are read by hand.
/// </summary>
public static class SentencePieceFile
{
    /// <summary>Reads a Unigram or BPE model.</summary>
    /// <exception cref="InvalidInputException">The file is missing, broken, or a model of another kind.</exception>
    public static SentencePieceModelTokenizer Load(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"The tokenizer file {path} does not exist.");
        try
        {
            return new SentencePieceModelTokenizer(Read(File.ReadAllBytes(path), path));
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException or OverflowException)
        {
            throw new InvalidInputException($"{path} is not a SentencePiece model, or it is cut off.", e);
        }
    }

    static SentencePieceModel Read(ReadOnlyMemory<byte> file, string name)
    {
        var pieces = new List<Piece>();
        int algorithm = 1;
        bool byteFallback = false, addDummyPrefix = true, removeExtraWhitespace = true;
        string unknownSurface = " \u2047 ";
        ReadOnlyMemory<byte> map = default;
        foreach (var field in Fields(file))
            switch (field.Number)
            {
                case 1:
                    string text = "";
                    float score = 0;
                    var type = PieceType.Normal;
                    foreach (var part in Fields(field.Bytes))
                        switch (part.Number)
                        {
                            case 1: text = Encoding.UTF8.GetString(part.Bytes.Span); break;
                            case 2: score = BitConverter.UInt32BitsToSingle((uint)part.Value); break;
                            case 3: type = (PieceType)part.Value; break;
                        }
                    pieces.Add(new Piece(text, score, type));
                    break;
                case 2:
                    foreach (var part in Fields(field.Bytes))
                        switch (part.Number)
                        {
                            case 3: algorithm = (int)part.Value; break;
                            case 24 when part.Value != 0: throw new InvalidInputException($"{name} writes spaces after words (treat_whitespace_as_suffix), which is not supported.");
                            case 35: byteFallback = part.Value != 0; break;
                            case 44: unknownSurface = Encoding.UTF8.GetString(part.Bytes.Span); break;
                        }
                    break;
                case 3:
                    foreach (var part in Fields(field.Bytes))
                        switch (part.Number)
                        {
                            case 2: map = part.Bytes; break;
                            case 3: addDummyPrefix = part.Value != 0; break;
                            case 4: removeExtraWhitespace = part.Value != 0; break;
                            case 5 when part.Value == 0: throw new InvalidInputException($"{name} does not write spaces as U+2581 (escape_whitespaces), which is not supported.");
                        }
                    break;
            }
        if (pieces.Count == 0) throw new InvalidInputException($"{name} is not a SentencePiece model: it has no pieces.");
        if (algorithm is not (1 or 2)) throw new InvalidInputException($"{name} is a SentencePiece model of kind {algorithm}; supported are Unigram (1) and BPE (2).");
        return new SentencePieceModel(pieces, algorithm == 1 ? SentencePieceAlgorithm.Unigram : SentencePieceAlgorithm.Bpe, new SentencePieceNormalization(map, addDummyPrefix, removeExtraWhitespace))
        {
            ByteFallback = byteFallback,
            UnknownSurface = unknownSurface,
            SinglePrecision = true,
        };
    }

    /// <summary>The fields of a Protocol Buffers message: number, and a number or bytes by wire type.</summary>
    static List<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> message)
    {
        var fields = new List<(int, ulong, ReadOnlyMemory<byte>)>();
        int at = 0;
        while (at < message.Length)
        {
            ulong tag = Varint(message.Span, ref at);
            int number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0: fields.Add((number, Varint(message.Span, ref at), default)); break;
                case 1: fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]), default)); at += 8; break;
                case 5: fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]), default)); at += 4; break;
                case 2:
                    int length = checked((int)Varint(message.Span, ref at));
                    fields.Add((number, 0, message.Slice(at, length)));
                    at += length;
                    break;
                default: throw new ArgumentException("unknown wire type");
            }
        }
        return fields;
    }

    static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte b = bytes[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw new ArgumentException("varint too long");
    }
}
