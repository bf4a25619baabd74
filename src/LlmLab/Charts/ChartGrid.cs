using System.Globalization;
using System.Text.Json.Nodes;
using SkiaSharp;

namespace LlmLab.Charts;

/// <summary>Several charts as one picture, row by row: what belongs together and is updated together. Charts with a right axis or a heatmap stand alone.</summary>
/// <param name="Title">What they show.</param>
/// <param name="Charts">The charts; the first one's size is that of each place.</param>
/// <param name="Columns">Charts a row.</param>
public sealed record ChartGrid(string Title, IReadOnlyList<Chart> Charts, int Columns = 2)
{
    const double Gap = 0.11;

    int Rows => (Charts.Count + Columns - 1) / Columns;

    /// <summary>All as one figure of Plotly's, with axes of their own.</summary>
    /// <exception cref="InvalidInputException">There is none, or one has a right axis or a heatmap.</exception>
    public string ToPlotlyJson()
    {
        Check();
        var (data, layout, titles) = (new JsonArray(), new JsonObject(), new JsonArray());
        for (int i = 0; i < Charts.Count; i++)
        {
            var figure = JsonNode.Parse(Charts[i].ToPlotlyJson())!;
            if (i == 0) layout = Shared(figure["layout"]!.AsObject());
            string number = i == 0 ? "" : (i + 1).ToString(CultureInfo.InvariantCulture);
            foreach (var trace in figure["data"]!.AsArray())
            {
                var copy = trace!.DeepClone().AsObject();
                (copy["xaxis"], copy["yaxis"]) = ("x" + number, "y" + number);
                // One entry in the legend for what is called the same in several charts.
                copy["legendgroup"] = copy["name"]?.DeepClone();
                if (i > 0) copy["showlegend"] = false;
                data.Add((JsonNode)copy);
            }
            var (left, right, bottom, top) = Place(i);
            layout["xaxis" + number] = Axis(figure["layout"]!["xaxis"], left, right, "y" + number);
            layout["yaxis" + number] = Axis(figure["layout"]!["yaxis"], bottom, top, "x" + number);
            titles.Add((JsonNode)new JsonObject { ["text"] = Charts[i].Title, ["showarrow"] = false, ["xref"] = "paper", ["yref"] = "paper", ["x"] = (left + right) / 2, ["y"] = top, ["xanchor"] = "center", ["yanchor"] = "bottom" });
        }
        layout["annotations"] = titles;
        return new JsonObject { ["data"] = data, ["layout"] = layout, ["config"] = new JsonObject { ["displaylogo"] = false, ["responsive"] = true } }.ToJsonString();
    }

    /// <summary>All as one PNG of at most 60 KB with a palette of 256 colours, drawn with fewer pixels where it would be larger.</summary>
    /// <exception cref="InvalidInputException">There is none, or one has a right axis or a heatmap.</exception>
    public byte[] ToPng()
    {
        Check();
        return PngRendering.Fitting(scale =>
        {
            var (width, height) = ((int)(Charts[0].Width * scale), (int)(Charts[0].Height * scale));
            using var surface = SKSurface.Create(new SKImageInfo(width * Columns, height * Rows, SKColorType.Rgba8888, SKAlphaType.Premul));
            surface.Canvas.Clear(SKColors.White);
            for (int i = 0; i < Charts.Count; i++)
            {
                using var tile = PngRendering.Draw(Charts[i] with { Width = Charts[0].Width, Height = Charts[0].Height }, scale);
                surface.Canvas.DrawImage(tile, i % Columns * width, i / Columns * height);
            }
            using var image = surface.Snapshot();
            using var pixels = image.PeekPixels();
            return PalettePng.Encode(pixels.GetPixelSpan<uint>(), width * Columns, height * Rows);
        });
    }

    void Check()
    {
        if (Charts.Count == 0 || Columns < 1) throw new InvalidInputException($"The grid of charts \"{Title}\" is empty: give at least one chart and one column.");
        if (Charts.FirstOrDefault(c => c.Heatmap is not null || c.Series.Any(s => s.RightAxis)) is { } chart)
            throw new InvalidInputException($"The chart \"{chart.Title}\" has a heatmap or a right axis and cannot be part of a grid: show it alone.");
    }

    (double Left, double Right, double Bottom, double Top) Place(int i)
    {
        double width = (1 - Gap * (Columns - 1)) / Columns, gap = Rows == 1 ? 0 : 0.16, height = (1 - gap * (Rows - 1)) / Rows;
        double left = i % Columns * (width + Gap), bottom = 1 - height - i / Columns * (height + gap);
        return (left, left + width, Math.Max(0, bottom), Math.Max(0, bottom) + height);
    }

    JsonObject Shared(JsonObject first)
    {
        var layout = first.DeepClone().AsObject();
        foreach (string own in (string[])["xaxis", "yaxis", "title", "annotations"]) layout.Remove(own);
        layout["title"] = new JsonObject { ["text"] = Title };
        (layout["width"], layout["height"]) = (Charts[0].Width * Columns, Charts[0].Height * Rows + 80);
        layout["legend"] = new JsonObject { ["orientation"] = "h", ["x"] = 0.5, ["xanchor"] = "center", ["y"] = -0.12, ["yanchor"] = "top" };
        return layout;
    }

    static JsonObject Axis(JsonNode? axis, double from, double to, string anchor)
    {
        var copy = axis?.DeepClone().AsObject() ?? [];
        (copy["domain"], copy["anchor"]) = (new JsonArray(from, to), anchor);
        return copy;
    }
}
