using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LlmLab.Models.Kernels;

/// <summary>The compiled pass's <see cref="ModelSpec.ShortConvolution"/>: each row gets a share of the rows before it in its sequence.</summary>
sealed unsafe partial class CompiledPass
{
    // result[t] = x[t] + Σ share[k − 1]·x[t − k], channel by channel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Convolve(ushort* x, float* share, int count, ushort* result)
    {
        for (int row = 0; row < count; row++)
        {
            int reach = Math.Min(spec.ShortConvolution, row % length);
            long at = (long)row * width;
            for (int i = 0; i < width; i += 16)
            {
                var sum = BFloat16.Load(x + at + i);
                for (int back = 1; back <= reach; back++)
                    sum = Vector512.FusedMultiplyAdd(Vector512.Load(share + (back - 1) * width + i), BFloat16.Load(x + at - back * width + i), sum);
                BFloat16.Store(sum, result + at + i);
            }
        }
    }

    // narrow holds the result's gradient and gets that of x. Rows go upwards, so that those after a row are still as they came.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ConvolveBackward(ushort* x, float* share, int count, float* shareGradient)
    {
        for (int row = 0; row < count; row++)
        {
            int before = Math.Min(spec.ShortConvolution, row % length), after = Math.Min(spec.ShortConvolution, length - 1 - row % length);
            long at = (long)row * width;
            for (int i = 0; i < width; i += 16)
            {
                var own = Vector512.Load(narrow + at + i);
                var sum = own;
                for (int back = 1; back <= before; back++)
                {
                    float* into = shareGradient + (back - 1) * width + i;
                    Vector512.FusedMultiplyAdd(own, BFloat16.Load(x + at - back * width + i), Vector512.Load(into)).Store(into);
                }
                for (int on = 1; on <= after; on++)
                    sum = Vector512.FusedMultiplyAdd(Vector512.Load(share + (on - 1) * width + i), Vector512.Load(narrow + at + on * width + i), sum);
                sum.Store(narrow + at + i);
            }
        }
    }
}
