using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>What one run through the model needs beside the tokens. It belongs to one thread.</summary>
public sealed record ForwardPass
{
    /// <summary>Element type of matrix products' operands: float32, or bfloat16 with float32 master weights.</summary>
    public ScalarType OperandType { get; init; } = ScalarType.Float32;

    /// <summary>Draws dropout masks; null switches dropout off (evaluation, generation).</summary>
    public Generator? DropoutRandom { get; init; }

    /// <summary>Keys and values of the tokens before, for generation; null to read whole sequences.</summary>
    public KeyValueCache? Cache { get; init; }

    /// <summary>
    /// Called with the name and the value of every activation on the way ("blocks.0.attention.weights" [batch, heads, time, time],
    /// "blocks.0.output" [batch, time, width], …), for views and tests. Attention is then computed step by step, not fused.
    /// </summary>
    public Action<string, Tensor>? Watch { get; init; }

    /// <summary>Sets a share of the numbers to zero and scales the rest up, where dropout is on.</summary>
    internal Tensor Drop(Tensor x, double share)
    {
        if (DropoutRandom is null || share == 0) return x;
        using var mask = empty_like(x).bernoulli_(1 - share, DropoutRandom).div_(1 - share);
        return x * mask;
    }
}
