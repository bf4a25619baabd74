using System.Numerics;
using LlmLab.Data;
using LlmLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>
/// Computes the gradient of a batch: the batch's sequences are shared out among the threads of a <see cref="WorkerPool"/>, each thread
/// runs forward and backward on its own with a replica of the model that shares the weights, and the gradients are summed in a fixed
/// order. Within a thread nothing waits for another, so that small models are not held up by barriers; with one worker it is the plain way.
/// </summary>
public sealed class GradientEngine : IDisposable
{
    readonly ParameterBuffer buffer;
    readonly WorkerPool pool;
    readonly LanguageModel[] replicas;
    readonly Tensor[] gradients;   // each [length]; the first is the buffer's
    readonly Generator[] random;
    readonly ForwardPass[] passes;
    readonly double[] losses;
    readonly double[] squares;
    readonly long seed;

    /// <summary>An engine for a model whose weights lie in the buffer.</summary>
    public GradientEngine(LanguageModel model, ParameterBuffer buffer, WorkerPool pool, Precision precision, long seed)
    {
        (this.buffer, this.pool, this.seed) = (buffer, pool, seed);
        replicas = new LanguageModel[pool.Count];
        gradients = new Tensor[pool.Count];
        for (int i = 0; i < pool.Count; i++)
        {
            replicas[i] = i == 0 ? model : new LanguageModel(model.Spec, seed);
            gradients[i] = i == 0 ? buffer.Gradients : zeros(buffer.Length, device: buffer.Device).DetachFromDisposeScope();
            buffer.Bind(replicas[i], gradients[i]);
        }
        bool drops = model.Spec.Dropout > 0;
        random = [.. replicas.Select(_ => new Generator(0, buffer.Device))];
        passes = [.. random.Select(r => new ForwardPass { OperandType = TypeOf(precision), DropoutRandom = drops ? r : null })];
        losses = new double[pool.Count];
        squares = new double[pool.Count];
    }

    /// <summary>The element type of a precision.</summary>
    public static ScalarType TypeOf(Precision precision) => precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>Adds the gradient of a batch's mean loss, times <paramref name="share"/>, to the buffer's gradients; returns the mean loss in nats.</summary>
    /// <param name="batch">Tokens and targets.</param>
    /// <param name="share">1 / accumulation steps.</param>
    /// <param name="number">The batch's number: with the seed it decides the dropout.</param>
    public double Accumulate(Batch batch, double share, long number)
    {
        pool.Run(worker =>
        {
            int first = (int)((long)batch.Sequences * worker / pool.Count), last = (int)((long)batch.Sequences * (worker + 1) / pool.Count);
            losses[worker] = 0;
            if (first == last) return;
            using var scope = NewDisposeScope();
            if (passes[worker].DropoutRandom is { } generator) generator.manual_seed(seed * 1_000_003 + number * 257 + worker);
            int rows = last - first, count = rows * batch.Length, start = first * batch.Length;
            var tokens = tensor(batch.Tokens.AsMemory(start, count), [rows, batch.Length], device: buffer.Device);
            var targets = tensor(batch.Targets.AsMemory(start, count), [rows, batch.Length], device: buffer.Device);
            var weights = batch.Weights is { } all ? tensor(all.AsMemory(start, count), [rows, batch.Length], device: buffer.Device) : null;
            var loss = replicas[worker].Loss(tokens, targets, passes[worker], weights, batch.Divisor);
            (share == 1 ? loss : loss * share).backward();
            losses[worker] = loss.item<float>();
        });
        return losses.Sum();
    }

    /// <summary>Sums the threads' gradients into the buffer's and returns the length of the whole (its Euclidean norm).</summary>
    public unsafe double Reduce()
    {
        if (buffer.Device.type != DeviceType.CPU) return Math.Sqrt(buffer.Gradients.square().sum().item<float>());
        float*[] parts = new float*[gradients.Length];
        for (int i = 0; i < parts.Length; i++) parts[i] = Pointers.Of(gradients[i]);
        pool.Run(worker =>
        {
            var (first, last) = pool.Part(buffer.Length, worker);
            squares[worker] = Sum(parts, first, last);
        });
        return Math.Sqrt(squares.Sum());
    }

    /// <summary>Sets all gradients to zero, for the next step.</summary>
    public unsafe void Clear() => pool.Run(worker => gradients[worker].zero_());

    // Sums parts 1… into part 0 and returns the sum of squares, in double per block of 4,096 so that rounding stays small.
    static unsafe double Sum(float*[] parts, long first, long last)
    {
        double squares = 0;
        int width = Vector<float>.Count;
        for (long block = first; block < last; block += 4_096)
        {
            long end = Math.Min(block + 4_096, last), i = block;
            var lanes = Vector<float>.Zero;
            float rest = 0;
            for (; i + width <= end; i += width)
            {
                var sum = Vector.Load(parts[0] + i);
                for (int p = 1; p < parts.Length; p++) sum += Vector.Load(parts[p] + i);
                sum.Store(parts[0] + i);
                lanes += sum * sum;
            }
            for (; i < end; i++)
            {
                float sum = parts[0][i];
                for (int p = 1; p < parts.Length; p++) sum += parts[p][i];
                parts[0][i] = sum;
                rest += sum * sum;
            }
            squares += Vector.Sum(lanes) + rest;
        }
        return squares;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 1; i < replicas.Length; i++)
        {
            replicas[i].Dispose();
            gradients[i].Dispose();
        }
        foreach (var generator in random) generator.Dispose();
    }
}
