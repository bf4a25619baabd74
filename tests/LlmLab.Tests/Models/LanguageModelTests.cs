using LlmLab.Models;
using LlmLab.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Models;

public sealed class LanguageModelTests
{
    public LanguageModelTests() => TorchThreads.One();

    static readonly ModelSpec plain = new() { VocabularySize = 11, ContextLength = 16, LayerCount = 3, Width = 32, HeadCount = 4 };

    /// <summary>Every switch at least once, alone or together.</summary>
    public static TheoryData<string> Names => [.. specs.Keys];

    static readonly Dictionary<string, ModelSpec> specs = new()
    {
        ["gpt2"] = plain with { Biases = true, Activation = Activation.GeluTanh },
        ["nanogpt"] = plain,
        ["llama"] = plain with { Positions = PositionKind.Rotary, Norm = NormKind.RmsNorm, KeyValueHeadCount = 2, Activation = Activation.SwiGlu, TiedEmbeddings = false },
        ["qwen"] = plain with { Positions = PositionKind.Rotary, Norm = NormKind.RmsNorm, KeyValueHeadCount = 1, HeadWidth = 12, QueryKeyNorm = true, Activation = Activation.SwiGlu },
        ["nanochat"] = plain with
        {
            Positions = PositionKind.Rotary,
            RotaryNegative = true,
            Norm = NormKind.RmsNorm,
            NormGain = false,
            NormAfterEmbedding = true,
            QueryKeyNorm = true,
            QueryKeyNormAfterRotation = true,
            Activation = Activation.ReluSquared,
            TiedEmbeddings = false,
            LogitSoftCap = 15,
            ValueEmbeddings = true,
            InitialEmbeddingSkip = true,
        },
        ["window"] = plain with { SlidingWindow = 4, FullAttentionEvery = 2, Positions = PositionKind.Sinusoidal },
        ["post-norm"] = plain with { NormPlacement = NormPlacement.Post, Biases = true, NormAfterEmbedding = true, Activation = Activation.Relu },
        ["short convolution"] = plain with { ShortConvolution = 3 },
        ["bare"] = plain with { Positions = PositionKind.None, ResidualConnections = false, Activation = Activation.GeGlu },
    };

    static Tensor SomeTokens(int batch = 2, int time = 12)
    {
        using var random = new Generator(7, CPU);
        return randint(0, 11, [batch, time], dtype: ScalarType.Int64, generator: random);
    }

    // Larger weights than a fresh model has, so that what one token does to another shows.
    static LanguageModel Lively(ModelSpec spec) => new(spec with { WeightDeviation = 0.3, EmbeddingDeviation = 1, HeadDeviation = 0.3 }, seed: 3);

