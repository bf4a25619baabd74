using LlmLab.Data;
using LlmLab.Evaluation;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Training;

/// <summary>Tests that count what the whole process holds run while no other test does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

[Collection(nameof(AloneCollection))]
public sealed class TrainerTests : WorkspaceTest
{
    internal static readonly ModelSpec Spec = new() { VocabularySize = 12, ContextLength = 16, LayerCount = 2, Width = 32, HeadCount = 2 };

    internal static readonly TrainingOptions Options = new() { Steps = 40, BatchSize = 6, WarmupSteps = 4, EvaluateEvery = 20, SaveEvery = 10, LogEvery = 5, Precision = Precision.Float32, Threads = 2, LearningRate = 3e-3 };

    // Counting modulo 12 with a skip now and then: something that can be learned.
    internal static TrainingData Counting(int length = 4_000, int seed = 1)
    {
        var random = new Random(seed);
        int[] tokens = new int[length];
        for (int i = 1; i < length; i++) tokens[i] = (tokens[i - 1] + (random.Next(10) == 0 ? 2 : 1)) % 12;
        var (training, validation) = TokenDataset.FromTokens("counting", tokens, 12, length).Split();
        return new TrainingData(training, validation);
    }

    static IEnumerable<(int, double?, double?)> Numbers(Run run) => run.Metrics.Select(m => (m.Step, m.TrainLoss, m.ValidationLoss));

