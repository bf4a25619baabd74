using ScottPlot;

namespace LlmLab.Charts;

/// <summary>Adds the series of a chart to a ScottPlot plot, on linear or logarithmic axes.</summary>
static class PngSeries
{
    const double GroupWidth = 0.8;

    public static void Add(Plot plot, Chart chart)
    {
        plot.Axes.Bottom.TickGenerator = AxisTicks.Linear();
        plot.Axes.Left.TickGenerator = AxisTicks.Linear();
        plot.Axes.Right.TickGenerator = AxisTicks.Linear();
        var bars = chart.Series.Where(series => series.Mark == Mark.Bars).ToArray();
        var heights = new Dictionary<double, double>(); // of the stack so far, by position
        // Bars first, so that lines and error bars lie over them.
        foreach (var (i, series) in chart.Series.Index().OrderBy(item => item.Item.Mark != Mark.Bars))
        {
            var color = Color.FromHex(ChartColors.OfSeries(i));
            var y = series.RightAxis ? plot.Axes.Right : (IYAxis)plot.Axes.Left;
            if (series.Mark == Mark.Bars) AddBars(plot, chart, series, color, y, bars, heights);
            else AddScatter(plot, chart, series, color, y);
        }
        SetLimits(plot, chart);
        if (chart.Categories is { Count: > 0 } categories) CategoryTicks.Set(plot, categories, 60, chart.Width * 0.75);
    }

    static void AddScatter(Plot plot, Chart chart, Series series, Color color, IYAxis axis)
    {
        var (xs, ys) = (Scaled(series.X, chart.LogX), Scaled(series.Y, LogarithmicY(chart, series)));
        if (ys.Length == 0) return;
        var linear = series.Mark != Mark.Points;
        var marked = series.Mark == Mark.Points || series.Mark == Mark.Line && !series.Dashed && ys.Length <= PlotlyRendering.MostMarkedPoints;
        if (series.Errors is { } errors) AddErrors(plot, chart, series, errors, color, axis, linear && ys.Length > PlotlyRendering.MostMarkedPoints);
        if (series.Mark == Mark.Area) Fill(plot, xs, [.. ys.Select(_ => 0.0)], ys, color.WithAlpha(0.25), axis);
        var scatter = plot.Add.Scatter(xs, ys, color);
        scatter.Axes.YAxis = axis;
        scatter.LegendText = series.Name;
        scatter.LineWidth = linear ? 2 : 0;
        scatter.MarkerSize = marked ? 7 : 0;
        if (series.Dashed) scatter.LinePattern = LinePattern.Dashed;
        if (series.Mark == Mark.Step) scatter.ConnectStyle = ConnectStyle.StepHorizontal;
        if (series.ShowLabels && series.Labels is { } labels)
            for (var i = 0; i < ys.Length; i++) Write(plot, labels[i], xs[i], ys[i], axis, -6);
    }

    static void AddErrors(Plot plot, Chart chart, Series series, IReadOnlyList<double> errors, Color color, IYAxis axis, bool band)
    {
        var logarithmic = LogarithmicY(chart, series);
        var xs = Scaled(series.X, chart.LogX);
        var low = Scaled([.. series.Y.Zip(series.ErrorsBelow ?? errors, (y, error) => y - error)], logarithmic);
        var high = Scaled([.. series.Y.Zip(errors, (y, error) => y + error)], logarithmic);
        if (band)
        {
            Fill(plot, xs, low, high, color.WithAlpha(0.18), axis);
            return;
        }
        var ys = Scaled(series.Y, logarithmic);
        for (var i = 0; i < ys.Length; i++) AddErrorBar(plot, xs[i], low[i], ys[i], high[i], color, axis);
    }

    static void AddErrorBar(Plot plot, double x, double low, double y, double high, Color color, IYAxis axis)
    {
        if (!double.IsFinite(y) || !double.IsFinite(low) || !double.IsFinite(high) || low == high) return;
        var bar = new ScottPlot.Plottables.ErrorBar([x], [y], xErrorsNegative: null, xErrorsPositive: null, yErrorsNegative: [y - low], yErrorsPositive: [high - y]) { Color = color, CapSize = 4, LineWidth = 1.3f };
        bar.Axes.YAxis = axis;
        plot.Add.Plottable(bar);
    }

    static void Fill(Plot plot, double[] xs, double[] low, double[] high, Color color, IYAxis axis)
    {
        var shown = Enumerable.Range(0, xs.Length).Where(i => double.IsFinite(xs[i]) && double.IsFinite(low[i]) && double.IsFinite(high[i])).ToArray();
        if (shown.Length < 2) return;
        var fill = plot.Add.FillY([.. shown.Select(i => xs[i])], [.. shown.Select(i => low[i])], [.. shown.Select(i => high[i])]);
        fill.FillColor = color;
        fill.LineWidth = 0;
        fill.MarkerSize = 0;
        fill.Axes.YAxis = axis;
    }

