using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Training;

public sealed class CheckpointingTests
{
    public CheckpointingTests() => TorchThreads.One();

    public static TheoryData<string> Shapes => ["gpt", "modern", "dropout", "encoder", "translator", "bfloat16"];

    static (ModelSpec Spec, ObjectiveKind Objective, Precision Precision) Shape(string name)
    {
        var spec = new ModelSpec { VocabularySize = 200, ContextLength = 24, LayerCount = 3, Width = 32, HeadCount = 2 };
        return name switch
        {
            "modern" => (spec with { Positions = PositionKind.Rotary, Norm = NormKind.RmsNorm, QueryKeyNorm = true, Activation = Activation.SwiGlu, InitialEmbeddingSkip = true, ValueEmbeddings = true, TiedEmbeddings = false, LogitSoftCap = 15, NormAfterEmbedding = true }, ObjectiveKind.Causal, Precision.Float32),
            "dropout" => (spec with { Dropout = 0.3 }, ObjectiveKind.Causal, Precision.Float32),
            "encoder" => (spec with { Family = ModelFamily.Encoder, NormPlacement = NormPlacement.Post, Biases = true, HeadTransform = true }, ObjectiveKind.Masked, Precision.Float32),
            "translator" => (spec with { Family = ModelFamily.EncoderDecoder, Positions = PositionKind.RelativeBias, RelativeBuckets = 8, RelativeDistance = 16, Dropout = 0.1 }, ObjectiveKind.Denoising, Precision.Float32),
            "bfloat16" => (spec with { Positions = PositionKind.Rotary }, ObjectiveKind.Causal, Precision.BFloat16),
            _ => (spec, ObjectiveKind.Causal, Precision.Float32),
        };
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Accumulate_WithCheckpointing_GivesTheGradientsOfTheWholeGraph(string shape)
    {
        var (spec, kind, precision) = Shape(shape);
        using var plain = Gradient(spec, kind, precision, checkpointing: false, out double loss);
        using var checkpointed = Gradient(spec, kind, precision, checkpointing: true, out double same);
        Assert.Equal(loss, same, 1e-6);
        using var difference = (plain - checkpointed).abs().max();
        using var largest = plain.abs().max();
        // The same operations on the same numbers; only sums over several uses of a parameter may be in another order.
        Assert.InRange(difference.item<float>(), 0, 1e-5f * largest.item<float>());
        Assert.True(largest.item<float>() > 1e-3);
    }

    static Tensor Gradient(ModelSpec spec, ObjectiveKind kind, Precision precision, bool checkpointing, out double loss)
    {
        using var model = new LanguageModel(spec, 1);
        using (no_grad())
            foreach (var (name, parameter) in model.named_parameters())
                if (name.EndsWith("initial_scale", StringComparison.Ordinal)) parameter.fill_(0.3);
        using var buffer = new ParameterBuffer(model);
        using var pool = new WorkerPool(2, 1);
        using var engine = new GradientEngine(model, buffer, pool, precision, 5, checkpointing);
        var random = new Random(3);
        int[] tokens = [.. Enumerable.Range(0, 1_000).Select(_ => random.Next(100, 200))];
        using var data = TokenDataset.FromTokens("random", tokens, 200);
        var objective = TrainingObjective.Create(kind, spec, 24, 1);
        var (windows, batch) = (new Batch(4, 24), objective.NewBatch(4));
        new BatchSampler(data, 4, 24, 1).Next(windows);
        objective.Prepare(windows, batch, 0);
        loss = engine.Accumulate(batch, 0.5, 7);
        engine.Reduce();
        return buffer.Gradients.clone();
    }
}
