using System.Runtime.InteropServices;
using LlmLab.Retrieval.Stores.Indexes;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using SQLitePCL;

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
sealed class SqliteVectors(SqliteDatabase database, string collection, CollectionModel model, VectorIndexOptions options)
{
    readonly SqliteSchema schema = new(collection);
    readonly SqliteIndexFile files = new(database, collection);
    readonly Lock changing = new();
    volatile Loaded? loaded;

    /// <param name="Birth">Drawn when the collection was made: one that was deleted and made again is another.</param>
    /// <param name="Writes">Transactions whose changes the indexes hold.</param>
    /// <param name="Kept">Rows of each graph when it was last written to the file.</param>
    sealed record Loaded(VectorIndex[] Indexes, long Birth, long Writes, int[] Kept);

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
                var index = before.Indexes[i];
                foreach (long id in change.Removed) index.Remove(id);
                foreach (var (id, vectors) in change.Added)
                    if (vectors[i] is { } vector) index.Add(id, vector);
                if (index.Graph is not null) Prepare(before, i, CancellationToken.None); // the first build waits for a search, or for who asks
            }
            loaded = before with { Writes = state.Writes };
        }
    }

    /// <summary>The index of a vector property, equal to the rows at some moment of this call and built if that is due.</summary>
    public VectorIndex Index(SqliteSession session, int property, CancellationToken cancellationToken)
    {
        if (!IsCurrent(session))
        {
            lock (changing)
            {
                if (!IsCurrent(session)) Load(session);
            }
        }
        var now = loaded!;
        var index = now.Indexes[property];
        if (index.Graph is null && index.Count >= Options(property).HnswFrom)
        {
            lock (changing) Prepare(now, property, cancellationToken);
        }
        return index;
    }

    /// <summary>Writes the graph of a property to the file if it is not there as it is.</summary>
    public void Keep(int property)
    {
        lock (changing)
        {
            if (loaded is not { } now || now.Indexes[property] is not { Graph: { } graph } index) return;
            files.Write(model.VectorProperties[property].StorageName, graph, index.Table);
            now.Kept[property] = graph.Count;
        }
    }

    void Prepare(Loaded now, int property, CancellationToken cancellationToken)
    {
        var index = now.Indexes[property];
        if (!index.Prepare(cancellationToken) || index.Graph is not { } graph) return;
        if (graph.Count < now.Kept[property] || graph.Count > now.Kept[property] * 1.1 + 1) Keep(property);
    }

    bool IsCurrent(SqliteSession session) => loaded is { } now && State(session) == (now.Birth, now.Writes);

    (long Birth, long Writes) State(SqliteSession session)
    {
        var state = session.Row("SELECT birth, writes FROM llmlab_collections WHERE name = @p0", collection, row => ((long, long)?)(raw.sqlite3_column_int64(row, 0), raw.sqlite3_column_int64(row, 1)));
        return state ?? throw new InvalidInputException($"The collection '{collection}' was deleted.");
    }

    void Load(SqliteSession session)
    {
        session.Execute("BEGIN"); // one moment for all that is read
        try
        {
            var (birth, writes) = State(session);
            var known = loaded?.Birth == birth ? loaded : null;
            var indexes = known?.Indexes ?? [.. model.VectorProperties.Select((property, i) => new VectorIndex(property.Dimensions, Similarity.Metric(property), Options(i)))];
            int[] kept = known?.Kept ?? new int[indexes.Length];
            var ids = session.Query(schema.Ids("TRUE"), reader => reader.GetInt64(0)).ToHashSet();
            for (int i = 0; i < indexes.Length; i++)
            {
                if (known is null) kept[i] = LoadGraph(session, i, indexes[i]);
                var table = indexes[i].Table;
                foreach (int row in table.LiveRows())
                    if (!ids.Contains(table.Id(row))) indexes[i].Remove(table.Id(row));
                ForVectors(session, i, table.LastId, indexes[i].Add);
                if (indexes[i].Graph is not null) indexes[i].Prepare(CancellationToken.None);
            }
            loaded = new Loaded(indexes, birth, writes, kept);
        }
        finally
        {
            session.Execute("COMMIT");
        }
    }

    /// <summary>Takes over the kept graph: its rows first, those that are gone as zeros that only their codes stand for.</summary>
    int LoadGraph(SqliteSession session, int i, VectorIndex index)
    {
        var property = model.VectorProperties[i];
        if (files.Read(session, property.StorageName, property.Dimensions, Similarity.Metric(property), Options(i)) is not { } kept) return 0;
        int next = 0;
        bool fits = true; // the graph's rows are the table's first
        var gone = new List<long>();
        var nothing = new float[property.Dimensions];
        ForVectors(session, i, long.MinValue, (id, vector) =>
        {
            for (; next < kept.Ids.Length && kept.Ids[next] < id; next++) AddGone(kept.Ids[next]);
            if (next < kept.Ids.Length && kept.Ids[next] == id) next++;
            else fits &= next == kept.Ids.Length;
            index.Add(id, vector);
        });
        for (; next < kept.Ids.Length; next++) AddGone(kept.Ids[next]);
        foreach (long id in gone) index.Remove(id);
        if (!fits) return 0;
        index.Adopt(kept.Graph);
        return kept.Ids.Length;

        void AddGone(long id)
        {
            index.Add(id, nothing);
            gone.Add(id);
        }
    }

    void ForVectors(SqliteSession session, int property, long after, AddVector add) => session.ForEach(schema.VectorsFrom(property), reader =>
    {
        if (!reader.IsDBNull(1)) add(reader.GetInt64(0), MemoryMarshal.Cast<byte, float>(SqliteSession.Blob(reader, 1)));
    }, after);

    delegate void AddVector(long id, ReadOnlySpan<float> vector);

    /// <summary>The options as the property's kind of index wants them.</summary>
    VectorIndexOptions Options(int property) => model.VectorProperties[property].IndexKind switch
    {
        IndexKind.Flat => options with { HnswFrom = int.MaxValue },
        IndexKind.Hnsw => options with { HnswFrom = 1 },
        _ => options,
    };
}
