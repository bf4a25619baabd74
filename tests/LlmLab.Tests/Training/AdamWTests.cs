using LlmLab.Models;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Training;

public sealed class AdamWTests
{
    public AdamWTests() => TorchThreads.One();

    static readonly ModelSpec spec = new() { VocabularySize = 7, ContextLength = 8, LayerCount = 1, Width = 12, HeadCount = 2, Biases = true };
    static readonly TrainingOptions options = new() { LearningRate = 0.01, WeightDecay = 0.2 };

    static void FillGradients(ParameterBuffer buffer, int step)
    {
        using var random = new Generator((ulong)step + 10, CPU);
        using var drawn = randn(buffer.Length, generator: random);
        buffer.Gradients.copy_(drawn);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Step_Fused_EqualsTensorOperations(int threads)
    {
        using var first = new LanguageModel(spec, 1);
        using var second = new LanguageModel(spec, 1);
        using var one = new ParameterBuffer(first);
        using var two = new ParameterBuffer(second);
        using var pool = new WorkerPool(threads, 1);
        using var plain = new AdamW(one, options, null);
        using var fused = new AdamW(two, options, pool);
        for (int step = 0; step < 5; step++)
        {
            FillGradients(one, step);
            FillGradients(two, step);
            plain.Step(step, 0.7, 0.5);
            fused.Step(step, 0.7, 0.5);
        }
        foreach (var segment in one.Segments)
        {
            using var scope = NewDisposeScope();
            Assert.True((ParameterBuffer.View(one.Values, segment) - ParameterBuffer.View(two.Values, segment)).abs().max().item<float>() < 1e-6, segment.Name);
        }
    }

    [Fact]
    public void Step_MatricesDecayAndVectorsDoNot_EqualsLibtorchsAdamW()
    {
        using var scope = NewDisposeScope();
        using var model = new LanguageModel(spec, 1);
        using var reference = new LanguageModel(spec, 1);
        using var buffer = new ParameterBuffer(model);
        using var ours = new AdamW(buffer, options, null);
        var decayed = reference.parameters().Where(p => p.dim() >= 2);
        var kept = reference.parameters().Where(p => p.dim() < 2);
        using var theirs = optim.AdamW(
        [
            new TorchSharp.Modules.AdamW.ParamGroup(decayed, new TorchSharp.Modules.AdamW.Options { weight_decay = 0.2, beta1 = 0.9, beta2 = 0.99, eps = 1e-8 }),
            new TorchSharp.Modules.AdamW.ParamGroup(kept, new TorchSharp.Modules.AdamW.Options { weight_decay = 0, beta1 = 0.9, beta2 = 0.99, eps = 1e-8 }),
        ], lr: 0.01, beta1: 0.9, beta2: 0.99);
        for (int step = 0; step < 4; step++)
        {
            FillGradients(buffer, step);
            foreach (var segment in buffer.Segments)
                reference.get_parameter(segment.Name)!.grad = ParameterBuffer.View(buffer.Gradients, segment).clone();
            ours.Step(step, 1, 1);
            theirs.step();
        }
        foreach (var (name, parameter) in model.named_parameters())
            Assert.True((parameter - reference.get_parameter(name)!).abs().max().item<float>() < 2e-6, name);
    }
}
