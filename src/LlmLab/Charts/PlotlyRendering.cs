using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Charts;

/// <summary>
/// A chart as the JSON that plotly.js draws. Written directly: the whole figure is some twenty attributes, and it needs no template
/// file, so that every host (VS Code, JupyterLab, the classic Notebook, a page) draws the same.
/// </summary>
static class PlotlyRendering
{
    /// <summary>Lines with more points than this go without a marker at each, and show their errors as a band.</summary>
    public const int MostMarkedPoints = 25;

    static readonly JsonSerializerOptions plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Render(Chart chart)
    {
        ChartChecks.Check(chart);
        var data = new JsonArray();
        if (chart.Heatmap is { } heatmap) data.Add(HeatmapTrace(heatmap));
        else
            for (var i = 0; i < chart.Series.Count; i++)
                foreach (var trace in Traces(chart, chart.Series[i], ChartColors.OfSeries(i)))
                    data.Add(trace);
        var figure = new JsonObject
        {
            ["data"] = data,
            ["layout"] = Layout(chart),
            ["config"] = new JsonObject { ["displaylogo"] = false, ["responsive"] = true },
        };
        return figure.ToJsonString(plain);
    }

    static IEnumerable<JsonObject> Traces(Chart chart, Series series, string color)
    {
        var band = series.Errors is not null && series.Mark is Mark.Line or Mark.Area or Mark.Step && series.Y.Count > MostMarkedPoints;
        if (band) yield return BandTrace(chart, series, color);
        yield return series.Mark == Mark.Bars ? BarTrace(chart, series, color, band) : ScatterTrace(chart, series, color, band);
    }

    static JsonObject ScatterTrace(Chart chart, Series series, string color, bool band)
    {
        var marked = series.Mark == Mark.Points || series.Mark == Mark.Line && !series.Dashed && series.Y.Count <= MostMarkedPoints;
        var mode = series.Mark == Mark.Points ? "markers" : marked ? "lines+markers" : "lines";
        var trace = Common(chart, series, "scatter", band);
        trace["mode"] = series.ShowLabels && series.Labels is not null ? mode + "+text" : mode;
        trace["textposition"] = "top center";
        if (series.Mark != Mark.Points)
        {
            trace["line"] = new JsonObject { ["color"] = color, ["width"] = 2 };
            if (series.Dashed) trace["line"]!["dash"] = "dash";
            if (series.Mark == Mark.Step) trace["line"]!["shape"] = "hv";
        }
        if (marked) trace["marker"] = new JsonObject { ["color"] = color, ["size"] = 7 };
        if (series.Mark == Mark.Area)
        {
            trace["fill"] = "tozeroy";
            trace["fillcolor"] = Translucent(color, 0.25);
        }
        return trace;
    }

    static JsonObject BarTrace(Chart chart, Series series, string color, bool band)
    {
        var trace = Common(chart, series, "bar", band);
        trace["marker"] = new JsonObject { ["color"] = color };
        trace["textposition"] = series.ShowLabels ? "outside" : "none";
        return trace;
    }

    static JsonObject Common(Chart chart, Series series, string type, bool band)
    {
        var trace = new JsonObject
        {
            ["type"] = type,
            ["name"] = series.Name,
            ["showlegend"] = series.Name.Length > 0,
            ["x"] = Numbers(series.X),
            ["y"] = Numbers(series.Y),
        };
        if (series.RightAxis) trace["yaxis"] = "y2";
        if (series.Errors is { } errors && !band)
        {
            var bars = new JsonObject { ["type"] = "data", ["array"] = Numbers(errors), ["visible"] = true, ["thickness"] = 1.2, ["width"] = 4 };
            if (series.ErrorsBelow is { } below) (bars["symmetric"], bars["arrayminus"]) = (false, Numbers(below));
            trace["error_y"] = bars;
        }
        if (series.Labels is { } labels)
        {
            trace["text"] = Strings(labels);
            trace["hovertemplate"] = "%{text}<br>%{x}: %{y}<extra>" + (series.Name.Length > 0 ? "%{fullData.name}" : "") + "</extra>";
        }
        return trace;
    }

    /// <summary>The band between the errors' ends as one closed outline.</summary>
    static JsonObject BandTrace(Chart chart, Series series, string color)
    {
        var (above, below) = (series.Errors!, series.ErrorsBelow ?? series.Errors!);
        var shown = Enumerable.Range(0, series.Y.Count).Where(i => double.IsFinite(series.Y[i]) && double.IsFinite(above[i]) && double.IsFinite(below[i])).ToArray();
        var trace = new JsonObject
        {
            ["type"] = "scatter",
            ["mode"] = "lines",
            ["x"] = Numbers([.. shown.Concat(shown.Reverse()).Select(i => series.X[i])]),
            ["y"] = Numbers([.. shown.Select(i => series.Y[i] + above[i]).Concat(shown.Reverse().Select(i => series.Y[i] - below[i]))]),
            ["fill"] = "toself",
            ["fillcolor"] = Translucent(color, 0.18),
            ["line"] = new JsonObject { ["width"] = 0 },
            ["hoverinfo"] = "skip",
            ["showlegend"] = false,
        };
        if (series.RightAxis) trace["yaxis"] = "y2";
        return trace;
    }

