using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LlmLab.Models.Kernels;

/// <summary>Conversions between float32 and bfloat16 (the upper half of a float32, rounded to nearest even), 16 numbers at a time, and packing.</summary>
static unsafe class BFloat16
{
    /// <summary>Rounds; the results stand in the upper halves, the lower halves are rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> Round(Vector512<float> x)
    {
        var bits = x.AsUInt32();
        return bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512.Create(1u));
    }

    /// <summary>Stores 16 numbers as bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> x, ushort* to)
    {
        var halves = Round(x) >>> 16;
        (Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(halves) : Vector256.Narrow(halves.GetLower(), halves.GetUpper())).Store(to);
    }

    /// <summary>Loads 16 numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ushort* from) => (Widen(from) << 16).AsSingle();

    // 16 numbers, each in the lower half of its place.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> Widen(ushort* from) => Avx512F.IsSupported ? Avx512F.ConvertToVector512UInt32(Vector256.Load(from))
        : Vector512.Create(Avx2.ConvertToVector256Int32(from).AsUInt32(), Avx2.ConvertToVector256Int32(from + 8).AsUInt32());

    /// <summary>One number.</summary>
    public static float Load(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    /// <summary>Rows of float32 to rows of bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Convert(float* from, ushort* to, long count)
    {
        for (long i = 0; i < count; i += 16) Store(Vector512.Load(from + i), to + i);
    }

    /// <summary>A row-major float32 matrix [rows, columns] into panels; rows past <paramref name="rows"/> are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* from, int stride, int rows, Panels to)
    {
        for (int panel = 0; panel * Panels.Width < to.Columns; panel++)
        {
            int width = to.WidthOf(panel);
            ushort* target = to.Panel(panel);
            for (int row = 0; row < to.Rows; row += 2)
            {
                float* first = from + (nint)row * stride + panel * Panels.Width, second = first + stride;
                for (int column = 0; column < width; column += 16, target += 32)
                {
                    var low = row < rows ? Round(Vector512.Load(first + column)) >>> 16 : default;
                    var high = row + 1 < rows ? Round(Vector512.Load(second + column)) & Vector512.Create(0xFFFF0000u) : default;
                    (low | high).Store((uint*)target);
                }
            }
        }
    }

    /// <summary>A row-major bfloat16 matrix [rows, columns] into panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ushort* from, int stride, Panels to)
    {
        for (int panel = 0; panel * Panels.Width < to.Columns; panel++)
        {
            int width = to.WidthOf(panel);
            ushort* target = to.Panel(panel);
            for (int row = 0; row < to.Rows; row += 2)
            {
                ushort* first = from + (nint)row * stride + panel * Panels.Width, second = first + stride;
                for (int column = 0; column < width; column += 16, target += 32)
                {
                    (Widen(first + column) | Widen(second + column) << 16).Store((uint*)target);
                }
            }
        }
    }

    /// <summary>The transpose of a row-major bfloat16 matrix [columns, rows] into panels [rows, columns]: pairs stay pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackTransposed(ushort* from, int stride, Panels to)
    {
        int pairs = to.Rows / 2;
        for (int panel = 0; panel * Panels.Width < to.Columns; panel++)
        {
            int width = to.WidthOf(panel);
            uint* target = (uint*)to.Panel(panel);
            for (int column = 0; column < width; column++)
            {
                uint* source = (uint*)(from + (nint)(panel * Panels.Width + column) * stride);
                uint* at = target + column;
                for (int pair = 0; pair < pairs; pair++, at += width) *at = source[pair];
            }
        }
    }

    /// <summary>The transpose of a row-major float32 matrix [columns, rows] into panels; columns past <paramref name="columns"/> are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackTransposed(float* from, int stride, int columns, Panels to)
    {
        ushort* line = stackalloc ushort[to.Rows];
        for (int column = 0; column < to.Columns; column++)
        {
            int panel = column / Panels.Width, width = to.WidthOf(panel);
            uint* at = (uint*)to.Panel(panel) + column % Panels.Width;
            if (column < columns) Convert(from + (nint)column * stride, line, to.Rows);
            else new Span<ushort>(line, to.Rows).Clear();
            for (int pair = 0; pair < to.Rows / 2; pair++, at += width) *at = ((uint*)line)[pair];
        }
    }
}
