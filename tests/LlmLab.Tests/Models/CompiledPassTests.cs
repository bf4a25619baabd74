using LlmLab.Models;
using LlmLab.Models.Kernels;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Models;

/// <summary>The compiled pass against the plain model: loss and every parameter's gradient.</summary>
public sealed unsafe class CompiledPassTests
{
    static readonly ModelSpec gpt2 = new() { VocabularySize = 65, LayerCount = 2, ContextLength = 48 };

    static readonly ModelSpec modern = gpt2 with
    {
        Positions = PositionKind.Rotary,
        Norm = NormKind.RmsNorm,
        NormGain = false,
        QueryKeyNorm = true,
        Activation = Activation.ReluSquared,
        TiedEmbeddings = false,
        LogitSoftCap = 15,
        InitialEmbeddingSkip = true,
        NormAfterEmbedding = true,
    };

    public static TheoryData<string, ModelSpec> Specs => new()
    {
        { "GPT-2's shape", gpt2 },
        { "a short convolution", modern with { ShortConvolution = 3, InitialEmbeddingSkip = false } },
        { "a short convolution, GPT-2's shape", gpt2 with { ShortConvolution = 2 } },
        { "modern core", modern },
        { "gains, tanh GELU, negative rotation", modern with { NormGain = true, QueryKeyNorm = false, Activation = Activation.GeluTanh, RotaryNegative = true } },
        { "most tokens unscored", modern with { ContextLength = 64 } },
        { "ReLU, no positions, wide heads", gpt2 with { Activation = Activation.Relu, Positions = PositionKind.None, HeadCount = 2, ContextLength = 112 } },
        { "vocabulary of 259, width 48", gpt2 with { VocabularySize = 259, Width = 48, HeadCount = 3, FeedForwardWidth = 80 } },
    };

    [Theory, MemberData(nameof(Specs))]
    public void Run_AnySupportedSpec_GivesTheGradientOfThePlainModel(string name, ModelSpec spec)
    {
        Assert.SkipUnless(Product.IsSupported, "This processor has no AVX2.");
        Assert.Null(CompiledWeights.WhyNot(spec, spec.ContextLength));
        const int sequences = 23;   // more than one piece of 1,024 tokens, and an uneven last one
        set_num_threads(1);   // beside other tests, threads that wait for each other are slow
        using var scope = NewDisposeScope();
        using var model = new LanguageModel(spec, 1);
        using var buffer = new ParameterBuffer(model);
        using (no_grad())
        {
            // Nothing may stay zero or one, or its gradient would hide a fault.
            random.manual_seed(5);
            buffer.Values.add_(randn(buffer.Length) * 0.02);
        }
        var draw = new Random(1);
        int length = spec.ContextLength, count = sequences * length;
        long[] tokens = [.. Enumerable.Range(0, count).Select(_ => (long)draw.Next(spec.VocabularySize))];
        long[] targets = [.. Enumerable.Range(0, count).Select(i => i % 7 == 3 ? -1L : draw.Next(spec.VocabularySize))];
        float[] weights = [.. Enumerable.Range(0, count).Select(i => spec.ContextLength == 64 && i / 50 % 5 != 0 ? 0 : draw.NextSingle())];
        double divisor = Enumerable.Range(0, count).Where(i => targets[i] >= 0).Sum(i => (double)weights[i]);
        var (x, y, w) = (tensor(tokens, [sequences, length]), tensor(targets, [sequences, length]), tensor(weights, [sequences, length]));

        var exact = Gradient(ScalarType.Float32, out double exactLoss);
        var rounded = Gradient(ScalarType.BFloat16, out _);
        buffer.Gradients.zero_();
        using var packed = new CompiledWeights(spec, buffer.Segments.ToDictionary(s => s.Name, s => s.Offset));
        using var pass = new CompiledPass(packed, length, sequences);
        packed.Pack(Pointers.Of(buffer.Values), 0, 1);
        double loss = pass.Run(Pointers.Of(buffer.Values), Pointers.Of(buffer.Gradients), tokens, targets, weights, divisor, 0.5);
        var compiled = buffer.Gradients * 2;

        Assert.Equal(exactLoss, loss, 3e-4);
        foreach (var segment in buffer.Segments)
        {
            // bfloat16 keeps 8 bits; libtorch's own bfloat16 pass shows how much of that error is in the nature of the thing.
            double bound = Math.Max(0.02, 2 * Difference(rounded, segment));
            Assert.True(Difference(compiled, segment) < bound, $"{name}, {segment.Name}: relative error {Difference(compiled, segment):0.0000} over {bound:0.0000}");
        }

        Tensor Gradient(ScalarType type, out double value)
        {
            buffer.Gradients.zero_();
            var result = model.Loss(x, y, new ForwardPass { OperandType = type }, w, divisor);
            result.backward();
            value = result.item<float>();
            return buffer.Gradients.clone();
        }

        double Difference(Tensor gradient, ParameterSegment segment)
        {
            var plain = ParameterBuffer.View(exact, segment);
            return ((ParameterBuffer.View(gradient, segment) - plain).norm() / (plain.norm() + 1e-12)).item<float>();
        }
    }

