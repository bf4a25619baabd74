using LlmLab.Charts;
using SkiaSharp;

namespace LlmLab.Tests.Charts;

public sealed class PalettePngTests
{
    static uint[] Decoded(byte[] png, out int width)
    {
        using var image = SKImage.FromEncodedData(png);
        Assert.NotNull(image);
        width = image.Width;
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        Assert.True(image.ReadPixels(bitmap.Info, bitmap.GetPixels(), bitmap.RowBytes, 0, 0));
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(bitmap.GetPixelSpan()).ToArray();
    }

    [Fact]
    public void Encode_AsManyColorsAsFit_LosesNothing()
    {
        uint[] pixels = [.. Enumerable.Range(0, 48 * 16).Select(i => 0xFF000000u | (uint)(i % 256) * 0x010203u)];
        Assert.Equal(256, pixels.Distinct().Count());
        Assert.Equal(pixels, Decoded(PalettePng.Encode(pixels, 48, 16), out int width));
        Assert.Equal(48, width);
    }

    [Fact]
    public void Encode_MoreColors_TakesTheNearestOfTheFrequentOnes()
    {
        // 256 greys twice each, and one colour that is next to grey 100.
        uint[] greys = [.. Enumerable.Range(0, 512).Select(i => 0xFF000000u | (uint)(i / 2) * 0x010101u)];
        uint[] read = Decoded(PalettePng.Encode([.. greys, 0xFF646465u], 513, 1), out _);
        Assert.Equal(greys, read[..512]);
        Assert.Equal(0xFF646464u, read[512]);
    }
}
