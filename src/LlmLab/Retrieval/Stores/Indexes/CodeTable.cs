using System.Runtime.CompilerServices;

namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>
/// Vectors at a quarter of their size: one byte a dimension, about a common centre, each row with its own scale. Walking a graph is a matter
/// of memory, so bytes are what it compares; what it finds is ranked again by the exact vectors. For cosine the vectors have length 1,
/// where the nearest by angle are the nearest by distance, and taking out the centre (embeddings share a large common part) gives
/// all of the byte to what distinguishes them.
/// </summary>
sealed unsafe class CodeTable(int dimensions, VectorMetric metric, float[] centre)
{
    const int Zero = 128, QueryRange = 63; // see VectorKernels.Dot
    readonly Rows codes = new(dimensions);
    readonly bool isDotProduct = metric == VectorMetric.DotProduct;
    float[] scales = [];
    float[] squares = []; // |row|², of which the distance is made

    public ReadOnlySpan<float> Centre => centre;
    public int BytesPerRow => codes.BytesPerRow;

    /// <summary>The mean direction (cosine) or point (Euclidean) of up to 10,000 rows spread over the table; zero for dot products, which move with it.</summary>
    public static float[] FindCentre(VectorTable table)
    {
        var centre = new float[table.Dimensions];
        if (table.Metric == VectorMetric.DotProduct) return centre;
        int step = Math.Max(1, table.Count / 10_000), used = 0;
        for (int row = 0; row < table.Count; row += step)
        {
            if (table.IsRemoved(row)) continue;
            used++;
            float weight = table.Metric == VectorMetric.Cosine ? table.InverseNorm(row) : 1;
            var vector = table.Vector(row);
            for (int d = 0; d < centre.Length; d++) centre[d] += vector[d] * weight;
        }
        for (int d = 0; d < centre.Length; d++) centre[d] /= Math.Max(1, used);
        return centre;
    }

    public void EnsureCapacity(int rows)
    {
        codes.EnsureCapacity(rows);
        if (scales.Length >= rows) return;
        Array.Resize(ref scales, rows);
        Array.Resize(ref squares, rows);
    }

    /// <summary>Writes a row's code.</summary>
    public void Encode(int row, VectorTable table)
    {
        Span<float> rest = stackalloc float[dimensions];
        float largest = Rest(table.Vector(row), table.InverseNorm(row), rest, out float square);
        float scale = largest / 127;
        byte* code = codes[row];
        for (int d = 0; d < dimensions; d++) code[d] = (byte)(Zero + (scale > 0 ? (int)MathF.Round(rest[d] / scale) : 0));
        scales[row] = scale;
        squares[row] = square;
    }

    /// <summary>A row as it lies, for keeping; its scale and square beside it.</summary>
    public Span<byte> Code(int row) => new(codes[row], dimensions);

    public ref float Scale(int row) => ref scales[row];
    public ref float Square(int row) => ref squares[row];

    public void Prefetch(int row) => VectorKernels.Prefetch(codes[row], codes.BytesPerRow);

    /// <summary>How close two rows are, roughly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Closeness(int a, int b)
    {
        float dot = scales[a] * scales[b] * VectorKernels.DotCodes(codes[a], codes[b], codes.BytesPerRow);
        return isDotProduct ? dot : 2 * dot - squares[a] - squares[b];
    }

    /// <summary>A query's code, reused from search to search.</summary>
    public sealed class Query(CodeTable table)
    {
        readonly AlignedBlock block = new((nuint)table.BytesPerRow);
        float scale, square;
        int offset;

        public void Set(ReadOnlySpan<float> vector, float inverseNorm)
        {
            Span<float> rest = stackalloc float[vector.Length];
            float largest = table.Rest(vector, inverseNorm, rest, out square);
            scale = largest / QueryRange;
            sbyte* code = (sbyte*)block.Pointer;
            int sum = 0;
            for (int d = 0; d < rest.Length; d++) sum += code[d] = (sbyte)(scale > 0 ? (int)MathF.Round(rest[d] / scale) : 0);
            offset = Zero * sum;
        }

        /// <summary>How close a row is, roughly.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float Closeness(int row)
        {
            float dot = scale * table.scales[row] * (VectorKernels.Dot(table.codes[row], (sbyte*)block.Pointer, table.codes.BytesPerRow) - offset);
            return table.isDotProduct ? dot : 2 * dot - table.squares[row] - square;
        }
    }

    /// <summary>What is left of a vector when the centre is taken out; returns its largest magnitude.</summary>
    float Rest(ReadOnlySpan<float> vector, float inverseNorm, Span<float> rest, out float square)
    {
        float weight = metric == VectorMetric.Cosine ? inverseNorm : 1, largest = 0;
        square = 0;
        for (int d = 0; d < vector.Length; d++)
        {
            float value = vector[d] * weight - centre[d];
            rest[d] = value;
            square += value * value;
            largest = Math.Max(largest, Math.Abs(value));
        }
        return largest;
    }
}
