namespace LlmLab.Charts;

/// <summary>How a series is drawn.</summary>
public enum Mark { Line, Points, Bars, Area, Step }

/// <summary>One named series of a chart.</summary>
/// <param name="Name">Legend entry; empty for none.</param>
/// <param name="X">Positions. With <see cref="Chart.Categories"/>, the index of the category.</param>
/// <param name="Y">Values, as many as <paramref name="X"/>. NaN breaks a line.</param>
public sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>How it is drawn.</summary>
    public Mark Mark { get; init; } = Mark.Line;
    /// <summary>Half-widths of symmetric error bars (standard errors, say), or null.</summary>
    public IReadOnlyList<double>? Errors { get; init; }
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
}
