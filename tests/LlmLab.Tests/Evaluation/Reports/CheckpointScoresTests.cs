using LlmLab.Data;
using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Reports;
using LlmLab.Evaluation.Statistics;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tests.Training;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;

namespace LlmLab.Tests.Evaluation;

/// <summary>Scores of the checkpoints of a real, tiny run.</summary>
public sealed class CheckpointScoresTests : IDisposable
{
    static readonly string text = string.Join(' ', Enumerable.Range(0, 600).Select(i => $"The valve {i * 7 % 31} of unit {i % 13} was closed on day {i % 23}."));
    static readonly VocabularyTokenizer tokenizer = BpeTrainer.Train([text], new BpeTrainingOptions { VocabularySize = 300 });

    readonly Workspace workspace = Workspace.Open(Directory.CreateTempSubdirectory("llmlab-checkpoints-").FullName);

    public CheckpointScoresTests() => TorchThreads.One();

    public void Dispose() => Directory.Delete(workspace.Folder, recursive: true);

    Run Train()
    {
        int[] tokens = tokenizer.Encode(text);
        TokenDataset Part(string name, Range range) => TokenDataset.FromTokens(name, tokens[range], tokenizer.VocabularySize, 1_000);
        using var data = new TrainingData(Part("training", ..^600), Part("validation", ^600..), tokenizer);
        var spec = new ModelSpec { VocabularySize = tokenizer.VocabularySize, LayerCount = 1, Width = 16, HeadCount = 1, ContextLength = 16 };
        var options = new TrainingOptions { Steps = 30, WarmupSteps = 2, EvaluateEvery = 10, SaveEvery = 10, KeepCheckpoints = 5, Precision = Precision.Float32, Threads = 1 };
        return Trainer.Train(spec, data, options, "steps", workspace: workspace);
    }

    static Dictionary<string, Estimate> Score(IEvaluatedModel model)
    {
        string[] texts = ["The valve 5 of unit 3 was closed on day 8.", "The valve 9 of unit 1 was closed on day 2."];
        return new() { ["nats a text"] = Estimate.OfMean([.. model.RollingLogLikelihoods(texts).Select(one => -one.Nats)]), ["a"] = Estimate.OfShare(1, 2) };
    }

    [Fact]
    public void Of_Run_ScoresEachCheckpointAsItWouldBeScoredAlone()
    {
        var run = Train();
        var scores = CheckpointScores.Of(run, Score, threads: 1);
        Assert.Equal([10, 20, 30], scores.Steps);
        Assert.Equal(["a", "nats a text"], scores.Metrics.Keys.Order(StringComparer.Ordinal));
        var checkpoints = Checkpoint.All(run.Checkpoints);
        for (int i = 0; i < 3; i++)
        {
            using var model = EvaluatedLanguageModel.Open(checkpoints[i], threads: 1);
            Assert.Equal(Score(model)["nats a text"].Value, scores.Metrics["nats a text"][i].Value, 1e-6);
        }
        // It learned: the texts become likelier with every checkpoint, and the loss of the run's own log falls beside it.
        Assert.True(scores.Metrics["nats a text"][0].Value > scores.Metrics["nats a text"][2].Value);
        Assert.Equal([10, 20, 30], scores.Losses.Select(one => one.Step).Where(step => step > 0));
        Assert.True(scores.Losses[0].Loss > scores.Losses[^1].Loss);

        var chart = scores.ToChart();
        Assert.Equal(["a", "nats a text", "validation loss"], chart.Series.Select(series => series.Name));
        Assert.Equal([10, 20, 30], chart.Series[0].X);
        var share = Estimate.OfShare(1, 2);
        Assert.Equal((share.High - 0.5, 0.5 - share.Low), (chart.Series[0].Errors![0], chart.Series[0].ErrorsBelow![0]));
        Assert.True(chart.Series[2].RightAxis);
        Assert.NotEmpty(chart.ToPng());
    }

    [Fact]
    public void Of_NoCheckpointsOrUnevenNames_AreRefused()
    {
        var run = Train();
        int asked = 0;
        var error = Assert.Throws<InvalidInputException>(() => CheckpointScores.Of(run, _ => new Dictionary<string, Estimate> { [asked++ == 1 ? "other" : "one"] = Estimate.OfShare(1, 2) }, threads: 1));
        Assert.Contains("was not given for every checkpoint", error.Message);
        Directory.Delete(run.Checkpoints, recursive: true);
        Assert.Contains("has no checkpoint", Assert.Throws<InvalidInputException>(() => CheckpointScores.Of(run, Score, threads: 1)).Message);
    }
}
