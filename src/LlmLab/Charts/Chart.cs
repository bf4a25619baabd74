namespace LlmLab.Charts;

/// <summary>How a series is drawn.</summary>
public enum Mark { Line, Points, Bars, Area, Step }

/// <summary>One named series of a chart.</summary>
/// <param name="Name">Legend entry; empty for none.</param>
/// <param name="X">Positions. With <see cref="Chart.Categories"/>, the index of the category, which reaches half a unit to either side.</param>
/// <param name="Y">Values, as many as <paramref name="X"/>. NaN breaks a line.</param>
public sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>How it is drawn.</summary>
    public Mark Mark { get; init; } = Mark.Line;
    /// <summary>Half-widths of symmetric error bars (standard errors, say), or null; with <see cref="ErrorsBelow"/>, how far they reach upwards.</summary>
    public IReadOnlyList<double>? Errors { get; init; }
    /// <summary>How far the error bars reach downwards where that is not <see cref="Errors"/> (an interval of a share near 1, say), or null.</summary>
    public IReadOnlyList<double>? ErrorsBelow { get; init; }
    /// <summary>Text shown at a point when the mouse is over it (interactive rendering), or null.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
    /// <summary>True to write <see cref="Labels"/> beside the points in both renderings.</summary>
    public bool ShowLabels { get; init; }
    /// <summary>Dashed line, for references such as a published figure.</summary>
    public bool Dashed { get; init; }
    /// <summary>Draw against a second axis on the right.</summary>
    public bool RightAxis { get; init; }
}

/// <summary>A matrix drawn as colours: attention maps, confusion tables, correlations.</summary>
/// <param name="Values">Row-major values, [rows, columns].</param>
/// <param name="RowLabels">One a row, top to bottom.</param>
/// <param name="ColumnLabels">One a column.</param>
/// <param name="ShowValues">Write each value in its cell.</param>
public sealed record Heatmap(double[,] Values, IReadOnlyList<string> RowLabels, IReadOnlyList<string> ColumnLabels, bool ShowValues = false);

/// <summary>
/// A chart as data, with two renderings: Plotly's JSON for notebooks and pages (<c>ToPlotlyJson</c>), and a PNG of at most 60 KB
/// drawn with a font that the library brings (<c>ToPng</c>), so that it looks the same on every machine.
/// </summary>
public sealed record Chart(string Title)
{
    /// <summary>The series, drawn in this order.</summary>
    public IReadOnlyList<Series> Series { get; init; } = [];
    /// <summary>Drawn instead of series.</summary>
    public Heatmap? Heatmap { get; init; }
    /// <summary>Label of the horizontal axis, with its unit.</summary>
    public string XLabel { get; init; } = "";
    /// <summary>Label of the vertical axis, with its unit.</summary>
    public string YLabel { get; init; } = "";
    /// <summary>Label of the right axis, if a series uses it.</summary>
    public string RightLabel { get; init; } = "";
    /// <summary>Names of the positions 0, 1, 2 … on the horizontal axis, for bars by category.</summary>
    public IReadOnlyList<string>? Categories { get; init; }
    /// <summary>Logarithmic horizontal axis (base 10).</summary>
    public bool LogX { get; init; }
    /// <summary>Logarithmic vertical axis (base 10).</summary>
    public bool LogY { get; init; }
    /// <summary>Lower and upper end of the vertical axis, or null for the data's range.</summary>
    public (double Low, double High)? YRange { get; init; }
    /// <summary>Bars of one position on top of each other instead of side by side.</summary>
    public bool Stacked { get; init; }
    /// <summary>Width in pixels.</summary>
    public int Width { get; init; } = 760;
    /// <summary>Height in pixels.</summary>
    public int Height { get; init; } = 420;

    /// <summary>
    /// The chart as Plotly's JSON, <c>{"data": […], "layout": {…}, "config": {…}}</c>: the MIME type
    /// application/vnd.plotly.v1+json of notebooks, and the arguments of <c>Plotly.newPlot</c>.
    /// </summary>
    /// <exception cref="InvalidInputException">A series or heatmap has unequal counts, or an axis range is impossible.</exception>
    public string ToPlotlyJson() => PlotlyRendering.Render(this);

    /// <summary>
    /// The chart as a PNG of <see cref="Width"/> × <see cref="Height"/> pixels and at most 60 KB; where the picture would be larger
    /// (a big noisy heatmap), it is drawn with fewer pixels. The same bytes on every machine with the same processor family.
    /// </summary>
    /// <exception cref="InvalidInputException">A series or heatmap has unequal counts, or an axis range is impossible.</exception>
    public byte[] ToPng() => PngRendering.Render(this);

