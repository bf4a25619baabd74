using LlmLab.Models;
using LlmLab.Models.Kernels;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Training;

public sealed class MuonTests
{
    public MuonTests() => TorchThreads.One();

    [Theory]
    [InlineData(32, 32, ScalarType.Float32)]
    [InlineData(128, 32, ScalarType.Float32)]
    [InlineData(32, 128, ScalarType.BFloat16)]
    public void Orthogonalise_RandomMatrix_HasSingularValuesNearOne(int rows, int columns, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5, CPU);
        var matrix = randn(rows, columns, generator: random);
        var result = Muon.Orthogonalise(matrix, type);
        var values = linalg.svdvals(result);
        // The quintic brings what is not tiny into about 0.68 to 1.13 (Jordan et al. 2024).
        Assert.InRange(values[TensorIndex.Slice(0, 28)].min().item<float>(), 0.6, 1.2);
        Assert.InRange(values.max().item<float>(), 0.8, 1.25);
        // Same singular vectors: the product with the original is symmetric positive, so its trace is the sum of singular values.
        var (u, s, vt) = linalg.svd(matrix, fullMatrices: false);
        double aligned = (result * matmul(u, vt)).sum().item<float>() / Math.Min(rows, columns);
        Assert.InRange(aligned, 0.75, 1.15);
    }

    [Fact]
    public void Step_AnyNumberOfThreads_GivesTheSameBits()
    {
        using var one = After(1);
        using var three = After(3);
        Assert.True(one.eq(three).all().item<bool>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Step_CompiledKernels_EqualTheOperatorsToBFloat16sPrecision(int threads)
    {
        Assert.SkipUnless(NewtonSchulz.Fits(16, 16), "This processor has no bfloat16 products (AVX-512 BF16), or the system is not Linux.");
        var wide = new ModelSpec { VocabularySize = 7, ContextLength = 8, LayerCount = 2, Width = 64, HeadCount = 2, TiedEmbeddings = false };
        using var fresh = new LanguageModel(wide, 1);
        using var buffer = new ParameterBuffer(fresh);
        using var before = buffer.Values.clone();
        using var plain = After(threads, wide);
        using var compiled = After(threads, wide, Kernels.Compiled);
        foreach (var segment in buffer.Segments)
        {
            using var scope = NewDisposeScope();
            var (start, expected, actual) = (ParameterBuffer.View(before, segment), ParameterBuffer.View(plain, segment), ParameterBuffer.View(compiled, segment));
            // Newton–Schulz amplifies the rounding of its operands where singular values are small, so matrices agree as directions.
            double difference = (expected - actual).norm().item<float>() / (expected - start).norm().item<float>();
            Assert.True(difference < 0.05, $"{segment.Name}: {difference}");
        }
    }

    [Fact]
    public void Step_MatricesAndTheRest_AllMove()
    {
        using var fresh = new LanguageModel(spec, 1);
        using var buffer = new ParameterBuffer(fresh);
        using var before = buffer.Values.clone();
        using var after = After(2);
        foreach (var segment in buffer.Segments)
        {
            using var scope = NewDisposeScope();
            Assert.True((ParameterBuffer.View(before, segment) - ParameterBuffer.View(after, segment)).abs().max().item<float>() > 1e-4, segment.Name);
        }
    }

    static readonly ModelSpec spec = new() { VocabularySize = 7, ContextLength = 8, LayerCount = 2, Width = 16, HeadCount = 2, KeyValueHeadCount = 1, TiedEmbeddings = false };

    static Tensor After(int threads, ModelSpec? other = null, Kernels kernels = Kernels.LibTorch)
    {
        using var model = new LanguageModel(other ?? spec, 1);
        using var buffer = new ParameterBuffer(model);
        using var pool = new WorkerPool(threads, 1);
        using var muon = new Muon(buffer, new TrainingOptions { Optimizer = OptimizerKind.Muon, WeightDecay = 0.1 }, pool, model.PackedParts, kernels: kernels);
        for (int step = 0; step < 3; step++)
        {
            using var random = new Generator((ulong)step + 3, CPU);
            using var drawn = randn(buffer.Length, generator: random);
            buffer.Gradients.copy_(drawn);
            muon.Step(step, 1, 1);
        }
        return buffer.Values.clone();
    }

    [Fact]
    public void Step_KeysAndValuesOverAnEncoder_AreOrthogonalisedEachByItself()
    {
        var crossing = spec with { Family = ModelFamily.EncoderDecoder, KeyValueHeadCount = null };
        using var fresh = new LanguageModel(crossing, 1);
        using var buffer = new ParameterBuffer(fresh);
        using var before = buffer.Values.clone();
        using var pool = new WorkerPool(1, 1);
        using var muon = new Muon(buffer, new TrainingOptions { Optimizer = OptimizerKind.Muon, WeightDecay = 0, MuonLearningRate = 1 }, pool, fresh.PackedParts);
        using var scope = NewDisposeScope();
        using var random = new Generator(3, CPU);
        buffer.Gradients.copy_(randn(buffer.Length, generator: random));
        muon.Step(0, 1, 1);
        var segment = buffer.Segments.First(s => s.Name == "blocks.0.encoder_attention.packed.weight");
        var moved = (ParameterBuffer.View(before, segment) - ParameterBuffer.View(buffer.Values, segment)).view(2, 16, 16);   // keys, values
        // Taken together as 32 × 16, neither half would be near a square orthogonal matrix.
        for (int part = 0; part < 2; part++) Assert.InRange(linalg.svdvals(moved[part])[TensorIndex.Slice(0, 13)].min().item<float>(), 0.6, 1.2);
    }

    [Fact]
    public void Lion_OneStep_IsTheSignOfTheGradientAndDecay()
    {
        using var model = new LanguageModel(spec, 1);
        using var buffer = new ParameterBuffer(model);
        using var lion = new Lion(buffer, new TrainingOptions { LearningRate = 0.01, WeightDecay = 0.5 });
        var segment = buffer.Segments[0];
        using var scope = NewDisposeScope();
        var before = ParameterBuffer.View(buffer.Values, segment).clone();
        buffer.Gradients.fill_(-2);
        lion.Step(0, 1, 1);
        var expected = before * (1 - 0.01 * 0.5) + 0.01;
        Assert.True((expected - ParameterBuffer.View(buffer.Values, segment)).abs().max().item<float>() < 1e-7);
    }
}
