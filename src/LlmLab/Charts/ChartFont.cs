using ScottPlot;
using SkiaSharp;

namespace LlmLab.Charts;

/// <summary>
/// The font of every PNG: DejaVu Sans, embedded in this assembly. Skia draws no text at all on a machine without fonts, and different
/// text on machines with different ones.
/// </summary>
public static class ChartFont
{
    /// <summary>A family name of our own, so that an installed DejaVu of another version is never taken instead.</summary>
    public const string Family = "LlmLab Chart";

    static readonly Lazy<Resolver> resolver = new(() =>
    {
        var made = new Resolver();
        Fonts.FontResolvers.Insert(0, made);
        return made;
    });

    /// <summary>
    /// Makes <see cref="Family"/> known to ScottPlot, whose register of fonts is one a process. It is then also the font without a name,
    /// which is ScottPlot's default on a machine that has none.
    /// </summary>
    public static void Register() => _ = resolver.Value;

    sealed class Resolver : IFontResolver
    {
        readonly SKTypeface regular = Load("DejaVuSans.ttf");
        readonly SKTypeface bold = Load("DejaVuSans-Bold.ttf");

        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            fontName is Family or "" ? weight >= FontWeight.SemiBold ? bold : regular : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            CreateTypeface(fontName, bold ? FontWeight.Bold : FontWeight.Normal, FontSlant.Upright, FontSpacing.Normal);

        static SKTypeface Load(string file)
        {
            using var stream = typeof(ChartFont).Assembly.GetManifestResourceStream($"LlmLab.Charts.Fonts.{file}")
                ?? throw new InvalidOperationException($"The font {file} is missing from the assembly.");
            return SKTypeface.FromStream(stream);
        }
    }
}
