using System.Globalization;

namespace LlmLab.Charts;

/// <summary>
/// The colours of both renderings. Series take the palette of Okabe and Ito ("Color Universal Design", 2008), which people with
/// any common colour-vision deficiency can tell apart; its yellow, unreadable on white, is replaced by a grey.
/// Heatmaps take a ramp whose lightness grows evenly, so that it also reads in print without colour.
/// </summary>
static class ChartColors
{
    /// <summary>Line colours in the order of the series, as #RRGGBB.</summary>
    public static IReadOnlyList<string> Series { get; } =
        ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5F5F5F", "#000000"];

    public const string Text = "#2B2B2B";
    public const string Grid = "#E7E7E7";
    public const string Frame = "#8A8A8A";
    public const string MissingCell = "#D9D9D9";

    /// <summary>White to dark blue, for values of one sign.</summary>
    public static IReadOnlyList<string> Sequential { get; } =
        ["#F7FBFF", "#DCE9F6", "#BAD6EB", "#89BEDC", "#539ECD", "#2B7BBA", "#0B559F", "#08306B"];

    /// <summary>Orange over white to blue, for values of both signs.</summary>
    public static IReadOnlyList<string> Diverging { get; } =
        ["#7F3B08", "#B35806", "#E08214", "#FDB863", "#F7F7F7", "#92C5DE", "#4393C3", "#2166AC", "#053061"];

    /// <summary>The colour of the series at <paramref name="index"/>; after the eighth they repeat.</summary>
    public static string OfSeries(int index) => Series[index % Series.Count];

    /// <summary>The ramp's colour at <paramref name="position"/> (0 to 1), red, green, blue in 0 to 255.</summary>
    public static (byte Red, byte Green, byte Blue) At(IReadOnlyList<string> ramp, double position)
    {
        var scaled = Math.Clamp(position, 0, 1) * (ramp.Count - 1);
        var below = Math.Min((int)scaled, ramp.Count - 2);
        var (low, high, share) = (Parse(ramp[below]), Parse(ramp[below + 1]), scaled - below);
        byte Mix(byte from, byte to) => (byte)Math.Round(from + (to - from) * share);
        return (Mix(low.Red, high.Red), Mix(low.Green, high.Green), Mix(low.Blue, high.Blue));
    }

    /// <summary>Black or white, whichever reads better on the given colour (relative luminance of WCAG 2, linearised roughly).</summary>
    public static string TextOn((byte Red, byte Green, byte Blue) background) =>
        0.299 * background.Red + 0.587 * background.Green + 0.114 * background.Blue > 140 ? "#000000" : "#FFFFFF";

    static (byte Red, byte Green, byte Blue) Parse(string color)
    {
        var value = int.Parse(color.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return ((byte)(value >> 16), (byte)(value >> 8), (byte)value);
    }
}

/// <summary>The colour ramp of one heatmap and the values at its ends.</summary>
sealed record HeatmapScale(IReadOnlyList<string> Ramp, double Low, double High)
{
    /// <summary>Symmetric around zero where the values have both signs, else from the smallest to the largest.</summary>
    public static HeatmapScale For(double[,] values)
    {
        var finite = values.Cast<double>().Where(double.IsFinite).ToArray();
        if (finite.Length == 0) return new(ChartColors.Sequential, 0, 1);
        var (low, high) = (finite.Min(), finite.Max());
        if (low < 0 && high > 0)
        {
            var end = Math.Max(-low, high);
            return new(ChartColors.Diverging, -end, end);
        }
        return low == high ? new(ChartColors.Sequential, low - 0.5, high + 0.5) : new(ChartColors.Sequential, low, high);
    }

    public (byte Red, byte Green, byte Blue) ColorOf(double value) => ChartColors.At(Ramp, (value - Low) / (High - Low));
}
