using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace LlmLab.Training;

/// <summary>
/// The exponential moving average of the weights over the steps (Polyak and Juditsky 1992; with a decay that begins small, min(decay,
/// (1 + n) / (10 + n)), as in TensorFlow's ExponentialMovingAverage): often a lower validation loss than the last weights' where the rate
/// does not fall to 0.
/// </summary>
public sealed class WeightAverage : IDisposable
{
    readonly ParameterBuffer buffer;
    readonly WorkerPool pool;
    readonly double decay;

    /// <summary>An average that begins with the buffer's weights.</summary>
    /// <param name="buffer">The weights.</param>
    /// <param name="decay">Share of the average that a step leaves, 0 to 1: 0.999 averages over about 1,000 steps.</param>
    /// <param name="pool">Threads.</param>
    public WeightAverage(ParameterBuffer buffer, double decay, WorkerPool pool)
    {
        (this.buffer, this.decay, this.pool) = (buffer, decay, pool);
        Values = buffer.Values.clone().DetachFromDisposeScope();
    }

    /// <summary>The averaged weights, [length] float32.</summary>
    public Tensor Values { get; }

    /// <summary>Takes in the weights after a step.</summary>
    /// <param name="step">Steps made before this one.</param>
    /// <param name="made">Whether that step was made: 0 or 1 on the weights' device; null: it was.</param>
    public unsafe void Add(int step, Tensor? made = null)
    {
        float share = (float)(1 - Math.Min(decay, (1.0 + step) / (10.0 + step)));
        if (buffer.Device.type != DeviceType.CPU || made is not null)
        {
            using var none = no_grad();
            using var scope = NewDisposeScope();
            Values.Approach(buffer.Values, share, made);
            return;
        }
        float* average = Pointers.Of(Values), weights = Pointers.Of(buffer.Values);
        pool.Run(worker =>
        {
            var (first, last) = pool.Part(buffer.Length, worker);
            var target = new Span<float>(average + first, (int)(last - first));
            TensorPrimitives.Lerp(target, new ReadOnlySpan<float>(weights + first, (int)(last - first)), share, target);
        });
    }

    /// <summary>Exchanges the average with the model's weights; called twice, all is as before.</summary>
    public void Exchange()
    {
        using var none = no_grad();
        using var kept = buffer.Values.clone();
        buffer.Values.copy_(Values);
        Values.copy_(kept);
    }

    /// <inheritdoc/>
    public void Dispose() => Values.Dispose();
}
