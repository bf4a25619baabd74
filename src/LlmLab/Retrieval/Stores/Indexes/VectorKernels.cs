using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>
/// Inner products and distances of padded rows. The fast ones keep four sums at a time, so that one multiply-add need not wait for the
/// one before; <see cref="TensorPrimitives"/> does the same work elsewhere and is what tests compare with.
/// </summary>
static unsafe class VectorKernels
{
    /// <summary>Inner product of float rows; <paramref name="length"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* a, float* b, int length)
    {
        if (!Vector512.IsHardwareAccelerated) return TensorPrimitives.Dot(new ReadOnlySpan<float>(a, length), new ReadOnlySpan<float>(b, length));
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i <= length - 64; i += 64)
        {
            s0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 16), Vector512.Load(b + i + 16), s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 32), Vector512.Load(b + i + 32), s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 48), Vector512.Load(b + i + 48), s3);
        }
        for (; i < length; i += 16) s0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), s0);
        return Vector512.Sum(s0 + s1 + (s2 + s3));
    }

    /// <summary>Squared Euclidean distance of float rows; <paramref name="length"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SquaredDistance(float* a, float* b, int length)
    {
        if (!Vector512.IsHardwareAccelerated)
        {
            float distance = TensorPrimitives.Distance(new ReadOnlySpan<float>(a, length), new ReadOnlySpan<float>(b, length));
            return distance * distance;
        }
        Vector512<float> s0 = default, s1 = default;
        int i = 0;
        for (; i <= length - 32; i += 32)
        {
            var d0 = Vector512.Load(a + i) - Vector512.Load(b + i);
            var d1 = Vector512.Load(a + i + 16) - Vector512.Load(b + i + 16);
            s0 = Vector512.FusedMultiplyAdd(d0, d0, s0);
            s1 = Vector512.FusedMultiplyAdd(d1, d1, s1);
        }
        for (; i < length; i += 16)
        {
            var d = Vector512.Load(a + i) - Vector512.Load(b + i);
            s0 = Vector512.FusedMultiplyAdd(d, d, s0);
        }
        return Vector512.Sum(s0 + s1);
    }

    /// <summary>
    /// Inner product of rows of bytes, the first unsigned, the second signed; <paramref name="length"/> is a multiple of 64. The second's values
    /// lie in ±63, so that sums of two products fit into 16 bits (255 · 63 · 2 = 32,130) and the hardware's saturating addition is exact.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Dot(byte* a, sbyte* b, int length)
    {
        if (Avx512BW.IsSupported)
        {
            Vector512<int> s0 = default, s1 = default;
            var ones = Vector512.Create((short)1);
            int i = 0;
            for (; i <= length - 128; i += 128)
            {
                s0 += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(a + i), Vector512.Load(b + i)), ones);
                s1 += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(a + i + 64), Vector512.Load(b + i + 64)), ones);
            }
            if (i < length) s0 += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(a + i), Vector512.Load(b + i)), ones);
            return Vector512.Sum(s0 + s1);
        }
        if (Avx2.IsSupported)
        {
            Vector256<int> s0 = default, s1 = default;
            var ones = Vector256.Create((short)1);
            for (int i = 0; i < length; i += 64)
            {
                s0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(a + i), Vector256.Load(b + i)), ones);
                s1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(a + i + 32), Vector256.Load(b + i + 32)), ones);
            }
            return Vector256.Sum(s0 + s1);
        }
        return DotPlain(a, b, length);
    }

    /// <summary>Inner product of two rows of bytes whose zero is 128; <paramref name="length"/> is a multiple of 64, padding is 0 in both.</summary>
    /// <remarks>Padding would count as (−128)², so pairs of zero bytes are made 128 first: no code is 0.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int DotCodes(byte* a, byte* b, int length)
    {
        if (Avx512BW.IsSupported)
        {
            Vector512<int> s0 = default, s1 = default;
            var zero = Vector256.Create((byte)128);
            for (int i = 0; i < length; i += 64)
            {
                s0 += Avx512BW.MultiplyAddAdjacent(Signed512(a + i, zero), Signed512(b + i, zero));
                s1 += Avx512BW.MultiplyAddAdjacent(Signed512(a + i + 32, zero), Signed512(b + i + 32, zero));
            }
            return Vector512.Sum(s0 + s1);
        }
        if (Avx2.IsSupported)
        {
            Vector256<int> sum = default;
            var zero = Vector128.Create((byte)128);
            for (int i = 0; i < length; i += 16) sum += Avx2.MultiplyAddAdjacent(Signed256(a + i, zero), Signed256(b + i, zero));
            return Vector256.Sum(sum);
        }
        return DotCodesPlain(a, b, length);
    }

    static Vector512<short> Signed512(byte* place, Vector256<byte> zero)
    {
        var code = Vector256.Load(place);
        return Avx512BW.ConvertToVector512Int16((Vector256.Max(code, Vector256.Equals(code, Vector256<byte>.Zero) & zero) ^ zero).AsSByte());
    }

    static Vector256<short> Signed256(byte* place, Vector128<byte> zero)
    {
        var code = Vector128.Load(place);
        return Avx2.ConvertToVector256Int16((Vector128.Max(code, Vector128.Equals(code, Vector128<byte>.Zero) & zero) ^ zero).AsSByte());
    }

    /// <summary>The definition of the product of codes.</summary>
    public static int DotCodesPlain(byte* a, byte* b, int length)
    {
        int sum = 0;
        for (int i = 0; i < length; i++) sum += a[i] == 0 ? 0 : (a[i] - 128) * (b[i] - 128);
        return sum;
    }

    /// <summary>The definition of the byte product.</summary>
    public static int DotPlain(byte* a, sbyte* b, int length)
    {
        int sum = 0;
        for (int i = 0; i < length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Asks the processor for a row before it is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* row, int bytes)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < bytes; i += 64) Sse.Prefetch0(row + i);
    }
}
