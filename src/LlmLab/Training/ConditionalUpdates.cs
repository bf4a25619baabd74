using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>
/// The parts of an optimizer's step, in place, each done or not as a number on the device says (<c>made</c>, 0 or 1, float32; null: done).
/// So the processor need not wait to learn whether a step is to be skipped (OLMo 2's SkipStepOptimizer multiplies by such a factor too).
/// </summary>
static class ConditionalUpdates
{
    /// <summary>target ← target + share · (end − target).</summary>
    public static Tensor Approach(this Tensor target, Tensor end, double share, Tensor? made) => made is null ? target.lerp_(end, share) : target.lerp_(end, made * share);

    /// <summary>target ← (1 − share) · target.</summary>
    public static Tensor Shrink(this Tensor target, double share, Tensor? made) => made is null ? target.mul_(1 - share) : target.mul_(1 - made * share);

    /// <summary>target ← target − rate · direction.</summary>
    public static Tensor Descend(this Tensor target, Tensor direction, double rate, Tensor? made) => made is null ? target.add_(direction, alpha: -rate) : target.sub_(direction * (made * rate));
}
