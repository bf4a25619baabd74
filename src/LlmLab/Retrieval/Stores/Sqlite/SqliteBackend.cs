using System.Runtime.InteropServices;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Sqlite;

/// <summary>A collection in the file. SQLite answers at once, so nothing here is asynchronous but its form.</summary>
sealed class SqliteBackend(SqliteStore store, string name, CollectionModel model) : ICollectionBackend
{
    readonly SqliteSchema schema = new(name);

    SqliteVectors Vectors => store.Vectors(name, model);

    public Task<string?> ReadDescriptionAsync(CancellationToken cancellationToken) =>
        Task.FromResult(store.Database.Read(session => (string?)session.Scalar("SELECT description FROM llmlab_collections WHERE name = @p0", name)));

    public Task CreateAsync(string description, CancellationToken cancellationToken)
    {
        store.Database.Write(session =>
        {
            schema.Create(session, model);
            return session.Execute("INSERT INTO llmlab_collections (name, description) VALUES (@p0, @p1) ON CONFLICT DO NOTHING", name, description);
        });
        return Task.CompletedTask;
    }

    public Task DropAsync(CancellationToken cancellationToken) => store.EnsureCollectionDeletedAsync(name, cancellationToken);

    public Task UpsertAsync(IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken)
    {
        string delete = schema.DeleteRecord(model), deleteVectors = schema.DeleteVectors, insert = schema.InsertRecord(model), insertVectors = schema.InsertVectors(model);
        object?[] row = new object?[1 + model.DataProperties.Count], vectorRow = new object?[1 + model.VectorProperties.Count];
        Vectors.Write(session =>
        {
            var change = new SqliteChange();
            foreach (var record in records)
            {
                if (session.Scalar(delete, record.Key) is long old)
                {
                    session.Execute(deleteVectors, old);
                    change.Removed.Add(old);
                }
                row[0] = record.Key;
                for (int i = 0; i < record.Data.Length; i++) row[i + 1] = SqliteSchema.Value(record.Data[i]);
                long id = (long)session.Scalar(insert, row)!;
                vectorRow[0] = id;
                for (int i = 0; i < record.Vectors.Length; i++) vectorRow[i + 1] = record.Vectors[i] is { } vector ? MemoryMarshal.AsBytes<float>(vector).ToArray() : null;
                session.Execute(insertVectors, vectorRow);
                change.Added.Add((id, record.Vectors));
            }
            return change;
        });
        return Task.CompletedTask;
    }

    public Task DeleteAsync(IReadOnlyList<object> keys, CancellationToken cancellationToken)
    {
        string delete = schema.DeleteRecord(model), deleteVectors = schema.DeleteVectors;
        Vectors.Write(session =>
        {
            var change = new SqliteChange();
            foreach (object key in keys)
            {
                if (session.Scalar(delete, key) is not long old) continue;
                session.Execute(deleteVectors, old);
                change.Removed.Add(old);
            }
            return change;
        });
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<StoredRecord>> GetAsync(IReadOnlyList<object> keys, bool includeVectors, CancellationToken cancellationToken)
    {
        string sql = $"{schema.Select(model, includeVectors)} WHERE r.{SqlFilter.Quote(model.KeyProperty.StorageName)} = @p0";
        return Task.FromResult<IReadOnlyList<StoredRecord>>(store.Database.Read(session =>
            keys.SelectMany(key => session.Query(sql, reader => SqliteSchema.Read(reader, model, includeVectors), key)).ToList()));
    }

    public Task<IReadOnlyList<StoredRecord>> FindAsync(RecordQuery query, CancellationToken cancellationToken)
    {
        var filter = new SqlFilter(SqliteSchema.ListContains);
        string condition = filter.Translate(query.Filter);
        string order = string.Join(", ", [.. query.Order.Select(by => $"r.{SqlFilter.Quote(by.Property.StorageName)} {(by.Ascending ? "ASC" : "DESC")}"), "1"]);
        string sql = $"{schema.Select(model, query.IncludeVectors)} WHERE {condition} ORDER BY {order} LIMIT {query.Top} OFFSET {query.Skip}";
        return Task.FromResult<IReadOnlyList<StoredRecord>>(store.Database.Read(session =>
            session.Query(sql, reader => SqliteSchema.Read(reader, model, query.IncludeVectors), [.. filter.Parameters])));
    }

    public Task<IReadOnlyList<ScoredRecord>> SearchAsync(VectorQuery query, CancellationToken cancellationToken)
    {
        var property = model.VectorProperties[query.Property];
        string sql = $"{schema.Select(model, query.IncludeVectors)} WHERE {SqliteSchema.WhereId("@p0")}";
        return Task.FromResult<IReadOnlyList<ScoredRecord>>(store.Database.Read(session =>
        {
            List<long>? among = null;
            if (query.Filter is not null)
            {
                var filter = new SqlFilter(SqliteSchema.ListContains);
                string condition = filter.Translate(query.Filter);
                among = session.Query(schema.Ids(condition), reader => reader.GetInt64(0), [.. filter.Parameters]);
            }
            var found = new List<ScoredRecord>(query.Top);
            foreach (var neighbour in Vectors.Index(session, query.Property, cancellationToken).Search(query.Vector, query.Top, among))
                if (session.Row(sql, neighbour.Id, row => SqliteSchema.Read(row, model, query.IncludeVectors)) is { } record)
                    found.Add(new ScoredRecord(record, Similarity.Score(property, neighbour.Closeness)));
            return found;
        }));
    }

    /// <summary>The index of the first vector property.</summary>
    public object? GetService(Type type) => type == typeof(IVectorIndex) ? new SqliteVectorIndex(store.Database, Vectors, 0) : null;
}
