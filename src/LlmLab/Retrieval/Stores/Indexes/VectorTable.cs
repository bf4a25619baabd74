namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>A record found, by the number that its store gave it, and how close it is (larger is closer, see <see cref="Similarity"/>).</summary>
readonly record struct Neighbour(long Id, float Closeness);

/// <summary>
/// The vectors of a collection as float32 rows, in the order of their ids. One writer appends and removes while any number of readers
/// search: rows never move, and a reader sees those that were there when it took <see cref="Count"/>.
/// </summary>
sealed unsafe class VectorTable(int dimensions, VectorMetric metric)
{
    readonly Rows rows = new(dimensions * sizeof(float));
    readonly int length = (dimensions + 15) / 16 * 16;
    long[] ids = [];
    float[] inverseNorms = [];
    int[] removed = []; // one bit a row
    int count;

    public int Dimensions => dimensions;
    public VectorMetric Metric => metric;

    /// <summary>Rows, removed ones included.</summary>
    public int Count => Volatile.Read(ref count);

    public int RemovedCount { get; private set; }

    /// <summary>The largest id that was ever added.</summary>
    public long LastId => count == 0 ? long.MinValue : ids[count - 1];

    public long Id(int row) => ids[row];
    public ReadOnlySpan<float> Vector(int row) => new((float*)rows[row], dimensions);
    public float InverseNorm(int row) => inverseNorms[row];
    public bool IsRemoved(int row) => (Volatile.Read(ref removed)[row >> 5] >> row & 1) != 0;

    /// <summary>Appends a row; ids rise from call to call.</summary>
    public void Add(long id, ReadOnlySpan<float> vector)
    {
        if (id <= LastId) throw new ArgumentOutOfRangeException(nameof(id), id, "ids must rise");
        int row = count;
        if (row == ids.Length)
        {
            int capacity = Math.Max(64, ids.Length * 2);
            rows.EnsureCapacity(capacity);
            Array.Resize(ref ids, capacity);
            Array.Resize(ref inverseNorms, capacity);
            var bits = new int[capacity / 32];
            removed.CopyTo(bits, 0);
            Volatile.Write(ref removed, bits);
        }
        vector.CopyTo(new Span<float>((float*)rows[row], dimensions));
        ids[row] = id;
        float* place = (float*)rows[row];
        float square = VectorKernels.Dot(place, place, length);
        inverseNorms[row] = square > 0 ? 1 / MathF.Sqrt(square) : 0;
        Volatile.Write(ref count, row + 1);
    }

    /// <summary>The row of an id, or −1.</summary>
    public int Find(long id)
    {
        int row = Array.BinarySearch(ids, 0, Count, id);
        return row >= 0 && !IsRemoved(row) ? row : -1;
    }

    /// <summary>Takes a row out of all later searches.</summary>
    public void Remove(long id)
    {
        int row = Find(id);
        if (row < 0) return;
        removed[row >> 5] |= 1 << row;
        RemovedCount++;
    }

    /// <summary>The rows that are not removed, in order.</summary>
    public IEnumerable<int> LiveRows()
    {
        int rows = Count;
        for (int row = 0; row < rows; row++)
            if (!IsRemoved(row)) yield return row;
    }

    /// <summary>A query vector, padded, and its exact comparison with rows; reused from search to search.</summary>
    public sealed class Query(VectorTable table)
    {
        readonly AlignedBlock block = new((nuint)(table.length * sizeof(float)));

        public void Set(ReadOnlySpan<float> vector)
        {
            vector.CopyTo(Values);
            float square = VectorKernels.Dot((float*)block.Pointer, (float*)block.Pointer, table.length);
            InverseNorm = square > 0 ? 1 / MathF.Sqrt(square) : 0;
        }

        /// <summary>The vector without its padding.</summary>
        public Span<float> Values => new((float*)block.Pointer, table.Dimensions);

        /// <summary>1 / its length; 0 where that is 0.</summary>
        public float InverseNorm { get; private set; }

        /// <summary>The exact closeness of a row.</summary>
        public float Closeness(int row)
        {
            float* query = (float*)block.Pointer, other = (float*)table.rows[row];
            float closeness = table.Metric switch
            {
                VectorMetric.Cosine => VectorKernels.Dot(query, other, table.length) * InverseNorm * table.inverseNorms[row],
                VectorMetric.DotProduct => VectorKernels.Dot(query, other, table.length),
                _ => -VectorKernels.SquaredDistance(query, other, table.length),
            };
            GC.KeepAlive(this);
            return closeness;
        }

        /// <summary>Asks the processor for a row before it is compared.</summary>
        public void Prefetch(int row) => VectorKernels.Prefetch(table.rows[row], table.rows.BytesPerRow);
    }
}