    [Theory, MemberData(nameof(Names))]
    public void Logits_AFutureTokenChanges_PastLogitsStay(string name)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var model = Lively(specs[name]);
        var tokens = SomeTokens();
        var before = model.forward(tokens);
        var changed = tokens.clone();
        changed[TensorIndex.Colon, 8] = (changed[TensorIndex.Colon, 8] + 1) % 11;
        var after = model.forward(changed);
        Assert.Equal(0, (before - after).narrow(1, 0, 8).abs().max().item<float>());
        Assert.True((before - after).narrow(1, 8, 4).abs().max().item<float>() > 1e-3);
    }

    [Theory, MemberData(nameof(Names))]
    public void Logits_ReadWithACache_EqualThoseOfTheWholeText(string name)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var model = Lively(specs[name]);
        var tokens = SomeTokens();
        var whole = model.forward(tokens);
        using var cache = new KeyValueCache(model.Spec, batch: 2);
        var pass = new ForwardPass { Cache = cache };
        var parts = new List<Tensor> { model.Logits(tokens.narrow(1, 0, 5), pass), model.Logits(tokens.narrow(1, 5, 3), pass) };
        for (int i = 8; i < 12; i++) parts.Add(model.Logits(tokens.narrow(1, i, 1), pass));
        Assert.True((whole - cat(parts, 1)).abs().max().item<float>() < 1e-5 * Math.Max(5, whole.abs().max().item<float>()));
    }

    [Theory, MemberData(nameof(Names))]
    public void Logits_FusedAttention_EqualsStepByStep(string name)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var model = Lively(specs[name]);
        var tokens = SomeTokens();
        int seen = 0;
        var watched = model.Logits(tokens, new ForwardPass { Watch = (n, _) => seen += n.EndsWith("attention.weights", StringComparison.Ordinal) ? 1 : 0 });
        Assert.Equal(3, seen);
        Assert.True((watched - model.forward(tokens)).abs().max().item<float>() < 1e-5 * Math.Max(5, watched.abs().max().item<float>()));
    }

    [Theory, MemberData(nameof(Names))]
    public void Loss_Gradient_EqualsFiniteDifferences(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Lively(specs[name] with { LayerCount = 2 });
        model.to(ScalarType.Float32);
        var tokens = SomeTokens(1, 10);
        var targets = tokens.roll(1, 1);
        model.Loss(tokens, targets).backward();
        foreach (var (parameterName, parameter) in model.named_parameters())
        {
            var direction = parameter.grad!;
            double length = direction.norm().item<float>();
            if (length < 1e-4) continue;
            // Along the gradient itself the slope is its length.
            double step = 2e-3 / length;
            double up = LossAt(model, parameter, direction, step, tokens, targets), down = LossAt(model, parameter, direction, -step, tokens, targets);
            double slope = (up - down) / (2 * step) / length;
            Assert.True(Math.Abs(slope - length) < 0.03 * length + 2e-4, $"{parameterName}: slope {slope}, gradient {length}");
        }
    }

    static double LossAt(LanguageModel model, Tensor parameter, Tensor direction, double step, Tensor tokens, Tensor targets)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var kept = parameter.clone();
        parameter.add_(direction, alpha: step);
        double loss = model.Loss(tokens, targets).item<float>();
        parameter.copy_(kept);
        return loss;
    }

    [Fact]
    public void ParameterCount_NanoGptCpuRecipe_IsItsPublishedCount()
    {
        // nanoGPT prints "number of parameters: 0.80M": 4 × 12 × 128² in blocks, 9 norms of 128, 65 × 128 tokens (its count leaves positions out).
        using var model = new LanguageModel(new ModelSpec { VocabularySize = 65 });
        Assert.Equal(4 * 12 * 128 * 128 + 9 * 128 + 65 * 128 + 64 * 128, model.ParameterCount);
    }

    [Fact]
    public void Constructor_SameSeedAndAnotherSwitch_SharedWeightsStartEqual()
    {
        using var one = new LanguageModel(plain, seed: 5);
        using var other = new LanguageModel(plain with { Positions = PositionKind.Rotary, InitialEmbeddingSkip = true }, seed: 5);
        const string name = "blocks.1.feed_forward.up.weight";
        Assert.True(one.get_parameter(name)!.equal(other.get_parameter(name)!).all().item<bool>());
    }

    [Fact]
    public void Constructor_DefaultInitialisation_HasGpt2sDeviations()
    {
        using var model = new LanguageModel(plain with { Width = 128, VocabularySize = 500 }, seed: 2);
        Assert.Equal(0.02, model.get_parameter("tokens")!.std().item<float>(), 0.0005);
        Assert.Equal(0.02 / Math.Sqrt(6), model.get_parameter("blocks.0.feed_forward.down.weight")!.std().item<float>(), 0.0002);
    }

    [Fact]
    public void Logits_LongerThanContext_SaysSo()
    {
        using var model = new LanguageModel(plain);
        using var tokens = zeros(1, 17, dtype: ScalarType.Int64);
        Assert.Contains("17 tokens do not fit the model's context of 16", Assert.Throws<InvalidInputException>(() => model.forward(tokens)).Message);
    }

    [Fact]
    public void Loss_WithWeights_IsTheWeightedMean()
    {
        using var scope = NewDisposeScope();
        using var model = Lively(plain);
        var tokens = SomeTokens(1, 6);
        var targets = tokens.roll(1, 1);
        var weights = tensor(new float[] { 0, 0, 1, 2, 0, 1 }).unsqueeze(0);
        var logProbabilities = model.forward(tokens).log_softmax(-1);
        double expected = 0;
        for (int i = 0; i < 6; i++) expected -= weights[0, i].item<float>() * logProbabilities[0, i, targets[0, i].item<long>()].item<float>() / 4;
        Assert.Equal(expected, model.Loss(tokens, targets, weights: weights).item<float>(), 5e-6);
    }
}