    static Dictionary<string, byte[]> Weights(Run run) => Directory.EnumerateFiles(run.LatestCheckpoint!, "*.safetensors").ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);

    [Fact]
    public void Train_Counting_LearnsIt()
    {
        var run = Trainer.Train(Spec, Counting(), Options with { Steps = 300, EvaluateEvery = 0, SaveEvery = 0 }, workspace: workspace);
        // The source's entropy is H(0.1) = 0.325 nats a token; a model that knows only frequencies has ln 12 = 2.485.
        Assert.InRange(run.Result!.ValidationLoss!.Value, 0.30, 0.45);
    }

    [Theory]
    [InlineData(Precision.Float32, OptimizerKind.AdamW, 0.0)]
    [InlineData(Precision.Float32, OptimizerKind.Lion, 0.1)]
    [InlineData(Precision.Float32, OptimizerKind.Muon, 0.0)]
    [InlineData(Precision.BFloat16, OptimizerKind.Muon, 0.1)]
    [InlineData(Precision.BFloat16, OptimizerKind.AdamW, 0.0)]
    public void Resume_StoppedHalfway_EndsWithTheSameBits(Precision precision, OptimizerKind optimizer, double dropout)
    {
        var options = Options with { Precision = precision, Optimizer = optimizer, AccumulationSteps = 2, Sampling = SamplingKind.Shuffled };
        var spec = Spec with { Dropout = dropout };
        using var data = Counting();
        var whole = Trainer.Train(spec, data, options, workspace: workspace);
        var halves = Trainer.Train(spec, data, options, stopAfter: 17, workspace: workspace);
        Assert.Equal(17, halves.Result!.Steps);
        Assert.Null(halves.Result.ValidationLoss);
        Trainer.Resume(Run.Open(halves.Folder), data);
        Assert.Equal(Numbers(whole), Numbers(halves));
        Assert.Equal(Weights(whole), Weights(halves));
        Assert.Equal(whole.Result!.ValidationLoss, halves.Result.ValidationLoss);
    }

    [Fact]
    public void Train_AnotherSeed_GivesOtherNumbers()
    {
        using var data = Counting();
        var one = Trainer.Train(Spec, data, Options with { Steps = 5 }, workspace: workspace);
        var two = Trainer.Train(Spec, data, Options with { Steps = 5, Seed = 2 }, workspace: workspace);
        Assert.NotEqual(one.Result!.ValidationLoss, two.Result!.ValidationLoss);
    }

    [Fact]
    public void Train_Cancelled_LeavesARunThatEndsWithTheSameBits()
    {
        using var data = Counting();
        var whole = Trainer.Train(Spec, data, Options, workspace: workspace);
        using var stop = new CancellationTokenSource();
        using (Operation.Enter(stop.Token, new StopAt(stop, 0)))
            Assert.Throws<OperationCanceledException>(() => Trainer.Train(Spec, data, Options with { Steps = 40 }, workspace: workspace));
        var run = Run.List(workspace)[^1];
        Assert.NotNull(run.LatestCheckpoint);
        Trainer.Resume(run, data);
        Assert.Equal(Weights(whole), Weights(run));
    }

    [Fact]
    public void Train_TwoThreadsOrOne_GivesTheSameGradients()
    {
        using var data = Counting();
        var (one, two) = (GradientOf(data, 1), GradientOf(data, 2));
        using var difference = one - two;
        Assert.True(difference.abs().max().item<float>() < 1e-6);
        Assert.True(one.abs().max().item<float>() > 1e-3);
    }

    static Tensor GradientOf(TrainingData data, int threads)
    {
        using var model = new LanguageModel(Spec, 1);
        using var buffer = new ParameterBuffer(model);
        using var pool = new WorkerPool(threads, 1);
        using var engine = new GradientEngine(model, buffer, pool, Precision.Float32, 1);
        var batch = new Batch(5, 16);
        new BatchSampler(data.Training, 5, 16, 1).Next(batch);
        engine.Accumulate(batch, 1, 0);
        engine.Reduce();
        return buffer.Gradients.clone();
    }

    [Fact]
    public void Resume_OtherData_IsRefused()
    {
        using var data = Counting();
        var run = Trainer.Train(Spec, data, Options, stopAfter: 5, workspace: workspace);
        Assert.Contains("other tokens", Assert.Throws<InvalidInputException>(() => Trainer.Resume(run, Counting(seed: 2))).Message);
    }

    [Fact]
    public void Resume_OtherPrecisionOrThreads_IsRefused()
    {
        using var data = Counting();
        var run = Trainer.Train(Spec, data, Options, stopAfter: 5, workspace: workspace);
        Assert.Contains("--precision", Assert.Throws<InvalidInputException>(() => Trainer.Resume(run, data, precision: Precision.BFloat16)).Message);
        Assert.Contains("--threads", Assert.Throws<InvalidInputException>(() => Trainer.Resume(run, data, threads: 1)).Message);
    }

    [Fact]
    public void Resume_CheckpointOfAnotherSpec_NamesTheTensor()
    {
        using var data = Counting();
        var run = Trainer.Train(Spec, data, Options, stopAfter: 5, workspace: workspace);
        File.WriteAllText(Path.Combine(run.Folder, "spec.json"), (Spec with { Width = 64 }).ToJson());
        Assert.Contains("another spec", Assert.Throws<InvalidInputException>(() => Trainer.Resume(Run.Open(run.Folder), data)).Message);
    }

    [Fact]
    public void Train_VocabularyTooSmall_MakesNoRun()
    {
        using var data = Counting();
        Assert.Throws<InvalidInputException>(() => Trainer.Train(Spec with { VocabularySize = 11 }, data, Options, workspace: workspace));
        Assert.Empty(Run.List(workspace));
    }

    [Fact]
    public void Train_TwoThousandSteps_LeaveNothingBehind()
    {
        using var data = Counting();
        Trainer.Train(Spec, data, Options with { Steps = 60 }, workspace: workspace);   // warm
        var start = Counts();
        Trainer.Train(Spec, data, Options with { Steps = 40, SaveEvery = 10, EvaluateEvery = 10 }, workspace: workspace);
        var brief = Counts();
        Trainer.Train(Spec, data, Options with { Steps = 2_000, SaveEvery = 500, EvaluateEvery = 500 }, workspace: workspace);
        var lengthy = Counts();
        // TorchSharp counts a parameter's two wrappers and forgets to subtract one of them: a constant a model, not a step.
        Assert.Equal(brief.Tensors - start.Tensors, lengthy.Tensors - brief.Tensors);
        Assert.InRange(lengthy.Threads, 0, start.Threads + 2);
        Assert.InRange(lengthy.Handles, 0, start.Handles + 8);
        Assert.InRange(lengthy.Heap, 0, start.Heap + (1 << 20));
    }

    static (long Tensors, int Threads, int Handles, long Heap) Counts()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        int handles = OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : process.HandleCount;
        return (Tensor.TotalCount, process.Threads.Count, handles, GC.GetTotalMemory(forceFullCollection: true));
    }

    [Fact]
    public void Score_UniformModel_IsLogOfVocabulary()
    {
        using var data = Counting();
        using var model = new LanguageModel(Spec with { TiedEmbeddings = false, HeadDeviation = 0 });
        var score = IntrinsicEvaluation.Score(model, data.Validation);
        Assert.Equal(Math.Log(12), score.Loss, 1e-6);
        Assert.Equal(12, score.Perplexity, 1e-4);
        Assert.Equal(data.Validation.Length - 1, score.Tokens);
    }

    [Fact]
    public void Score_ThreadsOrNone_IsTheSameMeanOverAllWindows()
    {
        using var data = Counting();
        using var model = new LanguageModel(Spec, 3);
        using var pool = new WorkerPool(2, 1);
        var plain = IntrinsicEvaluation.Score(model, data.Validation, batchTokens: 16);
        var shared = IntrinsicEvaluation.Score(model, data.Validation, pool: pool, batchTokens: 128);
        Assert.Equal(plain.Loss, shared.Loss, 1e-6);
    }

    sealed class StopAt(CancellationTokenSource source, double done) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value)
        {
            if (value.Done > done) source.Cancel();
        }
    }
}
