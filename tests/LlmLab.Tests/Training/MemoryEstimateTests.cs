using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Training;

namespace LlmLab.Tests.Training;

public sealed class MemoryEstimateTests : IDisposable
{
    public MemoryEstimateTests() => TorchThreads.One();

    readonly string folder = Directory.CreateTempSubdirectory("llmlab-memory-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static readonly ModelSpec medium = new() { VocabularySize = 8_192, ContextLength = 512, LayerCount = 8, Width = 512, HeadCount = 8 };
    static readonly TrainingOptions options = new() { BatchSize = 64 };
    static readonly MeasuredSetting libTorch = new(512, Precision.Float32, 4, Kernels.LibTorch, 0);

    public static TheoryData<string> Presets => [.. Preset.All.Select(p => p.Name)];

    [Theory, MemberData(nameof(Presets))]
    public void Parameters_Presets_AreThoseOfTheModel(string name) => AreThoseOfTheModel(Preset.Find(name).Spec);

    public static TheoryData<string, ModelSpec> Specs => new()
    {
        { "large vocabulary", small with { VocabularySize = 50_257 } },
        { "large vocabulary, untied", small with { VocabularySize = 50_257, TiedEmbeddings = false } },
        { "short convolution", small with { ShortConvolution = 3 } },
        { "GPT-2's biases", small with { Biases = true } },
        { "decoder with all that modern ones have", small with { KeyValueHeadCount = 2, Activation = Activation.SwiGlu, Norm = NormKind.RmsNorm, QueryKeyNorm = true, ValueEmbeddings = true, InitialEmbeddingSkip = true, NormAfterEmbedding = true, Positions = PositionKind.Rotary } },
        { "target positions", small with { TargetPositions = true, NormGain = false } },
        { "BERT", small with { Family = ModelFamily.Encoder, NormPlacement = NormPlacement.Post, NormAfterEmbedding = true, Biases = true, TokenTypeCount = 2, HeadTransform = true, ClassCount = 3, SpanHead = true } },
        { "encoder of texts", small with { Family = ModelFamily.Encoder, Positions = PositionKind.Sinusoidal, EmbeddingWidth = 96, LexicalWidth = 32, WeightedPooling = true } },
        { "T5", small with { Family = ModelFamily.EncoderDecoder, Positions = PositionKind.RelativeBias, Norm = NormKind.RmsNorm, Activation = Activation.GeGlu, TiedEmbeddings = false, KeyValueHeadCount = 2, DecoderLayerCount = 2 } },
        { "original transformer", small with { Family = ModelFamily.EncoderDecoder, NormPlacement = NormPlacement.Post, Biases = true, Positions = PositionKind.Sinusoidal } },
    };

    [Theory, MemberData(nameof(Specs))]
    public void Parameters_OtherSpecs_AreThoseOfTheModel(string name, ModelSpec spec)
    {
        Assert.NotEmpty(name);
        AreThoseOfTheModel(spec);
    }

    static readonly ModelSpec small = new() { VocabularySize = 500, Width = 64, HeadCount = 4, LayerCount = 3 };

    static void AreThoseOfTheModel(ModelSpec spec)
    {
        using var model = new LanguageModel(spec);
        Assert.Equal(model.parameters().Sum(p => (long)p.bytes.Length), 4 * MemoryEstimate.Parameters(spec));
    }

    [Fact]
    public void Of_TwiceTheVocabulary_AddsTableLogitsAndOptimizer()
    {
        // Tied embeddings in float32: weights, a gradient and one on its way for each of 4 threads, AdamW's two numbers; 12 bytes a logit.
        var wide = medium with { VocabularySize = 2 * medium.VocabularySize };
        var (before, after) = (MemoryEstimate.Of(medium, options, libTorch), MemoryEstimate.Of(wide, options, libTorch));
        long table = (long)medium.VocabularySize * medium.Width, logits = (long)options.BatchSize * medium.ContextLength * medium.VocabularySize;
        Assert.Equal(table * (4 + 4 * 4 + 8), after.States - before.States);
        Assert.Equal(table * 4 * 4 + logits * 12, after.Activations - before.Activations);
    }

    [Fact]
    public void CheckFits_TooLittleMemory_NamesWaysThatFit()
    {
        var estimate = MemoryEstimate.Of(medium, options, libTorch);
        long free = estimate.Total / 2;
        string message = Assert.Throws<InvalidInputException>(() => estimate.CheckFits(free)).Message;
        Assert.Contains("activation checkpointing", message);
        int batch = int.Parse(System.Text.RegularExpressions.Regex.Match(message, @"a batch of (\d+)").Groups[1].Value);
        Assert.InRange(MemoryEstimate.Of(medium, options with { BatchSize = batch }, libTorch).Total, 1, free);
        Assert.True(MemoryEstimate.Of(medium, options with { BatchSize = batch + 1 }, libTorch).Total > free);
        int length = int.Parse(System.Text.RegularExpressions.Regex.Match(message, @"sequences of (\d+) tokens").Groups[1].Value);
        Assert.InRange(MemoryEstimate.Of(medium, options with { SequenceLength = length }, libTorch).Total, 1, free);
        MemoryEstimate.Of(medium, options with { ActivationCheckpointing = true }, libTorch).CheckFits(free);
        estimate.CheckFits(estimate.Total);
    }

    [Fact]
    public void Bytes_ContainerWithALimit_IsWhatTheContainerHasLeft()
    {
        string information = Path.Combine(folder, "meminfo");
        File.WriteAllText(information, "MemTotal:       24000000 kB\nMemAvailable:   20000000 kB\n");
        Assert.Equal(20_000_000L * 1024, AvailableMemory.Bytes(information, folder));
        File.WriteAllText(Path.Combine(folder, "memory.max"), "max\n");
        File.WriteAllText(Path.Combine(folder, "memory.current"), "3000000000\n");
        Assert.Equal(20_000_000L * 1024, AvailableMemory.Bytes(information, folder));
        File.WriteAllText(Path.Combine(folder, "memory.max"), "4000000000\n");
        File.WriteAllText(Path.Combine(folder, "memory.stat"), "anon 1\ninactive_file 500000000\n");
        Assert.Equal(1_500_000_000, AvailableMemory.Bytes(information, folder));
    }
}
