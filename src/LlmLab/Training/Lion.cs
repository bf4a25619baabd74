using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>
/// Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms"): w ← w − rate·(sign(β₁m + (1−β₁)g) + decay·w), then
/// m ← β₂m + (1−β₂)g. One number of memory a weight instead of AdamW's two.
/// </summary>
public sealed class Lion : IOptimizer
{
    readonly ParameterBuffer buffer;
    readonly TrainingOptions options;
    readonly Tensor momentum;   // [length] float32
    readonly ParameterRange[] ranges;

    /// <summary>An optimizer at its first step.</summary>
    public Lion(ParameterBuffer buffer, TrainingOptions options)
    {
        (this.buffer, this.options) = (buffer, options);
        momentum = zeros(buffer.Length, device: buffer.Device).DetachFromDisposeScope();
        ranges = ParameterGroups.Ranges(buffer, options, matricesElsewhere: false);
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Value)> State => [("lion.momentum", momentum)];

    /// <inheritdoc/>
    public void Step(int step, double share, double gradientScale, Tensor? made = null)
    {
        using var none = no_grad();
        foreach (var range in ranges)
        {
            using var scope = NewDisposeScope();
            Tensor Part(Tensor flat) => flat.narrow(0, range.Start, range.End - range.Start);
            var gradient = Part(buffer.Gradients) * gradientScale;
            var (mean, weight) = (Part(momentum), Part(buffer.Values));
            double rate = range.Rate * share;
            weight.Shrink(rate * range.Decay, made).Descend(mean.lerp(gradient, 1 - options.Beta1).sign(), rate, made);
            mean.Approach(gradient, 1 - options.Beta2, made);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => momentum.Dispose();
}
