using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Display;

/// <summary>A Plotly.NET chart: the figure for interactive front ends and a line of text.</summary>
static class PlotlyCharts
{
    public static MimeBundle? Format(object value)
    {
        if (value is not Plotly.NET.GenericChart chart) return null;
        var figure = JsonNode.Parse(Plotly.NET.GenericChart.toFigureJson(chart))!.AsObject();
        return new MimeBundle(new Dictionary<string, JsonNode>
        {
            [MimeTypes.Plain] = JsonValue.Create(Summary(figure)),
            [MimeTypes.Plotly] = figure,
        });
    }

    static string Summary(JsonObject figure)
    {
        var traces = figure["data"]?.AsArray().OfType<JsonObject>().ToList() ?? [];
        var title = figure["layout"]?["title"] is JsonObject named ? named["text"]?.ToString() : figure["layout"]?["title"]?.ToString();
        string series = string.Join(", ", traces.Select(t => $"{t["name"]?.ToString() ?? "series"} ({t["type"]?.ToString() ?? "scatter"})"));
        return $"Chart{(string.IsNullOrEmpty(title) ? "" : $" \"{title}\"")}: {series}";
    }
}

/// <summary>A ScottPlot plot: a picture.</summary>
static class ScottPlots
{
    const int Width = 760, Height = 420;

    public static MimeBundle? Format(object value)
    {
        if (value is not ScottPlot.Plot plot) return null;
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
