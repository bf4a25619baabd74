using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace LlmLab.Charts;

/// <summary>
/// Writes pictures of few colours as PNG with a palette (W3C, Portable Network Graphics, third edition): one byte a pixel instead of four, so
/// that a chart takes about a third of the space. Skia writes no palettes.
/// </summary>
static class PalettePng
{
    const int Colors = 256;
    static readonly byte[] signature = [137, 80, 78, 71, 13, 10, 26, 10];

    /// <summary>The picture, with its 256 most frequent colours; every other one becomes the nearest of these.</summary>
    /// <param name="pixels">Row by row, each a red, a green, a blue and an opacity byte; the opacity is not kept.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    public static byte[] Encode(ReadOnlySpan<uint> pixels, int width, int height)
    {
        var (palette, places) = Palette(pixels);
        byte[] header = new byte[13], rows = new byte[(width + 1) * height];   // each row begins with the number of its filter: 0, none
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 3);   // eight bits a pixel, which are a place in the palette
        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++) rows[row * (width + 1) + 1 + column] = places[pixels[row * width + column]];
        using var result = new MemoryStream();
        result.Write(signature);
        Chunk(result, "IHDR"u8, header);
        Chunk(result, "PLTE"u8, [.. palette.SelectMany(color => new[] { (byte)color, (byte)(color >> 8), (byte)(color >> 16) })]);
        Chunk(result, "IDAT"u8, Compress(rows));
        Chunk(result, "IEND"u8, []);
        return result.ToArray();
    }

    static (uint[] Palette, Dictionary<uint, byte> Places) Palette(ReadOnlySpan<uint> pixels)
    {
        var counts = new Dictionary<uint, int>();
        foreach (uint pixel in pixels) counts[pixel] = counts.GetValueOrDefault(pixel) + 1;
        uint[] ordered = [.. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key).Select(c => c.Key)], palette = ordered[..Math.Min(Colors, ordered.Length)];
        var places = new Dictionary<uint, byte>();
        foreach (uint color in ordered)
            places[color] = (byte)(places.Count < palette.Length ? places.Count : Enumerable.Range(0, palette.Length).MinBy(i => Distance(color, palette[i])));
        return (palette, places);
    }

    static int Distance(uint a, uint b)
    {
        int red = (int)(a & 255) - (int)(b & 255), green = (int)(a >> 8 & 255) - (int)(b >> 8 & 255), blue = (int)(a >> 16 & 255) - (int)(b >> 16 & 255);
        return red * red + green * green + blue * blue;
    }

    static byte[] Compress(byte[] bytes)
    {
        using var result = new MemoryStream();
        using (var stream = new ZLibStream(result, CompressionLevel.SmallestSize)) stream.Write(bytes);
        return result.ToArray();
    }

    // Length, name, content, and a checksum over the last two.
    static void Chunk(Stream stream, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(name);
        stream.Write(content);
        var checksum = new Crc32();
        checksum.Append(name);
        checksum.Append(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        stream.Write(number);
    }
}