    /// <summary>A chart of one line; <see cref="With"/> and <see cref="WithReference"/> add to it.</summary>
    /// <example><code>Chart.Line("Training loss", steps, losses, "step", "nats per token").WithReference("nanoGPT", 1.898)</code></example>
    public static Chart Line(string title, IEnumerable<double> x, IEnumerable<double> y, string xLabel = "", string yLabel = "", string name = "") =>
        new Chart(title) { XLabel = xLabel, YLabel = yLabel }.With(name, x, y);

    /// <summary>A chart of unconnected points.</summary>
    public static Chart Points(string title, IEnumerable<double> x, IEnumerable<double> y, string xLabel = "", string yLabel = "", string name = "") =>
        new Chart(title) { XLabel = xLabel, YLabel = yLabel }.With(name, x, y, Mark.Points);

    /// <summary>One bar a category, with symmetric error bars where <paramref name="errors"/> are given.</summary>
    public static Chart Bars(string title, IReadOnlyList<string> categories, IEnumerable<double> values, string yLabel = "", IReadOnlyList<double>? errors = null, string name = "") =>
        Bars(title, categories, [new Series(name, [], [.. values]) { Errors = errors }], yLabel);

    /// <summary>
    /// Bars side by side (or <see cref="Stacked"/>), one of each group in each category. Only the groups' names, values and errors count:
    /// their positions are the categories'.
    /// </summary>
    public static Chart Bars(string title, IReadOnlyList<string> categories, IEnumerable<Series> groups, string yLabel = "") =>
        new(title)
        {
            Categories = categories,
            YLabel = yLabel,
            Series = [.. groups.Select(group => group with { X = [.. Enumerable.Range(0, categories.Count).Select(i => (double)i)], Mark = Mark.Bars })],
        };

    /// <summary>How often values fall into each of <paramref name="bins"/> intervals of equal width between the smallest and the largest.</summary>
    /// <param name="title">Title.</param>
    /// <param name="values">Any number of values; those that are not finite are left out.</param>
    /// <param name="xLabel">What the values are, with their unit.</param>
    /// <param name="bins">Number of intervals, at least 1.</param>
    public static Chart Histogram(string title, IEnumerable<double> values, string xLabel = "", int bins = 30)
    {
        if (bins < 1) throw new InvalidInputException($"The histogram \"{title}\" asks for {bins} bins; give at least 1.");
        var finite = values.Where(double.IsFinite).ToArray();
        if (finite.Length == 0) return new Chart(title) { XLabel = xLabel, YLabel = "count" };
        var (low, high) = (finite.Min(), finite.Max());
        var width = high > low ? (high - low) / bins : 1.0;
        var counts = new double[high > low ? bins : 1];
        foreach (var value in finite) counts[Math.Min((int)((value - low) / width), counts.Length - 1)]++;
        var first = high > low ? low + width / 2 : low;
        return new Chart(title) { XLabel = xLabel, YLabel = "count" }
            .With("", Enumerable.Range(0, counts.Length).Select(bin => first + bin * width), counts, Mark.Bars);
    }

    /// <summary>A matrix as colours, rows from the top; for attention maps and confusion tables.</summary>
    public static Chart Matrix(string title, double[,] values, IReadOnlyList<string> rows, IReadOnlyList<string> columns, string xLabel = "", string yLabel = "", bool showValues = false) =>
        new(title) { Heatmap = new Heatmap(values, rows, columns, showValues), XLabel = xLabel, YLabel = yLabel };

    /// <summary>This chart with one series more.</summary>
    public Chart With(string name, IEnumerable<double> x, IEnumerable<double> y, Mark mark = Mark.Line, IReadOnlyList<double>? errors = null) =>
        this with { Series = [.. Series, new Series(name, [.. x], [.. y]) { Mark = mark, Errors = errors }] };

    /// <summary>This chart with a dashed horizontal line from its smallest to its largest X, for a published or required figure.</summary>
    public Chart WithReference(string name, double y)
    {
        var x = Series.SelectMany(series => series.X).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var ends = Categories is { Count: > 0 } categories ? [-0.5, categories.Count - 0.5] : new[] { x.Min(), x.Max() };
        return this with { Series = [.. Series, new Series(name, ends, [y, y]) { Dashed = true }] };
    }
}