    static JsonObject HeatmapTrace(Heatmap heatmap)
    {
        var (rows, columns) = (heatmap.Values.GetLength(0), heatmap.Values.GetLength(1));
        var scale = HeatmapScale.For(heatmap.Values);
        var values = new JsonArray();
        for (var row = 0; row < rows; row++)
            values.Add(Numbers([.. Enumerable.Range(0, columns).Select(column => heatmap.Values[row, column])]));
        var ramp = new JsonArray();
        for (var i = 0; i < scale.Ramp.Count; i++) ramp.Add(new JsonArray((double)i / (scale.Ramp.Count - 1), scale.Ramp[i]));
        var trace = new JsonObject
        {
            ["type"] = "heatmap",
            ["z"] = values,
            ["zmin"] = scale.Low,
            ["zmax"] = scale.High,
            ["colorscale"] = ramp,
            ["xgap"] = 1,
            ["ygap"] = 1,
            ["hovertemplate"] = "%{y} → %{x}: %{z}<extra></extra>",
        };
        if (heatmap.ShowValues) trace["texttemplate"] = "%{z:.3~g}";
        return trace;
    }

    static JsonObject Layout(Chart chart)
    {
        var named = chart.Series.Count(series => series.Name.Length > 0);
        var layout = new JsonObject
        {
            ["title"] = new JsonObject { ["text"] = Escaped(chart.Title), ["x"] = 0.5, ["xanchor"] = "center", ["font"] = new JsonObject { ["size"] = 16 } },
            ["width"] = chart.Width,
            ["height"] = chart.Height,
            ["margin"] = new JsonObject { ["l"] = 60, ["r"] = 30, ["t"] = 56, ["b"] = 50 },
            ["paper_bgcolor"] = "#FFFFFF",
            ["plot_bgcolor"] = "#FFFFFF",
            ["font"] = new JsonObject { ["family"] = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif", ["size"] = 12, ["color"] = ChartColors.Text },
            ["colorway"] = Strings(ChartColors.Series),
            ["xaxis"] = Axis(chart.XLabel, chart.LogX, null),
            ["yaxis"] = Axis(chart.YLabel, chart.LogY, chart.YRange),
            ["showlegend"] = chart.Heatmap is null && named > 0,
            ["hovermode"] = chart.Series.All(series => series.Mark != Mark.Points) && chart.Heatmap is null ? "x unified" : "closest",
            ["barmode"] = chart.Stacked ? "stack" : "group",
        };
        // Beside the plot, where it covers nothing; long names go below instead, where they have the whole width.
        layout["legend"] = LegendBelow(chart)
            ? new JsonObject { ["orientation"] = "h", ["x"] = 0.5, ["xanchor"] = "center", ["y"] = -0.2, ["yanchor"] = "top" }
            : new JsonObject { ["x"] = 1.02, ["y"] = 1 };
        if (chart.Series.Any(series => series.RightAxis))
        {
            var right = Axis(chart.RightLabel, false, null);
            right["overlaying"] = "y";
            right["side"] = "right";
            right["showgrid"] = false;
            right["tickmode"] = "auto"; // round numbers of its own, instead of the left axis' positions
            right["nticks"] = 7;
            layout["yaxis2"] = right;
        }
        if (chart.Heatmap is { } heatmap) LabelCells(layout, heatmap);
        else if (chart.Categories is { } categories) LabelPositions(layout["xaxis"]!, categories);
        return layout;
    }

    /// <summary>Whether the legend's longest name would take too much of the width beside the plot, or a second axis stands there.</summary>
    public static bool LegendBelow(Chart chart) => chart.Series.Any(series => series.Name.Length > 24 || series.RightAxis);

    static JsonObject Axis(string label, bool logarithmic, (double Low, double High)? range)
    {
        var axis = new JsonObject
        {
            ["title"] = new JsonObject { ["text"] = Escaped(label), ["standoff"] = 10 },
            ["gridcolor"] = ChartColors.Grid,
            ["linecolor"] = ChartColors.Frame,
            ["showline"] = true,
            ["zeroline"] = false,
            ["ticks"] = "outside",
            ["tickcolor"] = ChartColors.Frame,
            ["automargin"] = true,
            ["type"] = logarithmic ? "log" : "linear",
        };
        if (range is { } ends)
            axis["range"] = Numbers(logarithmic ? [Math.Log10(ends.Low), Math.Log10(ends.High)] : [ends.Low, ends.High]);
        return axis;
    }

    // Positions stay numbers with named ticks: a category axis would merge equal names (two tokens "the" of an attention map).
    static void LabelPositions(JsonNode axis, IReadOnlyList<string> names)
    {
        axis["tickmode"] = "array";
        axis["tickvals"] = Numbers([.. Enumerable.Range(0, names.Count).Select(i => (double)i)]);
        axis["ticktext"] = Strings([.. names.Select(Escaped)]);
        axis["range"] = Numbers([-0.5, names.Count - 0.5]);
    }

    static void LabelCells(JsonObject layout, Heatmap heatmap)
    {
        LabelPositions(layout["xaxis"]!, heatmap.ColumnLabels);
        LabelPositions(layout["yaxis"]!, heatmap.RowLabels);
        layout["yaxis"]!["range"] = Numbers([heatmap.RowLabels.Count - 0.5, -0.5]); // the first row on top
        foreach (var name in (string[])["xaxis", "yaxis"]) layout[name]!["showgrid"] = false;
    }

    static JsonArray Numbers(IReadOnlyList<double> values)
    {
        var array = new JsonArray();
        foreach (var value in values) array.Add(Number(value));
        return array;
    }

    // Nine digits are more than a screen resolves and half the bytes of seventeen; JSON has no NaN, and null leaves a gap.
    static JsonNode? Number(double value) =>
        double.IsFinite(value) ? JsonValue.Create(double.Parse(value.ToString("G9", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)) : null;

    static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode?)value)]);

    // Plotly reads a small HTML in labels: a token such as "<b>" must stay visible.
    static string Escaped(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    static string Translucent(string color, double alpha)
    {
        var (red, green, blue) = ChartColors.At([color, color], 0);
        return string.Create(CultureInfo.InvariantCulture, $"rgba({red},{green},{blue},{alpha})");
    }
}
