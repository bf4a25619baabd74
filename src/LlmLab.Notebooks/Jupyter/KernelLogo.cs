using SkiaSharp;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>The kernel's picture in front ends: a falling loss curve.</summary>
static class KernelLogo
{
    /// <summary>A square PNG.</summary>
    /// <param name="size">Width and height in pixels.</param>
    public static byte[] Draw(int size)
    {
        using var surface = SKSurface.Create(new SKImageInfo(size, size));
        var canvas = surface.Canvas;
        canvas.Scale(size / 64f);
        using var ground = new SKPaint { Color = new SKColor(0x51, 0x2b, 0xd4), IsAntialias = true };
        canvas.DrawRoundRect(new SKRect(2, 2, 62, 62), 12, 12, ground);
        using var axes = new SKPaint { Color = SKColors.White.WithAlpha(140), IsAntialias = true, IsStroke = true, StrokeWidth = 3 };
        using var frame = new SKPath();
        frame.MoveTo(14, 12);
        frame.LineTo(14, 50);
        frame.LineTo(52, 50);
        canvas.DrawPath(frame, axes);
        using var line = new SKPaint { Color = SKColors.White, IsAntialias = true, IsStroke = true, StrokeWidth = 5, StrokeCap = SKStrokeCap.Round };
        using var loss = new SKPath();
        loss.MoveTo(20, 16);
        loss.CubicTo(23, 40, 32, 43, 50, 43);
        canvas.DrawPath(loss, line);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
