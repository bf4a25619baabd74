using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LlmLab.Models.Kernels;

/// <summary>The compiled pass's <see cref="ModelSpec.ShortConvolution"/>: each row gets a share of the rows before it in its text, in an encoder also of those after it.</summary>
sealed unsafe partial class CompiledPass
{
    // result[t] = x[t] + Σ share[k − 1]·x[t − k] (+ Σ share[reach + k − 1]·x[t + k]), channel by channel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Convolve(ushort* x, float* share, int count, ushort* result)
    {
        for (int row = 0; row < count; row++)
        {
            int before = Before(row), after = bothWays ? After(row) : 0;
            long at = (long)row * width;
            for (int i = 0; i < width; i += 16)
            {
                var sum = BFloat16.Load(x + at + i);
                for (int back = 1; back <= before; back++)
                    sum = Vector512.FusedMultiplyAdd(Vector512.Load(share + (back - 1) * width + i), BFloat16.Load(x + at - back * width + i), sum);
                for (int on = 1; on <= after; on++)
                    sum = Vector512.FusedMultiplyAdd(Vector512.Load(share + (spec.ShortConvolution + on - 1) * width + i), BFloat16.Load(x + at + on * width + i), sum);
                BFloat16.Store(sum, result + at + i);
            }
        }
    }

    int Before(int row) => Math.Min(spec.ShortConvolution, places[row]);
    int After(int row) => Math.Min(spec.ShortConvolution, ends[row] - 1 - row);

    // narrow holds the result's gradient and gets that of x. Rows go upwards, so that those after a row are still as they came; where those
    // before it are needed too, wide keeps them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ConvolveBackward(ushort* x, float* share, int count, float* shareGradient)
    {
        float* came = bothWays ? wide : narrow, shareAfter = share + spec.ShortConvolution * width, shareAfterGradient = shareGradient + spec.ShortConvolution * width;
        if (bothWays) Copy(narrow, wide, (long)count * width);
        for (int row = 0; row < count; row++)
        {
            int before = Before(row), after = After(row), afterRead = bothWays ? after : 0;
            long at = (long)row * width;
            for (int i = 0; i < width; i += 16)
            {
                var own = Vector512.Load(came + at + i);
                var sum = own;
                for (int back = 1; back <= before; back++)
                {
                    float* into = shareGradient + (back - 1) * width + i;
                    Vector512.FusedMultiplyAdd(own, BFloat16.Load(x + at - back * width + i), Vector512.Load(into)).Store(into);
                    if (bothWays && row < ends[row]) sum = Vector512.FusedMultiplyAdd(Vector512.Load(shareAfter + (back - 1) * width + i), Vector512.Load(came + at - back * width + i), sum);
                }
                for (int on = 1; on <= after; on++)
                    sum = Vector512.FusedMultiplyAdd(Vector512.Load(share + (on - 1) * width + i), Vector512.Load(came + at + on * width + i), sum);
                for (int on = 1; on <= afterRead; on++)
                {
                    float* into = shareAfterGradient + (on - 1) * width + i;
                    Vector512.FusedMultiplyAdd(own, BFloat16.Load(x + at + on * width + i), Vector512.Load(into)).Store(into);
                }
                sum.Store(narrow + at + i);
            }
        }
    }
}
