using ScottPlot;

namespace LlmLab.Charts;

/// <summary>Adds a heatmap to a ScottPlot plot: the first row on top, a colour bar, and the values where asked for.</summary>
static class PngHeatmap
{
    const int MostRows = 24, MostColumns = 30; // that get their name written

    public static void Add(Plot plot, Heatmap heatmap)
    {
        var (rows, columns) = (heatmap.Values.GetLength(0), heatmap.Values.GetLength(1));
        var scale = HeatmapScale.For(heatmap.Values);
        var map = plot.Add.Heatmap(heatmap.Values);
        map.Colormap = new Ramp(scale);
        map.ManualRange = new ScottPlot.Range(scale.Low, scale.High);
        map.NaNCellColor = Color.FromHex(ChartColors.MissingCell);
        var bar = plot.Add.ColorBar(map);
        bar.Axis.TickLabelStyle.FontName = ChartFont.Family;
        bar.Axis.TickGenerator = AxisTicks.Linear();

        if (heatmap.ShowValues)
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                    WriteValue(plot, heatmap.Values[row, column], column, rows - 1 - row, scale);

        CategoryTicks.Set(plot, heatmap.ColumnLabels, MostColumns);
        CategoryTicks.SetUpright(plot.Axes.Left, [.. heatmap.RowLabels.Reverse()], MostRows);
        plot.Axes.SetLimits(-0.5, columns - 0.5, -0.5, rows - 0.5);
    }

    static void WriteValue(Plot plot, double value, int x, int y, HeatmapScale scale)
    {
        if (!double.IsFinite(value)) return;
        var text = plot.Add.Text(AxisTicks.FormatShort(value), x, y);
        text.Alignment = Alignment.MiddleCenter;
        text.LabelFontName = ChartFont.Family;
        text.LabelFontSize = 12;
        text.LabelFontColor = Color.FromHex(ChartColors.TextOn(scale.ColorOf(value)));
    }

    sealed class Ramp(HeatmapScale scale) : IColormap
    {
        public string Name => "LlmLab";

        public Color GetColor(double position)
        {
            var (red, green, blue) = ChartColors.At(scale.Ramp, position);
            return new Color(red, green, blue);
        }
    }
}
