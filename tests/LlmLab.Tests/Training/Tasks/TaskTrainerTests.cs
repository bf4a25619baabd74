using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;
using LlmLab.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Training.Tasks;

public sealed class TaskTrainerTests : WorkspaceTest
{
    // The class is decided by one word among many: 0 sun, 1 moon, 2 neither.
    static readonly string[] fill = ["red", "green", "blue", "stone", "river", "tree"];
    static readonly ClassifiedText[] examples = Draw(1, 240), held = Draw(2, 60);
    static readonly VocabularyTokenizer tokenizer = WordLevelTrainer.TrainWords(examples.Select(e => e.Text), new TokenizerTrainingOptions { VocabularySize = 64, Coverage = 1, MinimumFrequency = 1 });
    static readonly ModelSpec spec = new() { Family = ModelFamily.Encoder, VocabularySize = tokenizer.VocabularySize, ContextLength = 16, LayerCount = 1, Width = 32, HeadCount = 2, Positions = PositionKind.Rotary, ClassCount = 3 };
    static readonly TrainingOptions options = new() { Steps = 80, LearningRate = 5e-3, WarmupSteps = 5, SaveEvery = 0, Threads = 1, Precision = Precision.Float32 };

    static ClassifiedText[] Draw(int seed, int count)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                string[] words = [.. Enumerable.Range(0, 5 + random.Next(4)).Select(_ => fill[random.Next(fill.Length)])];
                if (i % 3 < 2) words[random.Next(words.Length)] = i % 3 == 0 ? "sun" : "moon";
                return new ClassifiedText(string.Join(' ', words), i % 3);
            }),
        ];
    }

    static TrainingData Running() => TrainingData.FromText("running", string.Join(' ', examples.Select(e => e.Text)), tokenizer, tokenizer.VocabularySize);

    static double Accuracy(Run run)
    {
        using var model = run.LoadModel();
        int[] predicted = SequenceClassificationTask.Predict(model, tokenizer, [.. held.Select(e => e.Text)]);
        return predicted.Zip(held).Count(p => p.First == p.Second.Class) / (double)held.Length;
    }

    [Fact]
    public void Train_Classification_TellsUnseenTextsApart()
    {
        var run = TaskTrainer.Train(spec, tokenizer, [new(new SequenceClassificationTask(examples, tokenizer))], options, workspace: workspace);
        Assert.True(Accuracy(run) >= 0.95, $"{Accuracy(run):0.00} right");   // a third by chance
    }

    [Fact]
    public void Train_ClassesAndHiddenTokensTogether_LearnsBoth()
    {
        using var data = Running();
        WeightedTask[] tasks = [new(new SequenceClassificationTask(examples, tokenizer)), new(new TokenTask(data, ObjectiveKind.Masked, 8, 16), 0.5)];
        var run = TaskTrainer.Train(spec, tokenizer, tasks, options with { Steps = 300 }, workspace: workspace);
        Assert.True(Accuracy(run) >= 0.95, $"{Accuracy(run):0.00} right");
        using var model = run.LoadModel();
        using var fresh = new LanguageModel(spec);
        double learned = LlmLab.Evaluation.ObjectiveEvaluation.Score(model, data, ObjectiveKind.Masked).Loss, before = LlmLab.Evaluation.ObjectiveEvaluation.Score(fresh, data, ObjectiveKind.Masked).Loss;
        Assert.True(learned < before - 1, $"{learned:0.000} nats after, {before:0.000} before");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Accumulate_SeveralTasks_SumOfWeightedGradients(int threads)
    {
        using var data = Running();
        var classes = new SequenceClassificationTask(examples, tokenizer, batchSize: 9);
        var hidden = new TokenTask(data, ObjectiveKind.Masked, 4, 16);
        hidden.Check(spec);
        Tensor Gradient(params (ITrainingTask Task, double Weight)[] tasks)
        {
            using var model = new LanguageModel(spec, 4);
            using var buffer = new ParameterBuffer(model);
            using var pool = new WorkerPool(threads, 1);
            using var engine = new GradientEngine(model, buffer, pool, Precision.Float32, 1);
            foreach (var (task, weight) in tasks) task.Accumulate(engine, 3, weight);
            engine.Reduce();
            return buffer.Gradients.clone();
        }
        using var scope = NewDisposeScope();
        var expected = 2 * Gradient((classes, 1)) + 0.5 * Gradient((hidden, 1));
        var found = Gradient((classes, 2), (hidden, 0.5));
        Assert.True((expected - found).abs().max().item<float>() < 1e-5 * (1 + expected.abs().max().item<float>()));
    }

    [Fact]
    public void Accumulate_Classification_GradientEqualsFiniteDifferences()
    {
        var task = new SequenceClassificationTask(examples, tokenizer, batchSize: 6);
        using var model = new LanguageModel(spec, 4);
        using var buffer = new ParameterBuffer(model);
        using var pool = new WorkerPool(2, 1);
        using var engine = new GradientEngine(model, buffer, pool, Precision.Float32, 1);
        task.Accumulate(engine, 0, 1);
        engine.Reduce();
        // Along random directions of each tensor, in float32: a step of 1e-2 keeps rounding and curvature both small.
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var gradient = buffer.Gradients.clone();
        foreach (var segment in buffer.Segments.Where(s => s.Name.StartsWith("classes", StringComparison.Ordinal) || s.Name.StartsWith("pooler", StringComparison.Ordinal) || s.Name.Contains("attention.output", StringComparison.Ordinal)))
        {
            using var random = new Generator(7);
            var part = ParameterBuffer.View(buffer.Values, segment);
            var direction = randn(segment.Shape, generator: random);
            direction /= direction.norm();
            var start = part.clone();
            double At(double step)
            {
                part.copy_(start + step * direction);
                engine.Clear();
                return WithGradients(() => task.Accumulate(engine, 0, 1).Loss);
            }
            double slope = (At(1e-2) - At(-1e-2)) / 2e-2, expected = (ParameterBuffer.View(gradient, segment) * direction).sum().item<float>();
            part.copy_(start);
            Assert.Equal(expected, slope, 2e-3 * Math.Max(0.1, Math.Abs(expected)) + 2e-4);
        }

        static double WithGradients(Func<double> run)
        {
            using var on = enable_grad();
            return run();
        }
    }

    [Fact]
    public void Check_BadInput_SaysWhatIsWrong()
    {
        var task = new SequenceClassificationTask(examples, tokenizer);
        Assert.Contains("ClassCount", Assert.Throws<InvalidInputException>(() => task.Check(spec with { ClassCount = 2 })).Message);
        Assert.Contains("encoder", Assert.Throws<InvalidInputException>(() => task.Check(spec with { Family = ModelFamily.Decoder })).Message);
        Assert.Contains("negative", Assert.Throws<InvalidInputException>(() => new SequenceClassificationTask([new("x", -1)], tokenizer)).Message);
        Assert.Contains("at least one", Assert.Throws<InvalidInputException>(() => TaskTrainer.Train(spec, tokenizer, [], options, workspace: workspace)).Message);
    }

    // A task whose loss is no number in the steps that are named.
    sealed class Faulty(ITrainingTask task, Func<long, bool> fails) : ITrainingTask
    {
        public string Name => task.Name;
        public string DataHash => task.DataHash;
        public void Check(ModelSpec spec) => task.Check(spec);

        public (double Loss, long Tokens) Accumulate(GradientEngine engine, long number, double weight)
        {
            var (loss, tokens) = task.Accumulate(engine, number, weight);
            return (fails(number) ? double.NaN : loss, tokens);
        }
    }

    [Fact]
    public void Train_ALossThatIsNotFinite_SkipsThatStepAndEndsAfterTen()
    {
        var task = new SequenceClassificationTask(examples, tokenizer);
        var run = TaskTrainer.Train(spec, tokenizer, [new(new Faulty(task, number => number == 7))], options with { Steps = 12 }, workspace: workspace);
        Assert.Equal(1, run.Result!.SkippedSteps);
        Assert.True(double.IsFinite(run.Result.TrainLoss));
        var broken = Assert.Throws<InvalidInputException>(() => TaskTrainer.Train(spec, tokenizer, [new(new Faulty(task, number => number >= 3))], options with { Steps = 50 }, workspace: workspace));
        Assert.Contains("At step 13", broken.Message);
        Assert.Contains("tenth time in a row", broken.Message);
    }

    [Fact]
    public void Train_ValidationThatGetsNoBetter_StopsAndKeepsTheBestWeights()
    {
        var patient = options with { LearningRate = 0, EvaluateEvery = 5, Patience = 2 };
        WeightedTask[] tasks = [new(new SequenceClassificationTask(examples, tokenizer))];
        double[] losses = [2, 1, 3, 4, 5];
        int asked = 0;
        var run = TaskTrainer.Train(spec, tokenizer, tasks, patient, workspace: workspace, validate: _ => losses[asked++]);
        Assert.True(run.Result!.StoppedEarly);
        Assert.Equal((20, 10, 1.0), (run.Result.Steps, run.Result.BestStep, run.Result.BestValidationLoss));
        using var best = run.LoadBestModel();
        Assert.Equal([2, 1, 3, 4], run.Metrics.Where(m => m.ValidationLoss is not null).Select(m => m.ValidationLoss!.Value));
        Assert.Contains("validate", Assert.Throws<InvalidInputException>(() => TaskTrainer.Train(spec, tokenizer, tasks, patient, workspace: workspace)).Message);
    }

    [Fact]
    public void Train_Tasks_LeavesTheRecordsOfATraining()
    {
        var run = TaskTrainer.Train(spec, tokenizer, [new(new SequenceClassificationTask(examples, tokenizer))], options with { Steps = 10, WeightAverageDecay = 0.9 }, workspace: workspace);
        Assert.True(run.Result!.WattHours > 0 && run.Result.PeakMemoryBytes > 50L << 20 && run.Result.TokensPerSecond > 0);
        Assert.Single(Directory.GetFiles(run.Folder, "events.out.tfevents.*"));
        Assert.DoesNotContain("utilization", File.ReadAllText(Path.Combine(run.Folder, "report.md")));   // of what a task computes nobody keeps count
        using var averaged = run.LoadAveragedModel();
    }
}
