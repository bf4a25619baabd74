using System.Text.Json.Nodes;
using LlmLab.Charts;

namespace LlmLab.Tests.Charts;

public sealed class ChartGridTests
{
    static readonly Chart line = Chart.Line("line", [0, 1], [2, 3], "x", "y", name: "a");

    [Fact]
    public void ToPlotlyJson_ThreeInTwoColumns_HaveAxesThatDoNotOverlap()
    {
        var layout = JsonNode.Parse(new ChartGrid("three", [line, line, line]).ToPlotlyJson())!["layout"]!;
        double[] Domain(string axis) => [.. layout[axis]!["domain"]!.AsArray().Select(v => (double)v!)];
        Assert.True(Domain("xaxis")[1] < Domain("xaxis2")[0]);
        Assert.Equal(Domain("xaxis"), Domain("xaxis3"));
        Assert.True(Domain("yaxis3")[1] < Domain("yaxis")[0]);
        Assert.Equal("y3", (string?)layout["xaxis3"]!["anchor"]);
    }

    [Fact]
    public void ToPng_Grid_IsOnePictureOfAllPlaces()
    {
        byte[] png = new ChartGrid("three", [line, line, line]).ToPng();
        using var image = SkiaSharp.SKBitmap.Decode(png);
        Assert.Equal(image.Width, (int)Math.Round(image.Height * 760.0 / 420), 2.0);
        Assert.InRange(png.Length, 1, 60_000);
    }

    [Fact]
    public void ToPng_EmptyGridOrRightAxis_IsRefused()
    {
        Assert.Throws<InvalidInputException>(() => new ChartGrid("none", []).ToPng());
        var right = line with { Series = [line.Series[0] with { RightAxis = true }] };
        Assert.Contains("right axis", Assert.Throws<InvalidInputException>(() => new ChartGrid("r", [right]).ToPlotlyJson()).Message);
    }
}
