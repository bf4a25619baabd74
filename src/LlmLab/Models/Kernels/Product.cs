using System.Runtime.CompilerServices;

namespace LlmLab.Models.Kernels;

/// <summary>
/// A matrix as the right operand of a product, [rows, columns] in bfloat16: panels of 48 columns (the last of 16 or 32 perhaps), and in a
/// panel pairs of rows interleaved, so that one load brings 16 columns of two rows.
/// </summary>
unsafe readonly struct Panels(ushort* data, int rows, int columns)
{
    public const int Width = 48;

    public ushort* Data { get; } = data;
    /// <summary>Rows, even.</summary>
    public int Rows { get; } = rows;
    /// <summary>Columns, a multiple of 16.</summary>
    public int Columns { get; } = columns;

    public int WidthOf(int panel) => Math.Min(Width, Columns - panel * Width);

    public ushort* Panel(int panel) => Data + (nint)panel * Width * Rows;
}

/// <summary>A left operand: rows of pairs, a multiple of 8 of them.</summary>
unsafe readonly struct Left
{
    readonly ushort* data;
    readonly Panels panels;
    readonly nint rowStride;

    /// <summary>A row-major matrix with a row stride in numbers.</summary>
    public Left(ushort* data, int stride)
    {
        this.data = data;
        rowStride = (nint)stride * sizeof(ushort);
    }

    /// <summary>The transpose of a matrix in panels: its columns are the rows here.</summary>
    public Left(Panels transposed) => panels = transposed;

    /// <summary>Whether it is the transpose of a matrix in panels.</summary>
    public bool IsTransposed => data == null;

    /// <summary>Where 8 rows begin, and the strides in bytes to the next row and pair.</summary>
    public ushort* At(int row, int firstPair, out nint nextRow, out nint nextPair)
    {
        if (data != null)
        {
            (nextRow, nextPair) = (rowStride, 4);
            return data + (row * rowStride >> 1) + 2 * firstPair;
        }
        int panel = row / Panels.Width, width = panels.WidthOf(panel);
        (nextRow, nextPair) = (4, (nint)width * 4);
        return panels.Panel(panel) + (nint)firstPair * width * 2 + row % Panels.Width * 2;
    }
}

/// <summary>Which part of a product is needed where one side is lower triangular: causal attention wastes no work on the future.</summary>
enum Triangle
{
    /// <summary>All of it.</summary>
    None,
    /// <summary>The result's columns up to the row: scores of keys up to the query.</summary>
    Result,
    /// <summary>The left operand is zero right of its diagonal: sum only up to the row.</summary>
    Left,
    /// <summary>The left operand is zero left of its diagonal (a transposed one): sum from the row on.</summary>
    LeftTransposed,
}

/// <summary>Products of bfloat16 matrices summed in float32, on one thread.</summary>
static unsafe class Product
{
    /// <summary>Whether this processor can: by its own products of bfloat16, or by widening them.</summary>
    public static bool IsSupported => MachineCode.HasBFloat16Products || WidenedProduct.IsSupported;

    /// <summary>result [rows, right.Columns] = left · right, or += it.</summary>
    /// <param name="left">[rows, right.Rows].</param>
    /// <param name="right">[right.Rows, right.Columns].</param>
    /// <param name="result">Row-major float32.</param>
    /// <param name="stride">Numbers from one row of the result to the next.</param>
    /// <param name="rows">A multiple of 8: one past the last row.</param>
    /// <param name="firstRow">A multiple of 8; the result begins with this row.</param>
    /// <param name="adds">Add to the result instead of setting it.</param>
    /// <param name="triangle">The part that is needed.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in Left left, in Panels right, float* result, int stride, int rows, bool adds = false, Triangle triangle = Triangle.None, int firstRow = 0)
    {
        if (!MachineCode.HasBFloat16Products)
        {
            WidenedProduct.Multiply(left, right, result, stride, rows, adds, triangle, firstRow);
            return;
        }
        var block = new ProductBlock();
        int count = (right.Columns + Panels.Width - 1) / Panels.Width;
        for (int panel = 0; panel < count; panel++)
        {
            int width = right.WidthOf(panel), from = triangle == Triangle.Result ? panel * Panels.Width : firstRow;
            var kernel = ProductKernel.Get(width / 16, adds);
            nint nextPair = (nint)width * 4;
            for (int row = from; row < rows; row += 8)
            {
                int firstPair = triangle == Triangle.LeftTransposed ? row / 2 : 0;
                int endPair = triangle == Triangle.Left ? row / 2 + 4 : right.Rows / 2;
                block.Left = left.At(row, firstPair, out block.LeftRowStride, out block.LeftPairStride);
                block.Right = right.Panel(panel) + firstPair * nextPair / 2;
                block.Result = result + (nint)(row - firstRow) * stride + panel * Panels.Width;
                block.RightPairStride = nextPair;
                block.ResultRowStride = (nint)stride * sizeof(float);
                block.Pairs = endPair - firstPair;
                kernel(&block);
            }
        }
    }
}
