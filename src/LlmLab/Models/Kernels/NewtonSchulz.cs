using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LlmLab.Models.Kernels;

/// <summary>
/// Newton–Schulz iterations with bfloat16 products on one thread, for matrices up to a size: what <see cref="Training.Muon"/> does to a
/// gradient's momentum. The matrix lies tall, Y [long, short], so that both products, YᵀY and Y·polynomial, read panels that are packed
/// without a transposition; sums and what is carried from iteration to iteration are float32.
/// </summary>
sealed unsafe class NewtonSchulz : IDisposable
{
    readonly List<nint> memory = [];
    readonly float* transposed, squared, polynomial;
    readonly ushort* rows, panels, squaredRows, squaredPanels;

    /// <param name="most">Numbers of the largest matrix.</param>
    /// <param name="shortest">The largest of the matrices' shorter sides.</param>
    public NewtonSchulz(long most, int shortest)
    {
        long square = (long)shortest * shortest;
        Matrix = (float*)New(most, 4);
        transposed = (float*)New(most, 4);
        squared = (float*)New(square, 4);
        polynomial = (float*)New(square, 4);
        rows = (ushort*)New(most, 2);
        panels = (ushort*)New(most, 2);
        squaredRows = (ushort*)New(square, 2);
        squaredPanels = (ushort*)New(square, 2);
    }

    /// <summary>The matrix to work on, row-major float32; <see cref="Run"/> replaces it by its result.</summary>
    public float* Matrix { get; }

    /// <summary>Whether this processor has the products and the sides are multiples of 16.</summary>
    public static bool Fits(long height, long width) => Product.IsSupported && height % 16 == 0 && width % 16 == 0;

    /// <summary>Brings all singular values near 1 and keeps the singular vectors: X ← aX + X(bA + cA²) with A = XᵀX.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="a">Coefficient of X.</param>
    /// <param name="b">Coefficient of XA.</param>
    /// <param name="c">Coefficient of XA².</param>
    /// <param name="iterations">How often.</param>
    public void Run(int height, int width, float a, float b, float c, int iterations)
    {
        bool tall = height >= width;
        var (large, small) = tall ? (height, width) : (width, height);
        long count = (long)large * small, square = (long)small * small;
        float* y = tall ? Matrix : transposed;
        if (!tall) Transpose(Matrix, transposed, height, width);
        Elementwise.Scale(y, 1 / (MathF.Sqrt(Elementwise.Dot(y, y, count)) + 1e-7f), count);
        var (ofMatrix, ofSquare) = (new Panels(panels, large, small), new Panels(squaredPanels, small, small));
        for (int i = 0; i < iterations; i++)
        {
            BFloat16.Convert(y, rows, count);
            BFloat16.Pack(rows, small, ofMatrix);
            Product.Multiply(new Left(ofMatrix), ofMatrix, squared, small, small);
            BFloat16.Convert(squared, squaredRows, square);
            BFloat16.Pack(squaredRows, small, ofSquare);
            Product.Multiply(new Left(squaredRows, small), ofSquare, polynomial, small, small);
            Elementwise.Scale(polynomial, c, square);
            Elementwise.AddScaled(squared, b, polynomial, square);
            BFloat16.Pack(polynomial, small, small, ofSquare);
            Elementwise.Scale(y, a, count);
            Product.Multiply(new Left(rows, small), ofSquare, y, small, large, adds: true);
        }
        if (!tall) Transpose(transposed, Matrix, width, height);
    }

    // Blocks of 16 × 16, so that neither side leaves the cache.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Transpose(float* from, float* to, int height, int width)
    {
        for (int row = 0; row < height; row += 16)
            for (int column = 0; column < width; column += 16)
                for (int i = 0; i < 16; i++)
                {
                    float* line = from + (long)(row + i) * width + column, at = to + (long)column * height + row + i;
                    for (int j = 0; j < 16; j++, at += height) *at = line[j];
                }
    }

    nint New(long count, int size)
    {
        nint address = (nint)NativeMemory.AlignedAlloc((nuint)(count * size), 64);
        memory.Add(address);
        return address;
    }

    public void Dispose()
    {
        foreach (nint address in memory) NativeMemory.AlignedFree((void*)address);
        memory.Clear();
    }
}
