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
    /// <param name="made">Whether the step is made at all, decided on the device that the weights are on: 0 or 1, float32; null: it is.</param>
    void Step(int step, double share, double gradientScale, Tensor? made = null);

    /// <summary>The optimizer that the options name, at its first step.</summary>
    /// <param name="buffer">Weights and gradients.</param>
    /// <param name="options">Which, its rates, decays and momenta.</param>
    /// <param name="pool">Threads.</param>
    /// <param name="packedParts">Rows of queries, keys and values in a packed attention matrix.</param>
    /// <param name="precision">Operands of Muon's products.</param>
    /// <param name="kernels">What computes them.</param>
    public static IOptimizer Create(ParameterBuffer buffer, TrainingOptions options, WorkerPool pool, IReadOnlyList<long> packedParts, Precision precision, Kernels kernels) => options.Optimizer switch
    {
        OptimizerKind.Muon => new Muon(buffer, options, pool, packedParts, GradientEngine.TypeOf(precision), kernels),
        OptimizerKind.Lion => new Lion(buffer, options),
        _ => new AdamW(buffer, options, buffer.Device.type == DeviceType.CPU ? pool : null),
    };
}

/// <summary>Addresses of tensors in the processor's memory.</summary>
static class Pointers
{
    /// <summary>The first number of a contiguous float32 tensor.</summary>
    internal static unsafe float* Of(Tensor tensor) =>
        (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(tensor.bytes));
}
