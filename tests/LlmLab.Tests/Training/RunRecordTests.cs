using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Training;

namespace LlmLab.Tests.Training;

public sealed class RunRecordTests : WorkspaceTest
{
    [Fact]
    public void Train_AndResume_LeaveOneRecordOfMachineSpeedEnergyAndMemory()
    {
        using var data = TrainerTests.Counting();
        var run = Trainer.Train(TrainerTests.Spec, data, TrainerTests.Options, stopAfter: 17, workspace: workspace);
        double half = run.Result!.WattHours;
        Trainer.Resume(run, data);
        var result = run.Result!;
        Assert.InRange(result.ModelFlopsUtilization, 1e-9, 1.2);
        Assert.True(result.PeakGigaFlops > 0.1);
        Assert.True(result.WattHours > half && half > 0);
        Assert.InRange(result.PeakMemoryBytes, 50L << 20, 1L << 40);
        string report = File.ReadAllText(Path.Combine(run.Folder, "report.md"));
        foreach (string word in (string[])["utilization", "energy", "memory", result.EnergySource, run.Description.DataHash]) Assert.Contains(word, report);
        Assert.Equal(2, Directory.GetFiles(run.Folder, "events.out.tfevents.*").Length);
    }

    [Fact]
    public void Train_Watched_ShowsOnePictureOfSixCharts()
    {
        using var data = TrainerTests.Counting();
        var seen = new List<string>();
        var run = Trainer.Train(TrainerTests.Spec, data, TrainerTests.Options, workspace: workspace, watch: r => seen.Add(r.TrainingCharts().ToPlotlyJson()));
        Assert.NotEmpty(seen);
        var figure = System.Text.Json.Nodes.JsonNode.Parse(seen[^1])!;
        // Three of loss with two lines each, three others with one.
        Assert.Equal(9, figure["data"]!.AsArray().Count);
        Assert.Equal(["x", "x2", "x3", "x4", "x5", "x6"], figure["data"]!.AsArray().Select(t => (string?)t!["xaxis"]).Distinct());
        Assert.Equal(8, figure["data"]![0]!["x"]!.AsArray().Count);
        Assert.Equal(6, figure["layout"]!["annotations"]!.AsArray().Count);
        Assert.InRange(run.TrainingCharts().ToPng().Length, 10_000, 60_000);
    }

    [Fact]
    public void FlopsPerToken_NanoGptsRecipe_IsItsPublishedCount()
    {
        // 6 layers, width 384, 64 × 256 tokens: 1.16 TFLOP a step by 6·N + 12·L·d·T.
        using var model = new LanguageModel(new ModelSpec { VocabularySize = 65, LayerCount = 6, HeadCount = 6, Width = 384, ContextLength = 256 });
        Assert.Equal(1.16e12, 64 * 256 * TrainingCost.FlopsPerToken(model, 256), 0.01e12);
    }
}
