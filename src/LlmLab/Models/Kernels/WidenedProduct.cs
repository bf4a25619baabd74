using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LlmLab.Models.Kernels;

/// <summary>
/// <see cref="Product"/> for processors that have AVX2 but no products of bfloat16: blocks of both operands are widened to float32, small
/// enough to stay in the first-level cache, and multiplied there (the blocking of Goto and van de Geijn 2008).
/// </summary>
static unsafe class WidenedProduct
{
    // A block: 256 numbers of the dimension that is summed over, by 24 columns (24 KiB) and 8 rows (8 KiB).
    const int Depth = 256, Rows = 8, Columns = 24;

    /// <summary>Whether this processor can.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    /// <inheritdoc cref="Product.Multiply"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    public static void Multiply(in Left left, in Panels right, float* result, int stride, int rows, bool adds, Triangle triangle, int firstRow)
    {
        byte* memory = stackalloc byte[(Panels.Width + Rows) * Depth * sizeof(float) + 32];
        float* wideRight = (float*)(((nint)memory + 31) & ~31), wideLeft = wideRight + Panels.Width * Depth;
        int pairs = right.Rows / 2, count = (right.Columns + Panels.Width - 1) / Panels.Width;
        for (int panel = 0; panel < count; panel++)
        {
            int width = right.WidthOf(panel), from = triangle == Triangle.Result ? panel * Panels.Width : firstRow;
            for (int start = 0; start < pairs; start += Depth / 2)
            {
                int end = Math.Min(pairs, start + Depth / 2);
                // The rows whose sums reach into this block.
                int first = triangle == Triangle.Left ? Math.Max(from, 2 * start / Rows * Rows) : from;
                int last = triangle == Triangle.LeftTransposed ? Math.Min(rows, 2 * end) : rows;
                if (first >= last) continue;
                int step = width == Panels.Width ? Columns : 16;
                Widen((uint*)right.Panel(panel) + (nint)start * width, width, step, end - start, wideRight);
                for (int row = first; row < last; row += Rows)
                {
                    int begin = triangle == Triangle.LeftTransposed ? Math.Max(start, row / 2) : start;
                    int stop = triangle == Triangle.Left ? Math.Min(end, row / 2 + Rows / 2) : end;
                    int depth = 2 * (stop - begin);
                    bool more = adds || begin > (triangle == Triangle.LeftTransposed ? row / 2 : 0);
                    uint* source = (uint*)left.At(row, begin, out nint nextRow, out nint nextPair);
                    if (left.IsTransposed) WidenColumns(source, nextPair / sizeof(uint), stop - begin, wideLeft);
                    else WidenRows((ushort*)source, nextRow / sizeof(ushort), depth, wideLeft);
                    var (rowStep, depthStep) = left.IsTransposed ? ((nint)1, (nint)Rows) : (Depth, 1);
                    float* to = result + (nint)(row - firstRow) * stride + panel * Panels.Width;
                    for (int column = 0; column < width; column += step)
                    {
                        float* block = wideRight + (nint)column * 2 * (end - start) + (nint)2 * (begin - start) * step;
                        for (int half = 0; half < Rows; half += 4)
                        {
                            float* a = wideLeft + half * rowStep, c = to + (nint)half * stride + column;
                            if (step == Columns) FourRowsBy24(a, rowStep, depthStep, block, depth, c, stride, more);
                            else FourRowsBy16(a, rowStep, depthStep, block, depth, c, stride, more);
                        }
                    }
                }
            }
        }
    }

    // Pairs of a panel to float32, [width / step, 2·pairs, step].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Widen(uint* from, int width, int step, int pairs, float* to)
    {
        for (int column = 0; column < width; column += step, to += 2 * pairs * step)
        {
            uint* source = from + column;
            float* at = to;
            for (int pair = 0; pair < pairs; pair++, source += width, at += 2 * step)
                for (int i = 0; i < step; i += 8) Widen(source + i, at + i, at + step + i);
        }
    }

    // Eight pairs: the first of each to one place, the second to another.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Widen(uint* from, float* firsts, float* seconds)
    {
        var both = Vector256.Load(from);
        (both << 16).AsSingle().Store(firsts);
        (both & Vector256.Create(0xFFFF0000u)).AsSingle().Store(seconds);
    }

    // 8 rows of a row-major matrix, [8, Depth].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void WidenRows(ushort* from, nint nextRow, int depth, float* to)
    {
        for (int row = 0; row < Rows; row++, from += nextRow, to += Depth)
        {
            int i = 0;
            for (; i + 8 <= depth; i += 8) (Avx2.ConvertToVector256Int32(from + i) << 16).AsSingle().Store(to + i);
            for (; i < depth; i++) to[i] = BFloat16.Load(from[i]);
        }
    }

