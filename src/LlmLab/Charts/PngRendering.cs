using ScottPlot;
using SkiaSharp;

namespace LlmLab.Charts;

/// <summary>A chart as a PNG, drawn by ScottPlot with the embedded font.</summary>
static class PngRendering
{
    /// <summary>Small enough to live in a notebook under version control.</summary>
    public const int LargestBytes = 60_000;

    public static byte[] Render(Chart chart) => Fitting(scale =>
    {
        using var image = Draw(chart, scale);
        using var pixels = image.PeekPixels();
        using var encoded = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.AllFilters, 9))
            ?? throw new InvalidOperationException("Skia could not encode the picture as PNG.");
        return encoded.ToArray();
    });

    /// <summary>A picture drawn with fewer pixels until it is small enough.</summary>
    internal static byte[] Fitting(Func<double, byte[]> drawn)
    {
        var scale = 1.0;
        while (true)
        {
            var png = drawn(scale);
            if (png.Length <= LargestBytes || scale < 0.2) return png;
            scale *= Math.Clamp(Math.Sqrt((double)LargestBytes / png.Length), 0.5, 0.9);
        }
    }

    /// <summary>A chart in its size times a scale, lines and letters too.</summary>
    internal static SKImage Draw(Chart chart, double scale)
    {
        ChartChecks.Check(chart);
        ChartFont.Register();
        using var plot = new Plot { ScaleFactor = scale };
        plot.FigureBackground.Color = Colors.White;
        plot.DataBackground.Color = Colors.White;
        if (chart.Heatmap is { } heatmap) PngHeatmap.Add(plot, heatmap);
        else PngSeries.Add(plot, chart);
        Style(plot, chart);
        var (width, height) = ((int)(chart.Width * scale), (int)(chart.Height * scale));
        using var surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Premul));
        plot.Render(surface.Canvas, new PixelRect(0, width, height, 0));
        return surface.Snapshot();
    }

    static void Style(Plot plot, Chart chart)
    {
        var text = Color.FromHex(ChartColors.Text);
        plot.Axes.Title.Label.Text = chart.Title;
        plot.Axes.Title.Label.FontSize = 16;
        plot.Axes.Title.Label.ForeColor = text;
        plot.Axes.Title.IsVisible = chart.Title.Length > 0;
        plot.XLabel(chart.XLabel);
        plot.YLabel(chart.YLabel);
        if (chart.RightLabel.Length > 0) plot.Axes.Right.Label.Text = chart.RightLabel;
        plot.Grid.MajorLineColor = Color.FromHex(ChartColors.Grid);
        plot.Grid.IsVisible = chart.Heatmap is null;
        foreach (var axis in plot.Axes.GetAxes())
        {
            axis.FrameLineStyle.Color = Color.FromHex(ChartColors.Frame);
            axis.MajorTickStyle.Color = Color.FromHex(ChartColors.Frame);
            axis.MinorTickStyle.Color = Color.FromHex(ChartColors.Frame);
            axis.TickLabelStyle.ForeColor = text;
            axis.TickLabelStyle.FontSize = 12;
            axis.TickLabelStyle.FontName = ChartFont.Family;
            axis.Label.ForeColor = text;
            axis.Label.FontSize = 13;
            axis.Label.Bold = false;
            axis.Label.FontName = ChartFont.Family;
        }
        plot.Axes.Title.Label.FontName = ChartFont.Family;
        ShowLegend(plot, chart);
    }

    // Lines of a legend below the plot: about 7.5 pixels a letter, and the symbol with its margins.
    static int LegendLines(Chart chart)
    {
        int lines = 1;
        double used = 0;
        foreach (var series in chart.Series.Where(series => series.Name.Length > 0))
        {
            double width = 7.5 * series.Name.Length + 44;
            if (used > 0 && used + width > 0.9 * chart.Width) (lines, used) = (lines + 1, 0);
            used += width;
        }
        return lines;
    }

    /// <summary>Beside the plot, or below it where names are long: never over the data.</summary>
    static void ShowLegend(Plot plot, Chart chart)
    {
        plot.Legend.FontName = ChartFont.Family;
        plot.Legend.FontSize = 12;
        plot.Legend.SymbolWidth = 28;
        plot.Legend.Padding = new PixelPadding(4);
        plot.Legend.FontColor = Color.FromHex(ChartColors.Text);
        plot.Legend.OutlineColor = Colors.Transparent;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.BackgroundColor = Colors.Transparent;
        if (chart.Heatmap is not null || chart.Series.All(series => series.Name.Length == 0))
        {
            plot.HideLegend();
            return;
        }
        var below = PlotlyRendering.LegendBelow(chart);
        plot.Legend.Orientation = below ? Orientation.Horizontal : Orientation.Vertical;
        var panel = plot.ShowLegend(below ? Edge.Bottom : Edge.Right);
        panel.Alignment = below ? Alignment.UpperCenter : Alignment.UpperLeft;
        panel.Padding = new PixelPadding(4);
        if (below) panel.MinimumSize = 20 * LegendLines(chart) + 12;   // left to itself, ScottPlot makes room for two lines and cuts off the rest
    }
}
