using System.Globalization;
using System.Text.Json.Nodes;
using LlmLab.Charts;

namespace LlmLab.Notebooks.Display;

/// <summary>
/// A chart of this library: Plotly's figure, a picture and a line of text. No HTML, which several front ends prefer to a picture
/// and would show empty without Plotly's script.
/// </summary>
static class LabCharts
{
    public static MimeBundle? Format(object value) => value switch
    {
        Chart chart => Bundle(chart, JsonNode.Parse(chart.ToPlotlyJson())!),
        ChartGrid grid => Bundle(Summary(grid), JsonNode.Parse(grid.ToPlotlyJson())!, grid.ToPng(), grid.Charts[0].Width * grid.Columns, grid.Charts[0].Height * ((grid.Charts.Count + grid.Columns - 1) / grid.Columns)),
        _ => null,
    };

    /// <param name="picture">What to draw as a picture.</param>
    /// <param name="figure">What interactive front ends get.</param>
    public static MimeBundle Bundle(Chart picture, JsonNode figure) => Bundle(Summary(picture), figure, picture.ToPng(), picture.Width, picture.Height);

    static MimeBundle Bundle(string summary, JsonNode figure, byte[] png, int width, int height) => new(new Dictionary<string, JsonNode>
    {
        [MimeTypes.Plain] = JsonValue.Create(summary),
        [MimeTypes.Plotly] = figure,
        [MimeTypes.Png] = JsonValue.Create(Convert.ToBase64String(png)),
    })
    {
        Metadata = new JsonObject { [MimeTypes.Png] = new JsonObject { ["width"] = width, ["height"] = height } },
    };

    static string Summary(ChartGrid grid) => $"Charts \"{grid.Title}\": {string.Join(", ", grid.Charts.Select(c => c.Title))}";

    static string Summary(Chart chart)
    {
        string content = chart.Heatmap is { } map
            ? $"heatmap of {map.Values.GetLength(0)} × {map.Values.GetLength(1)} values"
            : string.Join(", ", chart.Series.Select(s => $"{(s.Name.Length > 0 ? s.Name : "series")} ({s.Y.Count.ToString("N0", CultureInfo.InvariantCulture)} points)"));
        return $"Chart{(chart.Title.Length > 0 ? $" \"{chart.Title}\"" : "")}: {content}";
    }
}

/// <summary>A Plotly.NET chart: the figure for interactive front ends, a line of text, and a picture of what can be drawn here.</summary>
static class PlotlyCharts
{
    public static MimeBundle? Format(object value)
    {
        if (value is not Plotly.NET.GenericChart chart) return null;
        var figure = JsonNode.Parse(Plotly.NET.GenericChart.toFigureJson(chart))!.AsObject();
        if (PlotlyFigure.TryChart(figure) is { } picture) return LabCharts.Bundle(picture, figure);
        var traces = figure["data"]!.AsArray().OfType<JsonObject>();
        string title = PlotlyFigure.Title(figure["layout"]?["title"]);
        string series = string.Join(", ", traces.Select(t => $"{t["name"]?.ToString() ?? "series"} ({t["type"]?.ToString() ?? "scatter"})"));
        return new MimeBundle(new Dictionary<string, JsonNode>
        {
            [MimeTypes.Plain] = JsonValue.Create($"Chart{(title.Length > 0 ? $" \"{title}\"" : "")}: {series}"),
            [MimeTypes.Plotly] = figure,
        });
    }
}

/// <summary>A ScottPlot plot: a picture.</summary>
static class ScottPlots
{
    const int Width = 760, Height = 420;

    public static MimeBundle? Format(object value)
    {
        if (value is not ScottPlot.Plot plot) return null;
        ChartFont.Register();
        byte[] picture = plot.GetImageBytes(Width, Height, ScottPlot.ImageFormat.Png);
        return new MimeBundle(new Dictionary<string, JsonNode>
        {
            [MimeTypes.Plain] = JsonValue.Create($"Plot, {Width} × {Height} pixels"),
            [MimeTypes.Png] = JsonValue.Create(Convert.ToBase64String(picture)),
        })
        {
            Metadata = new JsonObject { [MimeTypes.Png] = new JsonObject { ["width"] = Width, ["height"] = Height } },
        };
    }
}
