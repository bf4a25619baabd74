using LlmLab.Data;
using LlmLab.Evaluation;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Training;

/// <summary>Averages, early stopping, guards, accumulation and the range test, through whole small trainings.</summary>
public sealed class TrainingFeatureTests : WorkspaceTest
{
    static readonly TrainingOptions options = TrainerTests.Options with { Kernels = Kernels.LibTorch, EvaluateEvery = 10 };

    [Fact]
    public void Add_Weights_FollowsTheRecurrence()
    {
        using var model = new LanguageModel(TrainerTests.Spec, 1);
        using var buffer = new ParameterBuffer(model);
        using var pool = new WorkerPool(2, 1);
        using var average = new WeightAverage(buffer, 0.9, pool);
        using var expected = buffer.Values.to(ScalarType.Float64);
        using (no_grad())
            for (int step = 0; step < 200; step++)
            {
                buffer.Values.add_(0.01);
                average.Add(step);
                double decay = Math.Min(0.9, (1.0 + step) / (10.0 + step));
                expected.mul_(decay).add_(buffer.Values.to(ScalarType.Float64), alpha: 1 - decay);
            }
        Assert.True((average.Values - expected).abs().max().item<double>() < 1e-4);
        using var before = buffer.Values.clone();
        average.Exchange();
        Assert.True((buffer.Values - expected).abs().max().item<double>() < 1e-4);
        average.Exchange();
        Assert.True(buffer.Values.eq(before).all().item<bool>());
    }

    [Fact]
    public void Train_WithAnAverage_EvaluatesAndKeepsItAndTrainsTheSame()
    {
        using var data = TrainerTests.Counting();
        var plain = Trainer.Train(TrainerTests.Spec, data, options, workspace: workspace);
        var run = Trainer.Train(TrainerTests.Spec, data, options with { WeightAverageDecay = 0.9 }, workspace: workspace);
        Assert.Equal(plain.Result!.ValidationLoss, run.Result!.ValidationLoss);
        double averaged = run.Result.AverageValidationLoss!.Value;
        Assert.NotEqual(run.Result.ValidationLoss, averaged);
        using var model = run.LoadAveragedModel();
        Assert.Equal(averaged, IntrinsicEvaluation.Score(model, data.Validation).Loss, 1e-6);
        Assert.All(run.Metrics.Where(m => m.ValidationLoss is not null), m => Assert.NotNull(m.AverageValidationLoss));
        Assert.Contains("averaged", File.ReadAllText(Path.Combine(run.Folder, "report.md")));
    }

    [Fact]
    public void Train_ValidationThatGetsNoBetter_StopsAndKeepsTheBestWeights()
    {
        // Random tokens: the training loss falls by learning them by heart, the validation loss soon rises.
        var random = new Random(1);
        int[] tokens = [.. Enumerable.Range(0, 400).Select(_ => random.Next(12))];
        var (training, validation) = TokenDataset.FromTokens("random", tokens, 12, 400).Split(0.3);
        using var data = new TrainingData(training, validation);
        var run = Trainer.Train(TrainerTests.Spec, data, options with { Steps = 400, LearningRate = 1e-2, Patience = 3 }, workspace: workspace);
        var result = run.Result!;
        Assert.True(result.StoppedEarly && result.Steps < 400);
        Assert.Equal(result.BestStep + 30, result.Steps);
        Assert.Equal(run.Metrics.Min(m => m.ValidationLoss), result.BestValidationLoss);
        Assert.True(result.ValidationLoss > result.BestValidationLoss);
        using var best = run.LoadBestModel();
        Assert.Equal(result.BestValidationLoss!.Value, IntrinsicEvaluation.Score(best, data.Validation).Loss, 1e-6);
        // What is over stays over.
        Trainer.Resume(run, data);
        Assert.Equal(result.Steps, run.Result!.Steps);
    }

    [Fact]
    public void Train_HugeLearningRate_EndsWithASentenceInsteadOfNoise()
    {
        using var data = TrainerTests.Counting();
        var spec = TrainerTests.Spec with { Norm = NormKind.RmsNorm, LogitSoftCap = null };
        var error = Assert.Throws<InvalidInputException>(() => Trainer.Train(spec, data, options with { Steps = 300, LearningRate = 1e3, WarmupSteps = 0, GradientClip = 0, WeightDecay = 1_000, Optimizer = OptimizerKind.Lion }, workspace: workspace));
        Assert.Contains("lower the learning rate", error.Message);
    }

    [Fact]
    public void Train_GlobalBatchInTokens_IsAccumulationOfThatManyBatches()
    {
        using var data = TrainerTests.Counting();
        var steps = Trainer.Train(TrainerTests.Spec, data, options with { Steps = 10, AccumulationSteps = 3 }, workspace: workspace);
        var tokens = Trainer.Train(TrainerTests.Spec, data, options with { Steps = 10, TokensPerStep = 3 * 6 * 16 }, workspace: workspace);
        Assert.Equal(steps.Result!.ValidationLoss, tokens.Result!.ValidationLoss);
        Assert.Equal(10 * 3 * 6 * 16, tokens.Metrics[^1].Tokens);
        Assert.Contains("choose 288 or 384", Assert.Throws<InvalidInputException>(() => Trainer.Train(TrainerTests.Spec, data, options with { TokensPerStep = 300 }, workspace: workspace)).Message);
    }

    [Fact]
    public void Train_AccumulatedBatches_GiveTheGradientOfOneLargeBatch()
    {
        using var data = TrainerTests.Counting();
        var one = Trainer.Train(TrainerTests.Spec, data, options with { Steps = 8, BatchSize = 12 }, workspace: workspace);
        var two = Trainer.Train(TrainerTests.Spec, data, options with { Steps = 8, BatchSize = 6, AccumulationSteps = 2 }, workspace: workspace);
        Assert.Equal(one.Result!.ValidationLoss!.Value, two.Result!.ValidationLoss!.Value, 1e-4);
    }

    [Fact]
    public void Run_RangeTest_SuggestsARateThatTrains()
    {
        using var data = TrainerTests.Counting();
        var test = LearningRateRangeTest.Run(TrainerTests.Spec, data, options, lowest: 1e-5, highest: 10, steps: 120);
        Assert.Equal(1e-5, test.Rates[0], 1e-12);
        Assert.Equal(test.Rates[1] / test.Rates[0], test.Rates[^1] / test.Rates[^2], 1e-6);
        Assert.InRange(test.Suggested, 1e-4, 0.1);
        Assert.Equal(test.Best / 10, test.Suggested);
        Assert.NotEmpty(test.ToChart().ToPng());
        var suggested = Trainer.Train(TrainerTests.Spec, data, options with { Steps = 100, LearningRate = test.Suggested }, workspace: workspace);
        var lowest = Trainer.Train(TrainerTests.Spec, data, options with { Steps = 100, LearningRate = 1e-5 }, workspace: workspace);
        Assert.True(suggested.Result!.ValidationLoss < lowest.Result!.ValidationLoss - 0.1);
    }
}
