using System.IO.Hashing;
using System.Text;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Initial weights. Each tensor is drawn by a generator of its own, seeded by the run's seed and the tensor's name, so that a switch
/// that adds a tensor leaves all others as they were: ablations start from the same point.
/// </summary>
public static class Initialization
{
    /// <summary>Draws all weights of a model anew.</summary>
    public static void Draw(LanguageModel model, long seed)
    {
        using var gradients = no_grad();
        foreach (var (name, parameter) in model.named_parameters()) Draw(model.Spec, name, parameter, seed);
    }

    static void Draw(ModelSpec spec, string name, Parameter parameter, long seed)
    {
        using var random = new Generator(SeedOf(seed, name), CPU);
        string last = name[(name.LastIndexOf('.') + 1)..];
        if (name is "tokens" or "positions" or "next_positions" or "token_types") Normal(parameter, spec.EmbeddingDeviation, random);
        else if (name == "lexical") Normal(parameter, 1 / Math.Sqrt(spec.LexicalWidth), random);   // rows of length 1, nearly orthogonal
        else if (name.StartsWith("lexical_", StringComparison.Ordinal)) parameter.zero_();   // all words count the same, both parts too
        else if (last == "value_tokens") Uniform(parameter, Math.Sqrt(3.0 / spec.Width), random);
        else if (name.Contains("value_gate", StringComparison.Ordinal)) parameter.zero_();
        else if (name == "head.weight") Normal(parameter, spec.HeadDeviation, random);
        else if (name is "relative.weight" or "encoder_relative.weight") Normal(parameter, spec.EmbeddingDeviation, random);
        else if (name == "head_bias") parameter.zero_();
        else if (last is "bias" or "initial_scale") parameter.fill_(last == "bias" ? 0 : InitialScale(spec, name));
        else if (name.Contains("short_convolution", StringComparison.Ordinal)) Uniform(parameter, 0.5, random);   // channels that carry earlier tokens from the start
        else if (last == "residual_scale") parameter.fill_(1);
        else if (name.Contains("norm", StringComparison.Ordinal)) parameter.fill_(1);
        else if (IsOutputProjection(name) && spec.ZeroInitialisedProjections) parameter.zero_();
        else
        {
            double scale = IsOutputProjection(name) && spec.ScaledResidualInitialisation ? 1 / Math.Sqrt(2.0 * spec.LayerCount) : 1;
            if (spec.WeightDeviation is { } deviation) Normal(parameter, deviation * scale, random);
            else Uniform(parameter, Math.Sqrt(3.0 / parameter.shape[1]) * scale, random);
        }
    }

    static bool IsOutputProjection(string name) =>
        name.EndsWith("attention.output.weight", StringComparison.Ordinal) || name.EndsWith("feed_forward.down.weight", StringComparison.Ordinal);

    // nanochat: the first embedding's share starts at 0.20 and falls to 0.05 in the last layer.
    static double InitialScale(ModelSpec spec, string name)
    {
        int layer = int.Parse(name.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture);
        return 0.20 - 0.15 * layer / Math.Max(1, spec.LayerCount - 1);
    }

    static void Normal(Tensor tensor, double deviation, Generator random)
    {
        using var drawn = randn(tensor.shape, generator: random).mul_(deviation);
        tensor.copy_(drawn);
    }

    static void Uniform(Tensor tensor, double bound, Generator random)
    {
        using var drawn = rand(tensor.shape, generator: random).mul_(2 * bound).sub_(bound);
        tensor.copy_(drawn);
    }

    // FNV or string.GetHashCode would do, but the first clashes more and the second differs by process.
    static ulong SeedOf(long seed, string name) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name), seed);
}
