using ScottPlot;
using ScottPlot.TickGenerators;

namespace LlmLab.Charts;

/// <summary>Names at the positions 0, 1, 2 … of an axis of the PNG; slanted where they would run into each other.</summary>
static class CategoryTicks
{
    const double CharacterWidth = 7.4; // of the embedded font at 12 pixels, on average

    /// <summary>Sets the names on a horizontal axis.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="names">One a position.</param>
    /// <param name="most">With more names than this, only every second, third … is written.</param>
    /// <param name="width">Pixels that the axis has.</param>
    public static void Set(IAxis axis, IReadOnlyList<string> names, int most, double width = 600)
    {
        SetUpright(axis, names, most);
        var longest = names.Max(name => name.Length) * CharacterWidth;
        if (longest <= width / Math.Min(names.Count, most)) return;
        axis.TickLabelStyle.Rotation = 35;
        axis.TickLabelStyle.Alignment = Alignment.MiddleLeft;
        axis.MinimumSize = (float)Math.Min(160, longest * 0.6 + 30);
    }

    /// <summary>Sets the names without slanting them.</summary>
    public static void SetUpright(IAxis axis, IReadOnlyList<string> names, int most)
    {
        var every = (names.Count + most - 1) / most;
        axis.TickGenerator = new NumericManual([.. names.Select((name, i) => new Tick(i, i % every == 0 ? name : "", true))]);
    }
}