    static readonly ModelSpec pointing = modern with { Family = ModelFamily.Encoder, SpanHead = true, TiedEmbeddings = true, LogitSoftCap = null, ShortConvolution = 3, ContextLength = 96 };

    public static TheoryData<string, ModelSpec> PointingSpecs => new()
    {
        { "the reader's shape", pointing },
        { "GPT-2's shape", gpt2 with { Family = ModelFamily.Encoder, SpanHead = true, ContextLength = 64 } },
        { "gains, no embedding skip", pointing with { NormGain = true, QueryKeyNorm = false, InitialEmbeddingSkip = false, Activation = Activation.GeluTanh } },
    };

    [Theory, MemberData(nameof(PointingSpecs))]
    public void RunSpans_TextsOfManyLengths_GivesTheGradientOfThePlainModel(string name, ModelSpec spec)
    {
        Assert.SkipUnless(Product.IsSupported, "This processor has no AVX2.");
        Assert.NotNull(CompiledWeights.WhyNot(spec, spec.ContextLength));
        Assert.Null(CompiledWeights.WhyNot(spec, spec.ContextLength, pointing: true));
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var model = new LanguageModel(spec, 1);
        using var buffer = new ParameterBuffer(model);
        using (no_grad())
        {
            random.manual_seed(5);
            buffer.Values.add_(randn(buffer.Length) * 0.05);
        }
        var draw = new Random(1);
        (int[] Tokens, (int First, int Last)[] Answers)[] texts = [.. Enumerable.Range(0, 31).Select(i =>
        {
            int[] tokens = [.. Enumerable.Range(0, i == 0 ? 1 : i == 1 ? spec.ContextLength : draw.Next(2, spec.ContextLength)).Select(_ => draw.Next(spec.VocabularySize))];
            return (tokens, Enumerable.Range(0, 1 + i % 3).Select(_ => draw.Next(tokens.Length)).Select(first => (first, draw.Next(first, tokens.Length))).ToArray());
        })];

        var exact = Gradient(ScalarType.Float32, out double exactLoss);
        var rounded = Gradient(ScalarType.BFloat16, out _);
        buffer.Gradients.zero_();
        using var packed = new CompiledWeights(spec, buffer.Segments.ToDictionary(s => s.Name, s => s.Offset));
        using var pass = new CompiledPass(packed, spec.ContextLength, texts.Length);
        packed.Pack(Pointers.Of(buffer.Values), 0, 1);
        double loss = pass.RunSpans(Pointers.Of(buffer.Values), Pointers.Of(buffer.Gradients), texts, 2 * texts.Length, 0.5);
        var compiled = buffer.Gradients * 2;

        Assert.Equal(exactLoss, loss, 3e-3);
        foreach (var segment in buffer.Segments)
        {
            var plain = ParameterBuffer.View(exact, segment);
            float Difference(Tensor gradient) => ((ParameterBuffer.View(gradient, segment) - plain).norm() / (plain.norm() + 1e-12)).item<float>();
            Assert.True(plain.norm().item<float>() > 0, $"{name}, {segment.Name}: no gradient to compare");
            double bound = Math.Max(0.02, 2 * Difference(rounded));
            Assert.True(Difference(compiled) < bound, $"{name}, {segment.Name}: relative error {Difference(compiled):0.0000} over {bound:0.0000}");
        }

        Tensor Gradient(ScalarType type, out double value)
        {
            buffer.Gradients.zero_();
            var pass = new ForwardPass { OperandType = type };
            value = 0;
            foreach (var (tokens, answers) in texts)   // one by one: nothing is padded
            {
                var input = new ModelInput(tensor(tokens.Select(t => (long)t).ToArray()).unsqueeze(0));
                var logits = model.Spans(model.Hidden(input, pass), pass);
                var chances = logits[0].log_softmax(0);   // [time, 2]
                Tensor Together(IEnumerable<int> places, int choice) => stack([.. places.Distinct().Select(place => chances[place, choice])]).logsumexp(0);
                var result = -(Together(answers.Select(a => a.First), 0) + Together(answers.Select(a => a.Last), 1)) / (2 * texts.Length);
                result.backward();
                value += result.item<float>();
            }
            return buffer.Gradients.clone();
        }
    }

    [Fact]
    public void Create_CompiledKernelsWhereTheyCannotServe_SaysWhy()
    {
        using var model = new LanguageModel(gpt2 with { Biases = true });
        using var buffer = new ParameterBuffer(model);
        using var pool = new WorkerPool(1, 1);
        var error = Assert.Throws<InvalidInputException>(() => IGradientEngine.Create(Kernels.Compiled, model, buffer, pool, Precision.BFloat16, 1, 4, 48));
        Assert.Contains(Product.IsSupported ? "biases" : "AVX2", error.Message);
    }
}
