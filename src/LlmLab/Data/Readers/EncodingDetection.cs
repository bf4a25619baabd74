using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace LlmLab.Data.Readers;

/// <summary>The encoding of a text file and how it was found.</summary>
/// <param name="Encoding">Decodes the file.</param>
/// <param name="Name">IANA name.</param>
/// <param name="PreambleBytes">Bytes of a byte-order mark to skip.</param>
/// <param name="InvalidBytes">Bytes that are not valid in it and decode to U+FFFD.</param>
public sealed record DetectedEncoding(Encoding Encoding, string Name, int PreambleBytes, long InvalidBytes = 0);

/// <summary>
/// Finds a text's encoding from its bytes: a byte-order mark; zero bytes in every second place (UTF-16 without a mark); UTF-8
/// validity of the whole file, which wrong guesses practically never pass; else a single-byte code page: Windows-1251 where most
/// letters lie in 0xC0-0xFF, else Windows-1252, the superset of Latin-1 that HTML's standard too reads it as (WHATWG Encoding).
/// </summary>
public static class EncodingDetection
{
    const int SampleBytes = 1 << 16;

    const string EncodingField = "encoding", InvalidBytesField = "invalidBytes";

    /// <summary>Reads the stream to its end in constant memory and says what its encoding is.</summary>
    /// <exception cref="InvalidInputException">The bytes are not text.</exception>
    public static DetectedEncoding Detect(Stream stream, string name)
    {
        byte[] buffer = new byte[SampleBytes];
        int read = stream.ReadAtLeast(buffer, SampleBytes, throwOnEndOfStream: false);
        if (FromPreamble(buffer.AsSpan(0, read)) is { } marked) return marked;
        if (FromZeros(buffer.AsSpan(0, read), name) is { } wide) return wide;

        long invalid = 0, multibyte = 0, upper = 0, high = 0, control = 0;
        int kept = 0;
        while (read > 0)
        {
            var chunk = buffer.AsSpan(0, kept + read);
            bool last = kept + read < buffer.Length;
            if (!Ascii.IsValid(chunk))
                foreach (byte b in chunk[kept..])
                    if (b >= 0x80)
                    {
                        high++;
                        if (b >= 0xC0) upper++;
                        else if (b < 0xA0) control++;
                    }
            int consumed = CountInvalid(chunk, last, ref invalid, ref multibyte);
            kept = chunk.Length - consumed;
            chunk[consumed..].CopyTo(buffer);
            if (last) break;
            read = stream.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false);
            if (read == 0) invalid += kept;
        }
        // A few broken bytes in much valid UTF-8 are damage; otherwise valid sequences are chance.
        if (invalid == 0 || multibyte > 4 * invalid) return new DetectedEncoding(new UTF8Encoding(false), "utf-8", 0, invalid);
        int page = upper > 0.9 * high && high > 40 ? 1251 : 1252;
        return new DetectedEncoding(CodePagesEncodingProvider.Instance.GetEncoding(page)!, page == 1252 && control == 0 ? "iso-8859-1" : $"windows-{page}", 0);
    }

    static DetectedEncoding? FromPreamble(ReadOnlySpan<byte> head) => head switch
    {
        [0xEF, 0xBB, 0xBF, ..] => new(new UTF8Encoding(false), "utf-8", 3),
        [0xFF, 0xFE, 0, 0, ..] => new(new UTF32Encoding(false, false), "utf-32le", 4),
        [0, 0, 0xFE, 0xFF, ..] => new(new UTF32Encoding(true, false), "utf-32be", 4),
        [0xFF, 0xFE, ..] => new(new UnicodeEncoding(false, false), "utf-16le", 2),
        [0xFE, 0xFF, ..] => new(new UnicodeEncoding(true, false), "utf-16be", 2),
        _ => null,
    };

    static DetectedEncoding? FromZeros(ReadOnlySpan<byte> head, string name)
    {
        if (!head.Contains((byte)0)) return null;
        int even = 0, odd = 0;
        for (int i = 0; i < head.Length; i++)
            if (head[i] == 0)
            {
                if ((i & 1) == 0) even++;
                else odd++;
            }
        int half = head.Length / 2;
        if (odd > 0.4 * half && even < 0.02 * half) return new(new UnicodeEncoding(false, false), "utf-16le", 0);
        if (even > 0.4 * half && odd < 0.02 * half) return new(new UnicodeEncoding(true, false), "utf-16be", 0);
        throw new InvalidInputException($"{name} is a binary file (zero bytes), not text: convert it to a text format, or leave it out.");
    }

    // Returns how many bytes were judged; a sequence cut off by the end of the buffer is left for the next one.
    static int CountInvalid(ReadOnlySpan<byte> bytes, bool last, ref long invalid, ref long multibyte)
    {
        int position = 0;
        if (Utf8.IsValid(bytes) && !Ascii.IsValid(bytes)) multibyte++;
        while (position < bytes.Length)
        {
            var status = Rune.DecodeFromUtf8(bytes[position..], out _, out int consumed);
            if (status == System.Buffers.OperationStatus.NeedMoreData && !last) return position;
            if (status != System.Buffers.OperationStatus.Done) invalid += consumed;
            else if (consumed > 1) multibyte++;
            position += consumed;
            int ascii = bytes[position..].IndexOfAnyInRange((byte)0x80, (byte)0xFF);
            position = ascii < 0 ? bytes.Length : position + ascii;
        }
        return position;
    }

    /// <summary>Opens the file as text.</summary>
    /// <returns>A reader past the byte-order mark, and the encoding for the document's metadata.</returns>
    public static (StreamReader Reader, DetectedEncoding Encoding) OpenText(SourceFile file)
    {
        DetectedEncoding encoding;
        using (var probe = file.Open()) encoding = Detect(probe, file.Name);
        var stream = file.Open();
        Span<byte> preamble = stackalloc byte[4];
        stream.ReadExactly(preamble[..encoding.PreambleBytes]);
        return (new StreamReader(stream, encoding.Encoding, detectEncodingFromByteOrderMarks: false, 1 << 16), encoding);
    }

    /// <summary>What the metadata says of an encoding that was not plain UTF-8.</summary>
    internal static IReadOnlyDictionary<string, string> Describe(DetectedEncoding encoding)
    {
        var facts = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty;
        if (encoding.Name != "utf-8") facts = facts.Add(EncodingField, encoding.Name);
        return encoding.InvalidBytes > 0 ? facts.Add(InvalidBytesField, encoding.InvalidBytes.ToString(CultureInfo.InvariantCulture)) : facts;
    }

    /// <summary>What a document's metadata says of how its file was decoded; null where that was plain UTF-8.</summary>
    internal static DecodedSource? DecodedAs(string file, DocumentMetadata metadata)
    {
        string? name = metadata.Other.GetValueOrDefault(EncodingField), invalid = metadata.Other.GetValueOrDefault(InvalidBytesField);
        return name is null && invalid is null ? null : new DecodedSource(file, name ?? "utf-8", invalid is null ? 0 : long.Parse(invalid, CultureInfo.InvariantCulture));
    }
}
