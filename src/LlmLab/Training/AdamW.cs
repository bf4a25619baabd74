using System.Numerics;
using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>
/// Adam with decoupled weight decay (Kingma and Ba 2014; Loshchilov and Hutter 2017) over the flat buffer: on a processor one fused
/// SIMD pass over weights, gradients and both moments, elsewhere the same in tensor operations.
/// </summary>
public sealed class AdamW : IOptimizer
{
    readonly ParameterBuffer buffer;
    readonly TrainingOptions options;
    readonly WorkerPool? pool;
    readonly Tensor mean, square;   // [length] float32
    readonly ParameterRange[] ranges;
    readonly long first;   // where this optimizer's part of the flat buffer begins: its own state has nothing before it

    /// <summary>An optimizer at its first step.</summary>
    /// <param name="buffer">Weights and gradients.</param>
    /// <param name="options">Rates and decays.</param>
    /// <param name="pool">Threads for the fused pass; null: tensor operations.</param>
    public AdamW(ParameterBuffer buffer, TrainingOptions options, WorkerPool? pool) : this(buffer, options, pool, ParameterGroups.Ranges(buffer, options, matricesElsewhere: false))
    {
    }

    /// <summary>An optimizer for some stretches of the buffer.</summary>
    internal AdamW(ParameterBuffer buffer, TrainingOptions options, WorkerPool? pool, ParameterRange[] ranges)
    {
        (this.buffer, this.options, this.pool, this.ranges) = (buffer, options, pool, ranges);
        first = ranges.Min(r => r.Start);
        mean = zeros(ranges.Max(r => r.End) - first, device: buffer.Device).DetachFromDisposeScope();
        square = zeros_like(mean).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Value)> State => [("adamw.mean", mean), ("adamw.square", square)];

    /// <inheritdoc/>
    public void Step(int step, double share, double gradientScale, Tensor? made = null)
    {
        double correction1 = 1 - Math.Pow(options.Beta1, step + 1), correction2 = 1 - Math.Pow(options.Beta2, step + 1);
        if (pool is not null && made is null) StepFused(share, correction1, correction2, gradientScale);
        else foreach (var range in ranges) StepPlainly(range, share, correction1, correction2, gradientScale, made);
    }

    void StepPlainly(ParameterRange range, double share, double correction1, double correction2, double scale, Tensor? made)
    {
        double rate = range.Rate * share;
        using var none = no_grad();
        using var scope = NewDisposeScope();
        Tensor Part(Tensor flat, long origin) => flat.narrow(0, range.Start - origin, range.End - range.Start);
        var gradient = Part(buffer.Gradients, 0) * scale;
        var (m, v, w) = (Part(mean, first), Part(square, first), Part(buffer.Values, 0));
        m.Approach(gradient, 1 - options.Beta1, made);
        v.Approach(gradient.square(), 1 - options.Beta2, made);
        w.Shrink(rate * range.Decay, made).Descend(m / (v / correction2).sqrt_().add_(options.Epsilon), rate / correction1, made);
    }

    unsafe void StepFused(double share, double correction1, double correction2, double scale)
    {
        float* w = Pointers.Of(buffer.Values), g = Pointers.Of(buffer.Gradients), m = Pointers.Of(mean) - first, v = Pointers.Of(square) - first;
        long length = buffer.Length;
        var (beta1, beta2, epsilon) = ((float)options.Beta1, (float)options.Beta2, (float)options.Epsilon);
        float inverse2 = (float)(1 / correction2), factor = (float)scale;
        pool!.Run(worker =>
        {
            // Each thread takes the same share of every step, so that its part of the buffers stays in its cache.
            var (own, last) = pool.Part(length, worker);
            foreach (var range in ranges)
            {
                long from = Math.Max(range.Start, own), to = Math.Min(range.End, last);
                double rate = range.Rate * share;
                if (from < to) Fuse(w, g, m, v, from, to, beta1, beta2, epsilon, inverse2, (float)(rate / correction1), (float)(1 - rate * range.Decay), factor);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void Fuse(float* w, float* g, float* m, float* v, long from, long to, float beta1, float beta2, float epsilon, float inverse2, float step, float keep, float factor)
    {
        int width = Vector<float>.Count;
        long i = from;
        for (; i + width <= to; i += width)
        {
            var gradient = Vector.Load(g + i) * factor;
            var first = Vector.Load(m + i) * beta1 + gradient * (1 - beta1);
            var second = Vector.Load(v + i) * beta2 + gradient * gradient * (1 - beta2);
            first.Store(m + i);
            second.Store(v + i);
            var root = Vector.SquareRoot(second * inverse2) + new Vector<float>(epsilon);
            (Vector.Load(w + i) * keep - first * step / root).Store(w + i);
        }
        for (; i < to; i++)
        {
            float gradient = g[i] * factor;
            m[i] = m[i] * beta1 + gradient * (1 - beta1);
            v[i] = v[i] * beta2 + gradient * gradient * (1 - beta2);
            w[i] = w[i] * keep - m[i] * step / (MathF.Sqrt(v[i] * inverse2) + epsilon);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        mean.Dispose();
        square.Dispose();
    }
}
