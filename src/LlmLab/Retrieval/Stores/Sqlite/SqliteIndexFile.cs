using LlmLab.Retrieval.Stores.Indexes;

namespace LlmLab.Retrieval.Stores.Sqlite;

/// <summary>Keeps a collection's graphs in the database itself, in parts, so that the one file is all there is to copy.</summary>
sealed class SqliteIndexFile(SqliteDatabase database, string collection)
{
    const int PartSize = 8 << 20;

    public void Write(string property, HnswGraph graph, VectorTable table)
    {
        using var stream = new MemoryStream();
        HnswFile.Write(stream, graph, table);
        byte[] bytes = stream.GetBuffer();
        database.Write(session =>
        {
            session.Execute("DELETE FROM llmlab_indexes WHERE collection = @p0 AND property = @p1", collection, property);
            for (int part = 0; part * (long)PartSize < stream.Length; part++)
            {
                int length = (int)Math.Min(PartSize, stream.Length - part * (long)PartSize);
                session.Execute("INSERT INTO llmlab_indexes (collection, property, part, data) VALUES (@p0, @p1, @p2, @p3)", collection, property, part, bytes.AsSpan(part * PartSize, length).ToArray());
            }
            return 0;
        });
    }

    /// <summary>The graph that was kept and the ids of its rows; null where there is none that fits.</summary>
    public (HnswGraph Graph, long[] Ids)? Read(SqliteSession session, string property, int dimensions, VectorMetric metric, VectorIndexOptions options)
    {
        using var stream = new MemoryStream();
        session.ForEach("SELECT data FROM llmlab_indexes WHERE collection = @p0 AND property = @p1 ORDER BY part", reader => stream.Write(SqliteSession.Blob(reader, 0)), collection, property);
        if (stream.Length == 0) return null;
        stream.Position = 0;
        try
        {
            return HnswFile.Read(stream, dimensions, metric, options, out long[] ids) is { } graph ? (graph, ids) : null;
        }
        catch (EndOfStreamException)
        {
            return null; // built anew
        }
    }
}
