using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Tests.Training;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Models;

/// <summary>What tells a hidden token's place where its neighbours are: short convolutions both ways, rotary angles from the wanted place.</summary>
public sealed class NeighbourTests
{
    public NeighbourTests() => TorchThreads.One();

    static readonly ModelSpec permuting = new() { VocabularySize = 11, ContextLength = 16, LayerCount = 2, Width = 32, HeadCount = 2, Positions = PositionKind.Rotary, TargetPositions = true };
    static readonly ModelSpec filling = permuting with { Family = ModelFamily.EncoderDecoder, ShortConvolution = 2 };

    static LanguageModel Lively(ModelSpec spec) => new(spec with { WeightDeviation = 0.3, EmbeddingDeviation = 1, HeadDeviation = 0.3 }, seed: 3);

    static Tensor SomeTokens(int time, ulong seed = 7)
    {
        using var random = new Generator(seed, CPU);
        return randint(0, 11, [2, time], dtype: ScalarType.Int64, generator: random);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ShortConvolution_OneOrBothWays_IsTheSumOfWeighedNeighbours(bool bothWays)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        const int reach = 2, time = 5, width = 4;
        using var convolution = new ShortConvolution(permuting with { Width = width, ShortConvolution = reach }, 0, bothWays);
        using var random = new Generator(5, CPU);
        var weight = convolution.get_parameter("weight")!;
        Assert.Equal([bothWays ? 2 * reach : reach, width], weight.shape);
        weight.copy_(randn(weight.shape, generator: random));
        var (x, mask) = (randn(2, time, width, generator: random), ones(2, time, dtype: ScalarType.Bool));
        mask[1, 4] = false;   // padding: nothing is taken from it
        var found = convolution.Forward(x, null, mask);
        for (int row = 0; row < 2; row++)
            for (int at = 0; at < time; at++)
                for (int channel = 0; channel < width; channel++)
                {
                    double expected = x[row, at, channel].item<float>();
                    for (int away = 1; away <= reach; away++)
                    {
                        double Of(int place) => place < 0 || place >= time || !mask[row, place].item<bool>() ? 0 : x[row, place, channel].item<float>();
                        expected += weight[away - 1, channel].item<float>() * Of(at - away);
                        if (bothWays) expected += weight[reach + away - 1, channel].item<float>() * Of(at + away);
                    }
                    Assert.Equal(expected, found[row, at, channel].item<float>(), 1e-5);
                }
    }

    [Fact]
    public void Logits_EncoderWithAConvolution_PaddingChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var model = Lively(permuting with { Family = ModelFamily.Encoder, TargetPositions = false, ShortConvolution = 2 });
        var tokens = SomeTokens(9);
        var padded = cat([tokens, full([2, 4], 2, dtype: ScalarType.Int64)], 1);
        var mask = cat([ones(2, 9, dtype: ScalarType.Bool), zeros(2, 4, dtype: ScalarType.Bool)], 1);
        var difference = model.Logits(new ModelInput(padded) { Mask = mask }, new ForwardPass()).narrow(1, 0, 9) - model.forward(tokens);
        Assert.True(difference.abs().max().item<float>() < 1e-4);
    }

    [Fact]
    public void Logits_EncoderDecoderWithAConvolution_LaterTargetsChangeNothing()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var model = Lively(filling);
        var (source, target, places) = (SomeTokens(10), SomeTokens(6, 8), SomeTokens(6, 9).clamp_max(9));
        Tensor Logits(Tensor tokens) => model.Logits(new ModelInput(tokens) { Source = source, NextPositions = places }, new ForwardPass());
        var changed = target.clone();
        changed[TensorIndex.Colon, 4] = (changed[TensorIndex.Colon, 4] + 1) % 11;
        Assert.Equal(0, (Logits(target) - Logits(changed)).narrow(1, 0, 4).abs().max().item<float>());
    }

    [Fact]
    public void Logits_RotaryTargetPositions_DependOnDistancesAlone()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var model = Lively(permuting);
        var tokens = SomeTokens(5);
        Tensor Logits(long[] order, long[] wanted) => model.Logits(new ModelInput(tokens) { Positions = tensor(order).expand(2, 5).contiguous(), NextPositions = tensor(wanted).expand(2, 5).contiguous() }, new ForwardPass());
        var here = Logits([3, 0, 4, 1, 2], [0, 4, 1, 2, 5]);
        Assert.True((here - Logits([13, 10, 14, 11, 12], [10, 14, 11, 12, 15])).abs().max().item<float>() < 1e-3);
        Assert.True((here - Logits([3, 0, 4, 1, 2], [0, 4, 1, 2, 6])).abs().max().item<float>() > 1e-2);
        Assert.True((model.forward(tokens) - Logits([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])).abs().max().item<float>() < 1e-5);   // in order unless told otherwise
    }

    [Fact]
    public void Logits_EncoderDecoderWithTargetPositions_AreTheTurnedAttentionOfItsPlaces()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var model = Lively(filling);
        var (source, target) = (SomeTokens(10), SomeTokens(4, 8));
        Tensor Logits(long place) => model.Logits(new ModelInput(target) { Source = source, NextPositions = full([2, 4], place, dtype: ScalarType.Int64) }, new ForwardPass());
        Assert.True((Logits(3) - Logits(7)).abs().max().item<float>() > 1e-2);
        Assert.Contains("next positions are missing", Assert.Throws<InvalidInputException>(() => model.Logits(new ModelInput(target) { Source = source }, new ForwardPass())).Message);
    }

    [Fact]
    public void Checked_SwitchesThatDoNotFit_SayWhich()
    {
        Assert.Contains("read in order", Assert.Throws<InvalidInputException>(() => (permuting with { ShortConvolution = 1 }).Checked()).Message);
        Assert.Contains("rotary", Assert.Throws<InvalidInputException>(() => (filling with { Positions = PositionKind.Learned }).Checked()).Message);
        Assert.Contains("sliding window", Assert.Throws<InvalidInputException>(() => (permuting with { SlidingWindow = 4 }).Checked()).Message);
    }

    [Fact]
    public void Parameters_ConvolutionsBothWaysAndRotaryPlaces_AreThoseOfTheModel()
    {
        foreach (var spec in (ModelSpec[])[permuting, filling, filling with { Family = ModelFamily.Encoder, TargetPositions = false }])
        {
            using var model = new LanguageModel(spec);
            Assert.Equal(model.ParameterCount, MemoryEstimate.Parameters(spec));
        }
    }
}
