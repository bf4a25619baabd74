using System.Text.Json;
using LlmLab.Charts;

namespace LlmLab.Tests.Charts;

public sealed class PlotlyRenderingTests
{
    [Fact]
    public void ToPlotlyJson_Line_IsTheFigureThatPlotlyDraws()
    {
        var figure = Figure(Chart.Line("Loss", [1, 2, 3], [3, 2.5, 2.25], "step", "nats", "training") with { LogX = true });

        var trace = figure.GetProperty("data")[0];
        Assert.Equal("scatter", trace.GetProperty("type").GetString());
        Assert.Equal("lines+markers", trace.GetProperty("mode").GetString());
        Assert.Equal("training", trace.GetProperty("name").GetString());
        Assert.Equal([1, 2, 3], Numbers(trace.GetProperty("x")));
        Assert.Equal([3, 2.5, 2.25], Numbers(trace.GetProperty("y")));
        var layout = figure.GetProperty("layout");
        Assert.Equal("Loss", layout.GetProperty("title").GetProperty("text").GetString());
        Assert.Equal("log", layout.GetProperty("xaxis").GetProperty("type").GetString());
        Assert.Equal("linear", layout.GetProperty("yaxis").GetProperty("type").GetString());
        Assert.Equal("nats", layout.GetProperty("yaxis").GetProperty("title").GetProperty("text").GetString());
        Assert.True(layout.GetProperty("showlegend").GetBoolean());
    }

    [Fact]
    public void ToPlotlyJson_NotANumber_LeavesAGap()
    {
        var trace = Figure(Chart.Line("", [0, 1, 2], [1, double.NaN, double.PositiveInfinity])).GetProperty("data")[0];

        Assert.Equal("[1,null,null]", trace.GetProperty("y").GetRawText());
    }

    [Fact]
    public void ToPlotlyJson_ReferenceOnRightAxis_IsDashedOnSecondAxis()
    {
        var figure = Figure(new Chart("") { Series = [new Series("r", [0, 1], [1, 1]) { Dashed = true, RightAxis = true }], RightLabel = "rate" });

        var trace = figure.GetProperty("data")[0];
        Assert.Equal("dash", trace.GetProperty("line").GetProperty("dash").GetString());
        Assert.Equal("y2", trace.GetProperty("yaxis").GetString());
        Assert.Equal("right", figure.GetProperty("layout").GetProperty("yaxis2").GetProperty("side").GetString());
    }

    [Fact]
    public void ToPlotlyJson_ErrorsOfALongLine_AreABandAroundIt()
    {
        var x = Enumerable.Range(0, 100).Select(i => (double)i).ToArray();
        var data = Figure(new Chart("").With("mean", x, x, errors: [.. x.Select(_ => 2.0)])).GetProperty("data");

        Assert.Equal(2, data.GetArrayLength());
        Assert.Equal("toself", data[0].GetProperty("fill").GetString());
        Assert.Equal(200, data[0].GetProperty("y").GetArrayLength());
        Assert.Equal(2, data[0].GetProperty("y")[0].GetDouble());
        Assert.Equal(-2, data[0].GetProperty("y")[199].GetDouble());
    }

    [Fact]
    public void ToPlotlyJson_ErrorsBelow_ReachDownAsFarAsTheySay()
    {
        var bars = Figure(Chart.Bars("", ["a", "b"], [new Series("", [], [0.9, 0.5]) { Errors = [0.05, 0.1], ErrorsBelow = [0.2, 0.1] }])).GetProperty("data")[0].GetProperty("error_y");
        Assert.False(bars.GetProperty("symmetric").GetBoolean());
        Assert.Equal([0.05, 0.1], Numbers(bars.GetProperty("array")));
        Assert.Equal([0.2, 0.1], Numbers(bars.GetProperty("arrayminus")));

        double[] x = [.. Enumerable.Range(0, 40).Select(i => (double)i)];
        var band = Figure(new Chart("") { Series = [new Series("", x, x) { Errors = [.. x.Select(_ => 1.0)], ErrorsBelow = [.. x.Select(_ => 3.0)] }] }).GetProperty("data")[0];
        Assert.Equal(x.Select(y => y + 1).Concat(x.Reverse().Select(y => y - 3)), Numbers(band.GetProperty("y")));
        Assert.Contains("errors below", Assert.Throws<InvalidInputException>(() => Chart.Bars("", ["a"], [new Series("", [], [1]) { ErrorsBelow = [1] }]).ToPlotlyJson()).Message);
    }

    [Fact]
    public void ToPlotlyJson_Bars_HaveErrorBarsAndNamedPositions()
    {
        var figure = Figure(Chart.Bars("", ["a", "<b>"], [1, 2], errors: [0.1, 0.2]));

        Assert.Equal([0.1, 0.2], Numbers(figure.GetProperty("data")[0].GetProperty("error_y").GetProperty("array")));
        Assert.Equal("&lt;b&gt;", figure.GetProperty("layout").GetProperty("xaxis").GetProperty("ticktext")[1].GetString());
    }

    [Fact]
    public void ToPlotlyJson_Heatmap_HasItsFirstRowOnTop()
    {
        var figure = Figure(Chart.Matrix("", new double[,] { { 1, 2, 3 }, { 4, 5, 6 } }, ["r0", "r1"], ["same", "same", "other"]));

        Assert.Equal("[[1,2,3],[4,5,6]]", figure.GetProperty("data")[0].GetProperty("z").GetRawText());
        Assert.Equal([1.5, -0.5], Numbers(figure.GetProperty("layout").GetProperty("yaxis").GetProperty("range")));
        Assert.Equal(3, figure.GetProperty("layout").GetProperty("xaxis").GetProperty("ticktext").GetArrayLength());
    }

    [Fact]
    public void Histogram_OfValues_CountsEachOnce()
    {
        var chart = Chart.Histogram("", [0, 0.1, 0.5, 0.9, 1, double.NaN], bins: 2);

        Assert.Equal([2, 3], chart.Series[0].Y);
        Assert.Equal([0.25, 0.75], chart.Series[0].X);
    }

    [Fact]
    public void Render_UnequalCounts_IsRefusedWithTheNameOfTheSeries()
    {
        var chart = new Chart("Loss").With("training", [1, 2], [1]);

        Assert.Contains("training", Assert.Throws<InvalidInputException>(chart.ToPlotlyJson).Message);
        Assert.Throws<InvalidInputException>(() => chart.ToPng());
        Assert.Throws<InvalidInputException>(() => Chart.Matrix("", new double[1, 2], ["r"], ["c"]).ToPng());
        Assert.Throws<InvalidInputException>(() => (Chart.Bars("", ["a"], [1]) with { Series = [new Series("", [3], [1])] }).ToPng());
        Assert.Throws<InvalidInputException>(() => (Chart.Line("", [1], [1]) with { LogY = true, YRange = (0, 1) }).ToPng());
    }

    static JsonElement Figure(Chart chart) => JsonDocument.Parse(chart.ToPlotlyJson()).RootElement;

    static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];
}
