using System.Numerics;
using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>One flat gradient for each thread of a pool, so that none waits for another; they are summed in a fixed order.</summary>
sealed class WorkerGradients : IDisposable
{
    readonly ParameterBuffer buffer;
    readonly WorkerPool pool;
    readonly Tensor[] parts;   // each [length]; the first is the buffer's
    readonly double[] squares;

    public WorkerGradients(ParameterBuffer buffer, WorkerPool pool)
    {
        (this.buffer, this.pool) = (buffer, pool);
        parts = [.. Enumerable.Range(0, pool.Count).Select(i => i == 0 ? buffer.Gradients : zeros(buffer.Length, device: buffer.Device).DetachFromDisposeScope())];
        squares = new double[pool.Count];
    }

    /// <summary>A thread's gradient, [length] float32.</summary>
    public Tensor this[int worker] => parts[worker];

    /// <summary>Sums all into the buffer's and returns the Euclidean norm.</summary>
    public unsafe double Reduce()
    {
        if (buffer.Device.type != DeviceType.CPU) return Math.Sqrt(buffer.Gradients.square().sum().item<float>());
        float*[] pointers = new float*[parts.Length];
        for (int i = 0; i < pointers.Length; i++) pointers[i] = Pointers.Of(parts[i]);
        pool.Run(worker =>
        {
            var (first, last) = pool.Part(buffer.Length, worker);
            squares[worker] = Sum(pointers, first, last);
        });
        return Math.Sqrt(squares.Sum());
    }

    /// <summary>Sets all to zero.</summary>
    public void Clear() => pool.Run(worker => parts[worker].zero_());

    // Sums parts 1… into part 0 and returns the sum of squares, in double per block of 4,096 so that rounding stays small.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    public void Dispose()
    {
        for (int i = 1; i < parts.Length; i++) parts[i].Dispose();
    }
}
