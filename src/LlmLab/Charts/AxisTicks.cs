using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace LlmLab.Charts;

/// <summary>
/// Tick positions and labels of the PNG. ScottPlot's axes are linear: a logarithmic axis plots the logarithm to base 10,
/// and its ticks carry the number itself.
/// </summary>
static class AxisTicks
{
    static readonly int[][] multiples = [[1], [1, 3], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]];

    /// <summary>Evenly spaced round numbers, chosen by ScottPlot for the space there is.</summary>
    public static ITickGenerator Linear() => new NumericAutomatic { LabelFormatter = Format, TickDensity = 0.6 };

    /// <summary>Ticks between two logarithms: decades, and multiples of them where fewer than four decades fit.</summary>
    public static ITickGenerator Logarithmic(double low, double high)
    {
        var decades = Enumerable.Range((int)Math.Floor(low), (int)Math.Ceiling(high) - (int)Math.Floor(low) + 1).ToArray();
        double[] Values(int[] digits) => [.. decades.SelectMany(decade => digits.Select(digit => digit * Math.Pow(10, decade)))
            .Where(value => Math.Log10(value) >= low - 1e-9 && Math.Log10(value) <= high + 1e-9)];
        var major = multiples.Select(Values).FirstOrDefault(values => values.Length >= 4) ?? Evenly(Math.Pow(10, low), Math.Pow(10, high));
        var thin = (major.Length + 8) / 9; // a hundred decades still get nine labels at most
        var ticks = major.Select((value, i) => new Tick(Math.Log10(value), i % thin == 0 ? Format(value) : "", true))
            .Concat(Values([2, 3, 4, 5, 6, 7, 8, 9]).Except(major).Take(decades.Length > 12 ? 0 : int.MaxValue).Select(value => new Tick(Math.Log10(value), "", false)));
        return new NumericManual([.. ticks]);
    }

    /// <summary>Round steps for a range within one decade.</summary>
    static double[] Evenly(double low, double high)
    {
        var rough = (high - low) / 5;
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = magnitude * new[] { 1.0, 2, 5, 10 }.First(factor => factor * magnitude >= rough);
        var first = (long)Math.Ceiling(low / step - 1e-9);
        return [.. Enumerable.Range(0, 12).Select(i => (first + i) * step).TakeWhile(value => value <= high * (1 + 1e-9))];
    }

    /// <summary>As plotly.js writes ticks: 20k, 1.5M; small numbers as they are, tiny ones with an exponent.</summary>
    public static string Format(double value)
    {
        var size = Math.Abs(value);
        var (unit, suffix) = size switch { >= 1e12 => (1.0, ""), >= 1e9 => (1e9, "B"), >= 1e6 => (1e6, "M"), >= 1e4 => (1e3, "k"), _ => (1.0, "") };
        var format = size is >= 1e12 or > 0 and < 1e-4 ? "0.###e0" : "0.######";
        return (value / unit).ToString(format, CultureInfo.InvariantCulture).Replace("-", "−") + suffix;
    }

    /// <summary>Three significant digits, for numbers inside cells and on bars.</summary>
    public static string FormatShort(double value) => double.IsFinite(value)
        ? Format(double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))
        : "";
}
