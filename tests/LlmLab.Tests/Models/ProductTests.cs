using System.Runtime.InteropServices;
using LlmLab.Models.Kernels;

namespace LlmLab.Tests.Models;

/// <summary>Products of bfloat16 matrices against three nested loops: as this processor does them, and by widening, which processors without such products need.</summary>
public sealed unsafe class ProductTests : IDisposable
{
    const int Guard = 64;   // bytes behind each piece of memory that nothing may write to
    const byte Untouched = 0xA5;

    readonly List<(nint Address, int Bytes)> memory = [];
    readonly Random draw = new(1);

    public void Dispose()
    {
        bool whole = memory.TrueForAll(piece => !new ReadOnlySpan<byte>((byte*)piece.Address + piece.Bytes, Guard).ContainsAnyExcept(Untouched));
        memory.ForEach(piece => NativeMemory.AlignedFree((void*)piece.Address));
        Assert.True(whole, "Something was written past the end of an operand or a result.");
    }

    /// <summary>Rows, what is summed over, columns: blocks of 256 are passed, panels end with 48, 16 and 32 columns.</summary>
    public static TheoryData<int, int, int> Shapes => new() { { 8, 16, 16 }, { 64, 64, 64 }, { 80, 48, 96 }, { 48, 528, 80 }, { 272, 272, 48 }, { 304, 32, 304 }, { 16, 1024, 112 } };

    [Theory, MemberData(nameof(Shapes))]
    public void Multiply_AnyShapeOfOperands_AsThreeLoops(int rows, int inner, int columns)
    {
        Assert.SkipUnless(WidenedProduct.IsSupported, "This processor has no AVX2.");
        foreach (var triangle in Enum.GetValues<Triangle>())
        {
            bool square = triangle switch { Triangle.None => true, Triangle.Result => rows == columns, _ => rows == inner };
            if (!square) continue;
            foreach (bool transposed in new[] { false, true })
            {
                if (transposed && rows % 16 != 0) continue;
                foreach (bool adds in new[] { false, true })
                {
                    Check(rows, inner, columns, triangle, transposed, adds, widened: true);
                    Check(rows, inner, columns, triangle, transposed, adds, widened: false);
                }
            }
        }
    }

    void Check(int rows, int inner, int columns, Triangle triangle, bool transposed, bool adds, bool widened)
    {
        ushort* left = Halves(rows * inner), turned = Halves(inner * rows), right = Halves(inner * columns);
        for (int row = 0; row < rows; row++)
            for (int k = 0; k < inner; k++)
            {
                bool zero = triangle == Triangle.Left && k > row || triangle == Triangle.LeftTransposed && k < row;
                turned[k * rows + row] = left[row * inner + k] = zero ? (ushort)0 : left[row * inner + k];
            }
        var (panels, turnedPanels) = (new Panels(Halves(inner * columns), inner, columns), new Panels(Halves(inner * rows), inner, rows));
        BFloat16.Pack(right, columns, panels);
        if (transposed) BFloat16.Pack(turned, rows, turnedPanels);   // panels have columns by the 16
        float* result = (float*)Allocate(rows * columns * sizeof(float));
        for (int i = 0; i < rows * columns; i++) result[i] = i % 5 - 2;

        var operand = transposed ? new Left(turnedPanels) : new Left(left, inner);
        if (widened) WidenedProduct.Multiply(operand, panels, result, columns, rows, adds, triangle, 0);
        else Product.Multiply(operand, panels, result, columns, rows, adds, triangle);

        for (int row = 0; row < rows; row++)
            for (int column = 0; column < (triangle == Triangle.Result ? row + 1 : columns); column++)
            {
                double sum = adds ? (row * columns + column) % 5 - 2 : 0;
                for (int k = 0; k < inner; k++) sum += (double)BFloat16.Load(left[row * inner + k]) * BFloat16.Load(right[k * columns + column]);
                Assert.True(Math.Abs(sum - result[row * columns + column]) < 1e-4, $"{rows} × {inner} × {columns}, {triangle}, transposed {transposed}, adds {adds}, widened {widened}: {result[row * columns + column]} instead of {sum} at {row}, {column}");
            }
    }

    ushort* Halves(int count)
    {
        ushort* numbers = (ushort*)Allocate(count * sizeof(ushort));
        for (int i = 0; i < count; i++) numbers[i] = (ushort)(BitConverter.SingleToUInt32Bits(draw.NextSingle() - 0.5f) >> 16);
        return numbers;
    }

    nint Allocate(int bytes)
    {
        nint address = (nint)NativeMemory.AlignedAlloc((nuint)(bytes + Guard), 64);
        new Span<byte>((byte*)address + bytes, Guard).Fill(Untouched);
        memory.Add((address, bytes));
        return address;
    }

    [Fact]
    public void Softmax_ScoresNearAndFar_AsInDoublePrecision()
    {
        float* scores = (float*)Allocate(192 * sizeof(float));
        ushort* weights = Halves(192);
        foreach (float spread in new[] { 1f, 20f, 400f })
        {
            double[] exact = [.. Enumerable.Range(0, 192).Select(i => (double)(scores[i] = (draw.NextSingle() - 0.5f) * spread))];
            double highest = exact.Max(), total = exact.Sum(x => Math.Exp(x - highest));
            Elementwise.Softmax(scores, 1, 191, 192, weights);
            for (int i = 0; i < 192; i++) Assert.Equal(Math.Exp(exact[i] - highest) / total, BFloat16.Load(weights[i]), 0.003);   // bfloat16 keeps eight bits
            for (int i = 0; i < 192; i++) Assert.Equal(Math.Exp(exact[i] - highest), scores[i], 2e-6);
        }
    }

    [Fact]
    public void Softmax_ScoreThatIsNoNumber_StaysVisible()
    {
        float* scores = (float*)Allocate(16 * sizeof(float));
        new Span<float>(scores, 16).Clear();
        scores[3] = float.NaN;
        ushort* weights = Halves(16);
        Elementwise.Softmax(scores, 1, 15, 16, weights);
        Assert.True(float.IsNaN(BFloat16.Load(weights[0])));
    }
}
