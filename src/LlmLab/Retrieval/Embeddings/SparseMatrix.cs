using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>A matrix of which most numbers are 0: for each row its columns, rising, and their values.</summary>
sealed class SparseMatrix(IReadOnlyList<(int[] Columns, float[] Values)> rows, int columns)
{
    public int Rows => rows.Count;
    public int Columns => columns;

    /// <summary>This × dense: [rows, width].</summary>
    public float[] Multiply(float[] dense, int width)
    {
        float[] result = new float[rows.Count * width];
        Parallel.For(0, rows.Count, row =>
        {
            var into = result.AsSpan(row * width, width);
            var (places, values) = rows[row];
            for (int i = 0; i < places.Length; i++) System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(dense.AsSpan(places[i] * width, width), values[i], into, into);
        });
        return result;
    }

    /// <summary>The transpose.</summary>
    public SparseMatrix Transpose()
    {
        int[] counts = new int[columns];
        foreach (var (places, _) in rows)
            foreach (int place in places) counts[place]++;
        var result = Array.ConvertAll(counts, count => (new int[count], new float[count]));
        int[] filled = new int[columns];
        for (int row = 0; row < rows.Count; row++)
        {
            var (places, values) = rows[row];
            for (int i = 0; i < places.Length; i++)
            {
                int column = places[i], at = filled[column]++;
                (result[column].Item1[at], result[column].Item2[at]) = (row, values[i]);
            }
        }
        return new SparseMatrix(result, rows.Count);
    }

    /// <summary>
    /// The largest singular values and their right vectors, by subspace iteration from random directions (Halko, Martinsson and Tropp 2011):
    /// deterministic for a seed. Where the matrix has fewer directions, the rest is zeros.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Of the random directions.</param>
    /// <param name="iterations">Passes over the matrix; each brings small singular values further down.</param>
    /// <returns>Values [count], falling, and vectors [columns, count].</returns>
    public (float[] Values, float[] Vectors) TruncatedSvd(int count, long seed, int iterations = 5)
    {
        using var scope = NewDisposeScope();
        int wanted = Math.Min(count, Math.Min(Rows, columns)), width = Math.Min(wanted + 16, Math.Min(Rows, columns));
        var transposed = Transpose();
        using var random = new Generator((ulong)seed, CPU);
        var basis = randn([columns, width], generator: random);
        for (int i = 0; i < iterations; i++)
        {
            Operation.Current.Report("singular vectors", i, iterations, "passes");
            (basis, _) = linalg.qr(basis);
            var image = tensor(Multiply(Numbers(basis), width), [Rows, width]);
            (image, _) = linalg.qr(image);
            basis = tensor(transposed.Multiply(Numbers(image), width), [columns, width]);   // Xᵀ·Q of the range Q
        }
        // Xᵀ·Q = V·S·Wᵀ: from the small product of it with itself.
        var (squares, turns) = linalg.eigh(matmul(basis.t(), basis).to(ScalarType.Float64));   // rising
        float[] values = new float[count], vectors = new float[columns * count];
        float[] directions = Numbers(matmul(basis, turns.to(ScalarType.Float32)));   // [columns, width], each as long as its singular value
        double[] squared = [.. squares.data<double>()];
        for (int k = 0; k < wanted; k++)
        {
            int from = width - 1 - k;
            values[k] = (float)Math.Sqrt(Math.Max(0, squared[from]));
            if (values[k] <= 1e-5f * Math.Sqrt(Math.Max(0, squared[^1]))) continue;
            for (int column = 0; column < columns; column++) vectors[column * count + k] = directions[column * width + from] / values[k];
        }
        return (values, vectors);
    }

    static float[] Numbers(Tensor tensor) => [.. tensor.contiguous().data<float>()];
}
