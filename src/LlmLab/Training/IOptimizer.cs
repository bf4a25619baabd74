using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>A rule that turns the gradients of a <see cref="ParameterBuffer"/> into a step of its weights.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>All it remembers from step to step, by name: what a checkpoint holds.</summary>
    IReadOnlyList<(string Name, Tensor Value)> State { get; }

    /// <summary>Makes one step.</summary>
    /// <param name="step">Its number, from 0.</param>
    /// <param name="share">The schedule's share of the highest rate.</param>
    /// <param name="gradientScale">What gradients are multiplied by first (clipping).</param>
    void Step(int step, double share, double gradientScale);
}

/// <summary>Addresses of tensors in the processor's memory.</summary>
static class Pointers
{
    /// <summary>The first number of a contiguous float32 tensor.</summary>
    internal static unsafe float* Of(Tensor tensor) =>
        (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(tensor.bytes));
}
