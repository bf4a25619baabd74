namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>The vectors of one property of a collection, in memory, and how they are searched.</summary>
sealed class VectorIndex(int dimensions, VectorMetric metric)
{
    readonly VectorTable table = new(dimensions, metric);

    public VectorTable Table => table;

    /// <summary>Records in it.</summary>
    public int Count => table.Count - table.RemovedCount;

    /// <summary>The nearest records, best first.</summary>
    /// <param name="among">Ids, in rising order, of the records that may be found; null for all.</param>
    public List<Neighbour> Search(ReadOnlySpan<float> vector, int top, IReadOnlyList<long>? among = null)
    {
        var query = table.Prepare(vector);
        return ExactSearch.Search(table, query, top, among is null ? null : [.. among.Select(table.Find).Where(row => row >= 0)]);
    }
}
