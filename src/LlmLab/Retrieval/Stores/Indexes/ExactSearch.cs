namespace LlmLab.Retrieval.Stores.Indexes;

/// <summary>Compares a query with every row: slow, and by definition right. The graph is measured against it.</summary>
static class ExactSearch
{
    /// <summary>The closest rows, best first; equal ones in the order of their ids.</summary>
    /// <param name="rows">The rows to look at, in rising order; null for all.</param>
    public static List<Neighbour> Search(VectorTable table, VectorTable.Query query, int top, IReadOnlyList<int>? rows = null)
    {
        var nearest = new NearestRows(top);
        if (rows is null)
        {
            int count = table.Count;
            for (int row = 0; row < count; row++)
                if (!table.IsRemoved(row)) nearest.Offer(row, query.Closeness(row));
        }
        else
        {
            for (int i = 0; i < rows.Count; i++)
            {
                if (i + 4 < rows.Count) query.Prefetch(rows[i + 4]);
                nearest.Offer(rows[i], query.Closeness(rows[i]));
            }
        }
        return nearest.Sorted(table);
    }
}

/// <summary>The best so many of all rows offered: a heap with the worst on top.</summary>
sealed class NearestRows(int top)
{
    readonly PriorityQueue<int, (float Closeness, int Order)> heap = new();
    float worst = float.NegativeInfinity;

    public void Offer(int row, float closeness)
    {
        if (heap.Count == top && !(closeness > worst)) return; // of equal ones the first stays
        if (heap.Count < top) heap.Enqueue(row, (closeness, -row));
        else heap.EnqueueDequeue(row, (closeness, -row));
        if (heap.Count == top && heap.TryPeek(out _, out var least)) worst = least.Closeness;
    }

    public List<Neighbour> Sorted(VectorTable table)
    {
        var found = new List<Neighbour>(heap.Count);
        while (heap.TryDequeue(out int row, out var priority)) found.Add(new Neighbour(table.Id(row), priority.Closeness));
        found.Reverse();
        return found;
    }
}
