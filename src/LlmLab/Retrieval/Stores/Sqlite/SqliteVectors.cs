using System.Runtime.InteropServices;
using LlmLab.Retrieval.Stores.Indexes;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Sqlite;

/// <summary>What a transaction did to a collection: ids that are gone, and ids with their vectors that came.</summary>
sealed class SqliteChange
{
    public List<long> Removed { get; } = [];
    public List<(long Id, float[]?[] Vectors)> Added { get; } = [];
}

/// <summary>
/// The vectors of a collection in memory and the rows they come from, kept equal. The collection counts its transactions; a search that finds
/// another count than the vectors have seen (another process wrote) compares ids and loads what is missing.
/// </summary>
sealed class SqliteVectors(SqliteDatabase database, string collection, CollectionModel model)
{
    readonly SqliteSchema schema = new(collection);
    readonly Lock changing = new();
    volatile Loaded? loaded;

    /// <param name="Birth">Drawn when the collection was made: one that was deleted and made again is another.</param>
    /// <param name="Writes">Transactions whose changes the indexes hold.</param>
    sealed record Loaded(VectorIndex[] Indexes, long Birth, long Writes);

    /// <summary>Runs a transaction on the collection; when it is durable, its change is made in memory too.</summary>
    public void Write(Func<SqliteSession, SqliteChange> action)
    {
        lock (changing)
        {
            var (change, state) = database.Write(session =>
            {
                session.Execute("UPDATE llmlab_collections SET writes = writes + 1 WHERE name = @p0", collection);
                return (action(session), State(session));
            });
            if (loaded is not { } before || before.Birth != state.Birth || before.Writes != state.Writes - 1) return; // the next search compares
            for (int i = 0; i < before.Indexes.Length; i++)
            {
                foreach (long id in change.Removed) before.Indexes[i].Table.Remove(id);
                foreach (var (id, vectors) in change.Added)
                    if (vectors[i] is { } vector) before.Indexes[i].Table.Add(id, vector);
            }
            loaded = before with { Writes = state.Writes };
        }
    }

    /// <summary>The index of a vector property, equal to the rows at some moment of this call.</summary>
    public VectorIndex Index(SqliteSession session, int property)
    {
        if (!IsCurrent(session))
        {
            lock (changing)
            {
                if (!IsCurrent(session)) Load(session);
            }
        }
        return loaded!.Indexes[property];
    }

    bool IsCurrent(SqliteSession session) => loaded is { } now && State(session) == (now.Birth, now.Writes);

    (long Birth, long Writes) State(SqliteSession session)
    {
        (long, long)? state = null;
        session.ForEach("SELECT birth, writes FROM llmlab_collections WHERE name = @p0", reader => state = (reader.GetInt64(0), reader.GetInt64(1)), collection);
        return state ?? throw new InvalidInputException($"The collection '{collection}' was deleted.");
    }

    void Load(SqliteSession session)
    {
        session.Execute("BEGIN"); // one moment for all that is read
        try
        {
            var (birth, writes) = State(session);
            var indexes = loaded?.Birth == birth ? loaded.Indexes : [.. model.VectorProperties.Select(property => new VectorIndex(property.Dimensions, Similarity.Metric(property)))];
            var ids = session.Query(schema.Ids("TRUE"), reader => reader.GetInt64(0)).ToHashSet();
            for (int i = 0; i < indexes.Length; i++)
            {
                var table = indexes[i].Table;
                foreach (int row in table.LiveRows())
                    if (!ids.Contains(table.Id(row))) table.Remove(table.Id(row));
                session.ForEach(schema.VectorsFrom(i), reader =>
                {
                    if (!reader.IsDBNull(1)) table.Add(reader.GetInt64(0), MemoryMarshal.Cast<byte, float>(SqliteSession.Blob(reader, 1)));
                }, table.LastId);
            }
            loaded = new Loaded(indexes, birth, writes);
        }
        finally
        {
            session.Execute("COMMIT");
        }
    }
}
