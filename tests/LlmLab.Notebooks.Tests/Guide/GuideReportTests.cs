using System.Text.Json.Nodes;
using LlmLab.Notebooks.Documents;
using LlmLab.Notebooks.Guide;
using LlmLab.Notebooks.Running;
using LlmLab.Runs;

namespace LlmLab.Notebooks.Tests.Guide;

public sealed class GuideReportTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-report-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Write_RanAndFailed_ShowsPlotsNumbersTimesAndTheError()
    {
        var chart = JsonNode.Parse("""{"output_type":"display_data","metadata":{},"data":{"application/vnd.plotly.v1+json":{"data":[],"layout":{}},"image/png":"aGk=","text/plain":"loss"}}""")!.AsObject();
        var good = new GuideStepResult(
            new GuideStep("05-training.ipynb", "Training & loss", new Dictionary<string, string>()),
            new NotebookRun(new Notebook([new NotebookCell("a", CellKind.Code, "x") { Outputs = [chart] }]), [new RecordedResult("05-training.ipynb", "validation loss", 1.5, 0.02, false)], null, 1, TimeSpan.Zero),
            TimeSpan.FromSeconds(61));
        var bad = new GuideStepResult(
            new GuideStep("06-evaluation.ipynb", "Evaluation", new Dictionary<string, string>()),
            new NotebookRun(new Notebook([]), [], new CellFailure(3, "b", 2, CellStatus.Error, new ErrorOutput("E", "broken", ["E: broken <here>"])), 2, TimeSpan.Zero),
            TimeSpan.FromSeconds(2));

        GuideReport.Write(folder, Scale.Smoke, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), [good, bad], left: 1);

        string index = File.ReadAllText(Path.Combine(folder, "index.html"));
        foreach (string expected in (string[])["at scale smoke", "2026-01-02 03:04 UTC", "1 min 1 s", "validation loss", "1.5", "base64,aGk=", "Training &amp; loss", "Cell 3 failed", "E: broken &lt;here&gt;", "1 failed", "1 still to run", "href=\"05-training.html\""])
            Assert.Contains(expected, index);
        Assert.Contains("<script src=\"plotly.min.js\">", File.ReadAllText(Path.Combine(folder, "05-training.html")));
        Assert.True(File.Exists(Path.Combine(folder, "plotly.min.js")));
        Assert.True(File.Exists(Path.Combine(folder, "06-evaluation.html")));
    }
}
