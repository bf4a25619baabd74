using System.Text.Json;
using System.Text.Json.Nodes;
using LlmLab.Charts;

namespace LlmLab.Notebooks.Display;

/// <summary>
/// Reads the common part of a Plotly figure (lines, points, bars and areas over numbers or categories) as a <see cref="Chart"/>,
/// so that it has a picture where no script runs. Anything else has none.
/// </summary>
static class PlotlyFigure
{
    /// <summary>The figure as a chart, or null where it holds what a chart cannot show.</summary>
    public static Chart? TryChart(JsonObject figure)
    {
        var traces = figure["data"] is JsonArray data ? data.OfType<JsonObject>().ToList() : [];
        if (traces.Count == 0) return null;
        // Names on the horizontal axis, in order of appearance, if any trace has names there.
        var names = traces.SelectMany(t => t["x"] as JsonArray ?? []).OfType<JsonValue>().Where(v => v.GetValueKind() == JsonValueKind.String).Select(v => v.ToString()).Distinct().ToList();
        var series = traces.Select(t => Series(t, names)).ToList();
        if (series.Contains(null)) return null;
        var layout = figure["layout"] as JsonObject;
        return new Chart(Title(layout?["title"]))
        {
            Series = series!,
            Categories = names.Count > 0 ? names : null,
            XLabel = Title(layout?["xaxis"]?["title"]),
            YLabel = Title(layout?["yaxis"]?["title"]),
            LogX = layout?["xaxis"]?["type"]?.ToString() == "log",
            LogY = layout?["yaxis"]?["type"]?.ToString() == "log",
            Stacked = layout?["barmode"]?.ToString() == "stack",
        };
    }

    /// <summary>A title is a string or an object with a text.</summary>
    public static string Title(JsonNode? node) => node is JsonObject titled ? titled["text"]?.ToString() ?? "" : node?.ToString() ?? "";

    static Series? Series(JsonObject trace, List<string> names)
    {
        Mark? mark = (trace["type"]?.ToString() ?? "scatter", trace["mode"]?.ToString(), trace["fill"]) switch
        {
            ("bar", _, _) when trace["orientation"]?.ToString() != "h" => Mark.Bars,
            ("scatter" or "scattergl", _, not null) => Mark.Area,
            ("scatter" or "scattergl", "markers", _) => Mark.Points,
            ("scatter" or "scattergl", null or "lines" or "lines+markers", _) => Mark.Line,
            _ => null,
        };
        if (mark is null || trace["y"] is not JsonArray heights || Numbers(heights) is not { Count: > 0 } y) return null;
        IReadOnlyList<double>? x = trace["x"] switch
        {
            null => [.. Enumerable.Range(0, y.Count).Select(i => (double)i)],
            JsonArray places when names.Count > 0 => [.. places.Select(p => (double)names.IndexOf(p?.ToString() ?? ""))],
            JsonArray places => Numbers(places),
            _ => null,
        };
        return x is null || x.Count != y.Count || x.Contains(-1) && names.Count > 0 ? null : new Series(trace["name"]?.ToString() ?? "", x, y) { Mark = mark.Value };
    }

    // A gap in a line is null in JSON.
    static List<double>? Numbers(JsonArray array)
    {
        var numbers = new List<double>(array.Count);
        foreach (var item in array)
        {
            if (item is null) numbers.Add(double.NaN);
            else if (item.GetValueKind() == JsonValueKind.Number) numbers.Add(item.GetValue<double>());
            else return null;
        }
        return numbers;
    }
}
