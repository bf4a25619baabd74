using LlmLab.Models;
using LlmLab.Models.Kernels;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;
using LlmLab.Training.Tasks;

namespace LlmLab.Tests.Training.Tasks;

public sealed class SpanExtractionTaskTests : WorkspaceTest
{
    static readonly ModelSpec spec = new()
    {
        Family = ModelFamily.Encoder,
        SpanHead = true,
        VocabularySize = 64,
        ContextLength = 16,
        LayerCount = 2,
        Width = 32,
        HeadCount = 2,
        Positions = PositionKind.Rotary,
    };

    // The task's examples are tokens already; a run keeps a vocabulary all the same.
    static readonly VocabularyTokenizer tokenizer = WordLevelTrainer.TrainWords(["a b c"], new TokenizerTrainingOptions { VocabularySize = 64, Coverage = 1, MinimumFrequency = 1 });

    // Token 2 … 3 frames the answer; a text without them has none.
    static SpanExample[] Examples(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            int[] tokens = [1, .. Enumerable.Range(0, random.Next(8, 15)).Select(_ => random.Next(4, 16))];
            if (i % 3 == 0) return new SpanExample(tokens, 0, 0);
            int start = random.Next(1, tokens.Length - 2), end = random.Next(start + 1, tokens.Length);
            (tokens[start], tokens[end]) = (2, 3);
            return new SpanExample(tokens, start, end);
        })];
    }

    [Theory, InlineData(Kernels.LibTorch, Precision.Float32), InlineData(Kernels.Compiled, Precision.BFloat16)]
    public void Train_OnFramedAnswers_PointsAtThoseOfNewTexts(Kernels kernels, Precision precision)
    {
        Assert.SkipUnless(kernels == Kernels.LibTorch || Product.IsSupported, "This processor has no AVX2.");
        var run = Run(new SpanExtractionTask(Examples(600, 1), batchSize: 24), steps: 100, kernels, precision);
        Assert.Equal(kernels, run.Description.Kernels);
        using var model = run.LoadModel();
        model.eval();
        var held = Examples(60, 2);
        int right = held.Count(example =>
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var pass = new ForwardPass();
            var input = new ModelInput(TorchSharp.torch.tensor(example.Tokens.Select(t => (long)t).ToArray()).unsqueeze(0));
            long[] best = [.. model.Spans(model.Hidden(input, pass), pass)[0].argmax(0).data<long>()];
            return best[0] == example.Start && best[1] == example.End;
        });
        Assert.InRange(right, 54, 60);
    }

    [Fact]
    public void Accumulate_TextsOfDifferentLengths_GivesTheLossOfEachAlone()
    {
        var examples = Examples(6, 3);
        double together = FirstLoss(new SpanExtractionTask(examples, batchSize: 6));
        double alone = examples.Average(example => FirstLoss(new SpanExtractionTask([example], batchSize: 1)));
        Assert.Equal(alone, together, 5);
    }

    [Fact]
    public void Accumulate_AnAnswerThatStandsInManyPlaces_CountsTheirProbabilityTogether()
    {
        SpanExample all = new([1, 5, 6, 7], 0, 0) { More = [(1, 1), (2, 2), (3, 3)] }, one = new([1, 5, 6, 7], 1, 1), both = one with { More = [(3, 3)] };
        double Loss(SpanExample example) => FirstLoss(new SpanExtractionTask([example], batchSize: 1));
        Assert.Equal(0, Loss(all), 5);
        Assert.InRange(Loss(both), 1e-3, Loss(one) - 1e-3);
        Assert.NotEqual(new SpanExtractionTask([one]).DataHash, new SpanExtractionTask([both]).DataHash);
    }

    [Fact]
    public void Resume_OnCompiledKernels_EndsWithTheNumbersOfARunThatWasNeverStopped()
    {
        Assert.SkipUnless(Product.IsSupported, "This processor has no AVX2.");
        var task = new SpanExtractionTask(Examples(60, 1), batchSize: 6);
        var options = Options(12, Kernels.Compiled, Precision.BFloat16) with { SaveEvery = 5 };
        var whole = TaskTrainer.Train(spec, tokenizer, [new(task)], options, workspace: workspace);
        var stopped = TaskTrainer.Train(spec, tokenizer, [new(task)], options, stopAfter: 5, workspace: workspace);
        TaskTrainer.Resume(stopped, [new(task)]);
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole.LatestCheckpoint!, "model.safetensors")), File.ReadAllBytes(Path.Combine(stopped.LatestCheckpoint!, "model.safetensors")));
    }

    [Fact]
    public void Train_TwoTasksOnCompiledKernels_SaysThatTheyServeOne()
    {
        var task = new WeightedTask(new SpanExtractionTask(Examples(3, 1)));
        Assert.Contains("pointing at answers alone", Assert.Throws<InvalidInputException>(() => TaskTrainer.Train(spec, tokenizer, [task, task], Options(1, Kernels.Compiled, Precision.BFloat16), workspace: workspace)).Message);
    }

    [Fact]
    public void Check_ModelsThatCannotPointOrTextsThatDoNotFit_SaysSo()
    {
        var task = new SpanExtractionTask(Examples(3, 1));
        Assert.Contains("SpanHead", Assert.Throws<InvalidInputException>(() => task.Check(spec with { SpanHead = false })).Message);
        Assert.Contains("Encoder", Assert.Throws<InvalidInputException>(() => task.Check(spec with { Family = ModelFamily.Decoder })).Message);
        Assert.Contains("context of 4", Assert.Throws<InvalidInputException>(() => task.Check(spec with { ContextLength = 4 })).Message);
        Assert.Contains("vocabulary has 8", Assert.Throws<InvalidInputException>(() => task.Check(spec with { VocabularySize = 8 })).Message);
    }

    [Theory, InlineData(2, 1), InlineData(-1, 0), InlineData(0, 3)]
    public void Constructor_SpanOutsideItsText_NamesTheExample(int start, int end) =>
        Assert.Contains("Example 1", Assert.Throws<InvalidInputException>(() => new SpanExtractionTask([new([1, 2], 0, 0), new([1, 2, 3], start, end)])).Message);

    LlmLab.Runs.Run Run(SpanExtractionTask task, int steps, Kernels kernels = Kernels.LibTorch, Precision precision = Precision.Float32) =>
        TaskTrainer.Train(spec, tokenizer, [new(task)], Options(steps, kernels, precision), workspace: workspace);

    static TrainingOptions Options(int steps, Kernels kernels, Precision precision) =>
        new() { Steps = steps, Threads = 1, Kernels = kernels, Precision = precision, LearningRate = 3e-3, WarmupSteps = 5, LogEvery = 1, EvaluateEvery = 0 };

    double FirstLoss(SpanExtractionTask task) => Run(task, steps: 1).Metrics.First(metrics => metrics.TrainLoss is not null).TrainLoss!.Value;
}
