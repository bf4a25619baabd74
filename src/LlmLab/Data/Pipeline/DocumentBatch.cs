namespace LlmLab.Data.Pipeline;

/// <summary>Documents that one thread works on at a time.</summary>
/// <param name="First">Index of the first in its reading.</param>
/// <param name="Open">Gives them; called once, by the thread that works on them.</param>
sealed record DocumentBatch(int First, Func<IReadOnlyList<Document>> Open)
{
    const int MaximumDocuments = 512, MaximumSize = 64 << 10;

    /// <summary>True if a batch of so many documents and characters (or bytes) is large enough.</summary>
    public static bool IsFull(int documents, long size) => size >= MaximumSize || documents >= MaximumDocuments;

    /// <summary>Cuts a sequence into batches.</summary>
    public static IEnumerable<DocumentBatch> Of(IEnumerable<Document> documents)
    {
        var batch = new List<Document>();
        long size = 0;
        int first = 0;
        foreach (var document in documents)
        {
            batch.Add(document);
            size += document.Text.Length;
            if (!IsFull(batch.Count, size)) continue;
            yield return Close(batch, first);
            (first, batch, size) = (first + batch.Count, [], 0);
        }
        if (batch.Count > 0) yield return Close(batch, first);
    }

    static DocumentBatch Close(List<Document> batch, int first) => new(first, () => batch);
}
