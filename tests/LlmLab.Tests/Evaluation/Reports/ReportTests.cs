using System.Text.Json;
using LlmLab.Charts;
using LlmLab.Evaluation.Classification;
using LlmLab.Evaluation.Reports;
using LlmLab.Evaluation.Statistics;
using LlmLab.Tests.Data;

namespace LlmLab.Tests.Evaluation;

public sealed class ReportTests
{
    static readonly ScoreTable table = new("Suite", ["guide", "untrained"],
    [
        new("company|facts", "exact_match", [Estimate.OfShare(61, 100), Estimate.OfShare(2, 100)]),
        new("order", "accuracy", [new(double.NaN, double.NaN, 0, double.NaN, double.NaN), null]),
    ]);

    [Fact]
    public void Table_AsMarkdown_ShowsScoresErrorsAndWhatIsUndefined() => Assert.Equal(
        "| | metric | n | guide | untrained |\n| --- | --- | ---: | ---: | ---: |\n| company\\|facts | exact_match | 100 | 0.61 ± 0.049 | 0.02 ± 0.014 |\n| order | accuracy | 0 | undefined | – |\n",
        table.ToMarkdown());

    [Fact]
    public void Table_InOtherForms_HasTheSameCells()
    {
        Assert.Contains("company|facts  exact_match  100  0.61 ± 0.049  0.02 ± 0.014", table.ToText());
        Assert.Contains("<td>0.61 &#177; 0.049</td>", table.ToHtml());
        var chart = table.ToChart();
        Assert.Equal(["guide", "untrained"], chart.Series.Select(one => one.Name));
        Assert.True(double.IsNaN(chart.Series[0].Y[1]));
        Assert.NotEmpty(chart.ToPng());
    }

    [Fact]
    public void Table_MissingColumn_IsRefused() =>
        Assert.Contains("1 scores for 2 columns", Assert.Throws<InvalidInputException>(() => (table with { Rows = [new("x", "m", [null])] }).ToMarkdown()).Message);

    [Fact]
    public void Report_Saved_HasMarkdownJsonAndPictures()
    {
        using var folder = new TemporaryFolder();
        var report = new ReportDocument("Evaluation", [new("Suite", "All of it.", table, table.ToChart()), new("Curve", "", null, Chart.Line("Loss", [0, 1], [2, 1]))]);

        var path = report.Save(folder.Path);

        Assert.Equal(["01-1.png", "02-1.png", "report.json", "report.md"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
        Assert.Contains("![Suite](01-1.png)", File.ReadAllText(path));
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, "report.json")));
        var score = json.RootElement.GetProperty("sections")[0].GetProperty("table").GetProperty("rows")[0].GetProperty("scores")[0];
        Assert.Equal((0.61, 100), (score.GetProperty("value").GetDouble(), score.GetProperty("count").GetInt32()));
    }

    [Fact]
    public void ConfusionMatrix_AsChart_HasTrueClassesDown()
    {
        var matrix = new ConfusionMatrix([0, 0, 1], [0, 1, 1]);
        var chart = matrix.ToChart(["no", "yes"]);

        Assert.Equal(1, chart.Heatmap!.Values[0, 1]);
        Assert.NotEmpty(chart.ToPng());
        Assert.Throws<InvalidInputException>(() => matrix.ToChart(["no"]));
    }
}
