using System.IO.Hashing;
using System.Text;

namespace LlmLab.Data.Pipeline;

/// <summary>What differs between two versions of a data set.</summary>
/// <param name="Older">The version compared with.</param>
/// <param name="Newer">The version compared.</param>
/// <param name="Added">Ids that only the newer one has, in its order.</param>
/// <param name="Removed">Ids that only the older one has, in its order.</param>
/// <param name="Changed">Ids whose text or metadata differ, in the newer one's order.</param>
/// <param name="Unchanged">Documents that both have alike.</param>
public sealed record VersionComparison(DatasetVersion Older, DatasetVersion Newer, IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> Changed, long Unchanged)
{
    /// <summary>Compares the data sets in two folders, holding 16 bytes a document.</summary>
    public static VersionComparison Of(string olderFolder, string newerFolder)
    {
        var (older, newer) = (VersionFile.Read(olderFolder), VersionFile.Read(newerFolder));
        var before = new Dictionary<UInt128, UInt128>();
        foreach (var document in PipelineResult.Open(olderFolder).Documents) before[Key(document.Id)] = Content(document);
        List<string> added = [], changed = [];
        var kept = new HashSet<UInt128>();
        foreach (var document in PipelineResult.Open(newerFolder).Documents)
        {
            var key = Key(document.Id);
            kept.Add(key);
            if (!before.TryGetValue(key, out var content)) added.Add(document.Id);
            else if (content != Content(document)) changed.Add(document.Id);
        }
        string[] removed = [.. PipelineResult.Open(olderFolder).Documents.Where(d => !kept.Contains(Key(d.Id))).Select(d => d.Id)];
        return new VersionComparison(older, newer, added, removed, changed, kept.Count - added.Count - changed.Count);
    }

    static UInt128 Key(string id) => XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(id));

    static UInt128 Content(Document document)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(document.Text.Length + 256);
        DocumentJson.Write(buffer, document);
        return XxHash128.HashToUInt128(buffer.WrittenSpan);
    }
}