    static void AddBars(Plot plot, Chart chart, Series series, Color color, IYAxis axis, Series[] all, Dictionary<double, double> heights)
    {
        var spacing = Spacing(all.SelectMany(one => one.X));
        var slots = chart.Stacked ? 1 : all.Length;
        var size = spacing * (chart.Categories is null && slots == 1 ? 0.96 : GroupWidth) / slots;
        var offset = (chart.Stacked ? 0 : Array.IndexOf(all, series) - (slots - 1) / 2.0) * size;
        var logarithmic = LogarithmicY(chart, series);
        var floor = logarithmic ? LogarithmicFloor(chart) : 0;
        var drawn = plot.Add.Bars(new List<Bar>());
        drawn.LegendText = series.Name;
        drawn.Axes.YAxis = axis;
        for (var i = 0; i < series.Y.Count; i++)
        {
            var below = chart.Stacked ? heights.GetValueOrDefault(series.X[i]) : 0;
            var top = below + series.Y[i];
            if (!double.IsFinite(top) || logarithmic && top <= 0) continue;
            if (chart.Stacked) heights[series.X[i]] = top;
            double Place(double value) => !logarithmic ? value : value > 0 ? Math.Log10(value) : floor;
            var x = series.X[i] + offset;
            drawn.Bars.Add(new Bar { Position = x, ValueBase = Place(below), Value = Place(top), Size = size * 0.96, FillColor = color, LineWidth = 0 });
            if (series.Errors is { } errors) AddErrorBar(plot, x, Place(top - (series.ErrorsBelow ?? errors)[i]), Place(top), Place(top + errors[i]), Color.FromHex(ChartColors.Text), axis);
            if (series.ShowLabels && series.Labels is { } labels) Write(plot, labels[i], x, Place(top + (series.Errors?[i] ?? 0)), axis, -3);
        }
    }

    static void Write(Plot plot, string label, double x, double y, IYAxis axis, float offset)
    {
        if (!double.IsFinite(x) || !double.IsFinite(y)) return;
        var text = plot.Add.Text(label, x, y);
        text.Alignment = Alignment.LowerCenter;
        text.OffsetY = offset;
        text.LabelFontName = ChartFont.Family;
        text.LabelFontSize = 11;
        text.LabelFontColor = Color.FromHex(ChartColors.Text);
        text.Axes.YAxis = axis;
    }

    static void SetLimits(Plot plot, Chart chart)
    {
        var written = chart.Series.Any(series => series.ShowLabels);
        plot.Axes.Margins(written ? 0.1 : 0.03, written ? 0.12 : 0.08);
        plot.Axes.AutoScale();
        if (chart.Categories is { Count: > 0 } categories) plot.Axes.SetLimitsX(-0.5, categories.Count - 0.5);
        // Bars stand on the axis: no gap between it and zero.
        if (chart.Series.Any(series => series.Mark is Mark.Bars or Mark.Area) && !chart.LogY)
        {
            var limits = plot.Axes.GetLimits();
            var values = chart.Series.Where(series => !series.RightAxis).SelectMany(series => series.Y).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
            if (values.Min() >= 0) plot.Axes.SetLimitsY(0, limits.Top);
        }
        if (chart.YRange is { } range)
            plot.Axes.SetLimitsY(chart.LogY ? Math.Log10(range.Low) : range.Low, chart.LogY ? Math.Log10(range.High) : range.High);
        var final = plot.Axes.GetLimits();
        if (!(final.Left < final.Right && final.Bottom < final.Top)) // nothing finite to scale to
        {
            plot.Axes.SetLimits(0, 1, 0, 1);
            final = plot.Axes.GetLimits();
        }
        if (chart.LogX) plot.Axes.Bottom.TickGenerator = AxisTicks.Logarithmic(final.Left, final.Right);
        if (chart.LogY) plot.Axes.Left.TickGenerator = AxisTicks.Logarithmic(final.Bottom, final.Top);
    }

    static bool LogarithmicY(Chart chart, Series series) => chart.LogY && !series.RightAxis;

    // What has no logarithm is left out, like NaN.
    static double[] Scaled(IReadOnlyList<double> values, bool logarithmic) =>
        [.. values.Select(value => !logarithmic ? value : value > 0 ? Math.Log10(value) : double.NaN)];

    static double LogarithmicFloor(Chart chart) =>
        Math.Floor(Math.Log10(chart.Series.Where(series => !series.RightAxis).SelectMany(series => series.Y).Where(y => y > 0).DefaultIfEmpty(1).Min()) - 0.001);

    static double Spacing(IEnumerable<double> positions)
    {
        var sorted = positions.Where(double.IsFinite).Distinct().Order().ToArray();
        return sorted.Length < 2 ? 1 : sorted.Zip(sorted.Skip(1), (left, right) => right - left).Min();
    }
}