    // 8 columns of a matrix in panels, [depth, 8].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void WidenColumns(uint* from, nint nextPair, int pairs, float* to)
    {
        for (int pair = 0; pair < pairs; pair++, from += nextPair, to += 2 * Rows) Widen(from, to, to + Rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void FourRowsBy24(float* a, nint rowStep, nint depthStep, float* b, int depth, float* c, nint stride, bool adds)
    {
        Vector256<float> s00, s01, s02, s10, s11, s12, s20, s21, s22, s30, s31, s32;
        if (adds)
        {
            float* line = c;
            (s00, s01, s02) = (Vector256.Load(line), Vector256.Load(line + 8), Vector256.Load(line + 16));
            line += stride;
            (s10, s11, s12) = (Vector256.Load(line), Vector256.Load(line + 8), Vector256.Load(line + 16));
            line += stride;
            (s20, s21, s22) = (Vector256.Load(line), Vector256.Load(line + 8), Vector256.Load(line + 16));
            line += stride;
            (s30, s31, s32) = (Vector256.Load(line), Vector256.Load(line + 8), Vector256.Load(line + 16));
        }
        else s00 = s01 = s02 = s10 = s11 = s12 = s20 = s21 = s22 = s30 = s31 = s32 = Vector256<float>.Zero;
        nint third = 3 * rowStep;
        for (; depth > 0; depth--, a += depthStep, b += 24)
        {
            var (b0, b1, b2) = (Vector256.Load(b), Vector256.Load(b + 8), Vector256.Load(b + 16));
            var x = Vector256.Create(*a);
            s00 = Fma.MultiplyAdd(x, b0, s00);
            s01 = Fma.MultiplyAdd(x, b1, s01);
            s02 = Fma.MultiplyAdd(x, b2, s02);
            x = Vector256.Create(a[rowStep]);
            s10 = Fma.MultiplyAdd(x, b0, s10);
            s11 = Fma.MultiplyAdd(x, b1, s11);
            s12 = Fma.MultiplyAdd(x, b2, s12);
            x = Vector256.Create(a[2 * rowStep]);
            s20 = Fma.MultiplyAdd(x, b0, s20);
            s21 = Fma.MultiplyAdd(x, b1, s21);
            s22 = Fma.MultiplyAdd(x, b2, s22);
            x = Vector256.Create(a[third]);
            s30 = Fma.MultiplyAdd(x, b0, s30);
            s31 = Fma.MultiplyAdd(x, b1, s31);
            s32 = Fma.MultiplyAdd(x, b2, s32);
        }
        s00.Store(c); s01.Store(c + 8); s02.Store(c + 16);
        c += stride;
        s10.Store(c); s11.Store(c + 8); s12.Store(c + 16);
        c += stride;
        s20.Store(c); s21.Store(c + 8); s22.Store(c + 16);
        c += stride;
        s30.Store(c); s31.Store(c + 8); s32.Store(c + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void FourRowsBy16(float* a, nint rowStep, nint depthStep, float* b, int depth, float* c, nint stride, bool adds)
    {
        Vector256<float> s00, s01, s10, s11, s20, s21, s30, s31;
        if (adds)
        {
            float* line = c;
            (s00, s01) = (Vector256.Load(line), Vector256.Load(line + 8));
            line += stride;
            (s10, s11) = (Vector256.Load(line), Vector256.Load(line + 8));
            line += stride;
            (s20, s21) = (Vector256.Load(line), Vector256.Load(line + 8));
            line += stride;
            (s30, s31) = (Vector256.Load(line), Vector256.Load(line + 8));
        }
        else s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = Vector256<float>.Zero;
        nint third = 3 * rowStep;
        for (; depth > 0; depth--, a += depthStep, b += 16)
        {
            var (b0, b1) = (Vector256.Load(b), Vector256.Load(b + 8));
            var x = Vector256.Create(*a);
            s00 = Fma.MultiplyAdd(x, b0, s00);
            s01 = Fma.MultiplyAdd(x, b1, s01);
            x = Vector256.Create(a[rowStep]);
            s10 = Fma.MultiplyAdd(x, b0, s10);
            s11 = Fma.MultiplyAdd(x, b1, s11);
            x = Vector256.Create(a[2 * rowStep]);
            s20 = Fma.MultiplyAdd(x, b0, s20);
            s21 = Fma.MultiplyAdd(x, b1, s21);
            x = Vector256.Create(a[third]);
            s30 = Fma.MultiplyAdd(x, b0, s30);
            s31 = Fma.MultiplyAdd(x, b1, s31);
        }
        s00.Store(c); s01.Store(c + 8);
        c += stride;
        s10.Store(c); s11.Store(c + 8);
        c += stride;
        s20.Store(c); s21.Store(c + 8);
        c += stride;
        s30.Store(c); s31.Store(c + 8);
    }
}
