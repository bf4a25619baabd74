using ScottPlot;
using ScottPlot.TickGenerators;

namespace LlmLab.Charts;

/// <summary>Names at the positions 0, 1, 2 … of an axis of the PNG; slanted where they would run into each other.</summary>
static class CategoryTicks
{
    const double CharacterWidth = 7.4; // of the embedded font at 12 pixels, on average

    const double Slant = 35;

    /// <summary>Sets the names on the horizontal axis.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="names">One a position.</param>
    /// <param name="most">With more names than this, only every second, third … is written.</param>
    /// <param name="width">Pixels that the axis has.</param>
    public static void Set(Plot plot, IReadOnlyList<string> names, int most, double width = 600)
    {
        var axis = plot.Axes.Bottom;
        SetUpright(axis, names, most);
        var longest = names.Max(name => name.Length) * CharacterWidth;
        if (longest <= width / Math.Min(names.Count, most)) return;
        axis.TickLabelStyle.Rotation = (float)Slant;
        axis.TickLabelStyle.Alignment = Alignment.MiddleLeft;
        axis.MinimumSize = (float)Math.Min(160, longest * 0.6 + 30);
        // Slanted names lean to the right of their place: the last ones must not be cut off at the picture's edge.
        var place = width / names.Count;
        var beyond = names.Select((name, i) => name.Length * CharacterWidth * Math.Cos(Slant * Math.PI / 180) - (names.Count - i - 0.5) * place).Max();
        plot.Axes.Right.MinimumSize = Math.Max(plot.Axes.Right.MinimumSize, (float)Math.Clamp(beyond, 0, width / 3));
    }

    /// <summary>Sets the names without slanting them.</summary>
    public static void SetUpright(IAxis axis, IReadOnlyList<string> names, int most)
    {
        var every = (names.Count + most - 1) / most;
        axis.TickGenerator = new NumericManual([.. names.Select((name, i) => new Tick(i, i % every == 0 ? name : "", true))]);
    }
}
