using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;
using LlmLab.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Training.Tasks;

public sealed class ContrastiveTaskTests : WorkspaceTest
{
    // Questions and answers that share no word but the subject's: the first letters must be learned to belong together.
    static readonly (string Ask, string Say)[] kinds = [("who leads", "chief of"), ("where is", "place of"), ("when began", "start of"), ("what costs", "price of")];
    static readonly string[] subjects = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven"];
    static readonly ContrastiveExample[] examples =
        [.. subjects.SelectMany(s => kinds.Select(k => new ContrastiveExample($"{k.Ask} {s}", [$"the {k.Say} {s}", $"note {k.Say} {s}"], s)))];
    static readonly VocabularyTokenizer tokenizer = WordLevelTrainer.TrainWords(examples.SelectMany(e => e.Positives.Append(e.Anchor)), new TokenizerTrainingOptions { VocabularySize = 49 });
    static readonly ModelSpec spec = new()
    {
        Family = ModelFamily.Encoder,
        VocabularySize = tokenizer.VocabularySize,
        ContextLength = 16,
        LayerCount = 1,
        Width = 32,
        HeadCount = 2,
        Positions = PositionKind.Rotary,
        EmbeddingWidth = 24,
        LexicalWidth = 8,
    };
    static readonly TrainingOptions options = new() { Steps = 60, LearningRate = 5e-3, WarmupSteps = 5, SaveEvery = 0, Threads = 1, Precision = Precision.Float32 };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Accumulate_InChunksOnThreads_GradientOfOnePassOverAll(int threads)
    {
        // Every example once and a single positive each, so that the batch is known but for its order, which changes nothing.
        ContrastiveExample[] each = [.. examples.Select(e => e with { Positives = [e.Positives[0]] })];
        var task = new ContrastiveTask(each, tokenizer, new ContrastiveOptions { BatchSize = each.Length, Temperature = 0.1, AnchorDropout = 0, AnchorNoise = 0 });
        using var model = new LanguageModel(spec, 5);
        using var buffer = new ParameterBuffer(model);
        using var pool = new WorkerPool(threads, 1);
        using var engine = new GradientEngine(model, buffer, pool, Precision.Float32, 1);
        var (loss, _) = task.Accumulate(engine, 0, 0.5);
        engine.Reduce();

        using var scope = NewDisposeScope();
        using var plain = new LanguageModel(spec, 5);
        Tensor Embed(IEnumerable<string> texts) => cat([.. texts.Select(t => plain.Embed(tensor(tokenizer.Encode(t).Select(i => (long)i).ToArray()).unsqueeze(0), new ForwardPass()))], 0);
        var whole = ContrastiveLoss.Of(Embed(each.Select(e => e.Anchor)), Embed(each.Select(e => e.Positives[0])), 0.1);
        (whole * 0.5).backward();
        Assert.Equal(whole.item<float>(), loss, 1e-4);
        foreach (var segment in buffer.Segments)
        {
            var (expected, found) = (plain.get_parameter(segment.Name)!.grad, ParameterBuffer.View(buffer.Gradients, segment));
            double largest = expected is null ? 0 : expected.abs().max().item<float>();
            Assert.True((found - (expected ?? zeros_like(found))).abs().max().item<float>() <= 1e-5 + 1e-4 * largest, segment.Name);
        }
    }

    [Fact]
    public void Train_QuestionsWithoutTheirPassagesWords_FindsThePassage()
    {
        var run = TaskTrainer.Train(spec, tokenizer, [new(new ContrastiveTask(examples, tokenizer, new ContrastiveOptions { BatchSize = 16, AnchorDropout = 0, AnchorNoise = 0 }))], options, workspace: workspace);
        using var model = run.LoadModel();
        using var none = no_grad();
        using var scope = NewDisposeScope();
        Tensor Embed(string text) => model.Embed(tensor(tokenizer.Encode(text).Select(i => (long)i).ToArray()).unsqueeze(0), new ForwardPass());
        string[] passages = [.. examples.Select(e => e.Positives[0])];
        var all = cat([.. passages.Select(Embed)], 0);
        int right = examples.Count(e => passages[(int)matmul(all, Embed(e.Anchor).t()).argmax().item<long>()] == e.Positives[0]);
        Assert.True(right >= 30, $"{right} of {examples.Length} first");
    }

    [Fact]
    public void Resume_StoppedRun_SameWeightsAsNeverStopped()
    {
        WeightedTask[] Tasks() => [new(new ContrastiveTask(examples, tokenizer, new ContrastiveOptions { BatchSize = 16 }))];
        var whole = TaskTrainer.Train(spec, tokenizer, Tasks(), options with { Steps = 12 }, workspace: workspace);
        var stopped = TaskTrainer.Train(spec, tokenizer, Tasks(), options with { Steps = 12 }, stopAfter: 5, workspace: workspace);
        TaskTrainer.Resume(stopped, Tasks());
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole.LatestCheckpoint!, "model.safetensors")), File.ReadAllBytes(Path.Combine(stopped.LatestCheckpoint!, "model.safetensors")));
        var other = Assert.Throws<InvalidInputException>(() => TaskTrainer.Resume(stopped, [new(new ContrastiveTask(examples[1..], tokenizer))]));
        Assert.Contains("other tasks", other.Message);
    }

    [Fact]
    public void Embed_PaddedBesideALongerText_SameVectorOfLengthOne()
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        using var model = new LanguageModel(spec, 2);
        long[] text = [30, 31, 32];
        var alone = model.Embed(tensor(text, [1, 3]), new ForwardPass());
        var padded = model.Embed(new ModelInput(tensor((long[])[.. text, 7, 9], [1, 5])) { Mask = tensor(new[] { true, true, true, false, false }, [1, 5]) }, new ForwardPass());
        Assert.Equal(1, alone.norm().item<float>(), 1e-5);
        Assert.True((alone - padded).abs().max().item<float>() < 1e-6);
    }

    [Fact]
    public void Check_BadInput_SaysWhatIsWrong()
    {
        Assert.Contains("EmbeddingWidth", Assert.Throws<InvalidInputException>(() => new ContrastiveTask(examples, tokenizer).Check(spec with { EmbeddingWidth = 0, LexicalWidth = 0 })).Message);
        Assert.Contains("no positive", Assert.Throws<InvalidInputException>(() => new ContrastiveTask([examples[0], new("alone", [])], tokenizer)).Message);
        Assert.Contains("empty", Assert.Throws<InvalidInputException>(() => new ContrastiveTask([examples[0], new("", ["x"])], tokenizer)).Message);
        Assert.Contains("two examples", Assert.Throws<InvalidInputException>(() => new ContrastiveTask(examples[..1], tokenizer)).Message);
        Assert.Contains("weight", Assert.Throws<InvalidInputException>(() => TaskTrainer.Train(spec, tokenizer, [new(new ContrastiveTask(examples, tokenizer), 0)], options, workspace: workspace)).Message);
        Assert.Contains("LexicalWidth", Assert.Throws<InvalidInputException>(() => (spec with { LexicalWidth = 24 }).Checked()).Message);
    }
}
