using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData.ProviderServices;
using Npgsql;
using Pgvector;

namespace LlmLab.Retrieval.Stores.Postgres;

/// <summary>A collection as a table.</summary>
class PostgresBackend(PostgresStore store, string name, CollectionModel model) : ICollectionBackend
{
    const int RowsPerBatch = 500;
    protected PostgresSchema Schema { get; } = new(name, model);
    protected CollectionModel Model => model;

    public async Task<string?> ReadDescriptionAsync(CancellationToken cancellationToken)
    {
        await using var command = (await store.Source(cancellationToken).ConfigureAwait(false)).CreateCommand(PostgresSchema.Comment);
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string comment
            ? comment.StartsWith(PostgresSchema.CommentPrefix, StringComparison.Ordinal) ? comment[PostgresSchema.CommentPrefix.Length..] : ""
            : null;
    }

    public Task CreateAsync(string description, CancellationToken cancellationToken) => Execute(Schema.Create(description), cancellationToken);

    public Task DropAsync(CancellationToken cancellationToken) => store.EnsureCollectionDeletedAsync(name, cancellationToken);

    public async Task UpsertAsync(IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken)
    {
        string sql = Schema.Upsert();
        await using var connection = await Connect(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        foreach (var chunk in records.Chunk(RowsPerBatch))
        {
            await using var batch = new NpgsqlBatch(connection, transaction);
            foreach (var record in chunk)
            {
                var command = new NpgsqlBatchCommand(sql);
                foreach (var property in model.Properties) command.Parameters.Add(new() { Value = Value(record, property) });
                batch.BatchCommands.Add(command);
            }
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task DeleteAsync(IReadOnlyList<object> keys, CancellationToken cancellationToken)
    {
        await using var command = (await store.Source(cancellationToken).ConfigureAwait(false)).CreateCommand($"DELETE FROM {Schema.Table} WHERE {Schema.Key} = ANY($1)");
        command.Parameters.Add(new() { Value = Keys(keys) });
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<StoredRecord>> GetAsync(IReadOnlyList<object> keys, bool includeVectors, CancellationToken cancellationToken) =>
        Read($"SELECT {Schema.Columns(includeVectors)} FROM {Schema.Table} WHERE {Schema.Key} = ANY($1)", [Keys(keys)], includeVectors, reader => Record(reader, includeVectors, 0), [], cancellationToken);

    public Task<IReadOnlyList<StoredRecord>> FindAsync(RecordQuery query, CancellationToken cancellationToken)
    {
        var (condition, parameters) = Condition(query.Filter, []);
        string order = string.Join(", ", [.. query.Order.Select(by => $"{SqlFilter.Quote(by.Property.StorageName)} {(by.Ascending ? "ASC NULLS FIRST" : "DESC NULLS LAST")}"), Schema.Key]);
        return Read($"SELECT {Schema.Columns(query.IncludeVectors)} FROM {Schema.Table} WHERE {condition} ORDER BY {order} LIMIT {query.Top} OFFSET {query.Skip}",
            parameters, query.IncludeVectors, reader => Record(reader, query.IncludeVectors, 0), [], cancellationToken);
    }

    public Task<IReadOnlyList<ScoredRecord>> SearchAsync(VectorQuery query, CancellationToken cancellationToken)
    {
        var property = model.VectorProperties[query.Property];
        var (condition, parameters) = Condition(query.Filter, [new Vector(query.Vector)]);
        string column = SqlFilter.Quote(property.StorageName);
        string sql = $"SELECT {PostgresSchema.Distance(property, "$1")}, {Schema.Columns(query.IncludeVectors)} FROM {Schema.Table} WHERE {column} IS NOT NULL AND ({condition}) ORDER BY {PostgresSchema.Distance(property, "$1")} LIMIT {query.Top}";
        return Read(sql, parameters, query.IncludeVectors,
            reader => new ScoredRecord(Record(reader, query.IncludeVectors, 1), Similarity.Score(property, PostgresSchema.Closeness(property, reader.GetDouble(0)))), Settings(property, query.Top), cancellationToken);
    }

    public object? GetService(Type type) => type == typeof(IVectorIndex) ? new PostgresVectorIndex(this, model.VectorProperties[0]) : null;

    /// <summary>
    /// What an approximate scan needs to give as many rows as are asked for: pgvector stops at ef_search (40) candidates, before the filter, unless it
    /// may go on (iterative scans, from 0.8.0).
    /// </summary>
    internal static IEnumerable<(string, string)> Settings(VectorPropertyModel property, int top, int width = 0) =>
        !PostgresSchema.HasIndex(property) ? []
        : property.IndexKind == Microsoft.Extensions.VectorData.IndexKind.IvfFlat
            ? [("ivfflat.probes", Math.Max(1, width == 0 ? 10 : width).ToString(System.Globalization.CultureInfo.InvariantCulture)), ("ivfflat.iterative_scan", "relaxed_order")]
            : [("hnsw.ef_search", Math.Clamp(Math.Max(top, width == 0 ? 100 : width), 1, 1000).ToString(System.Globalization.CultureInfo.InvariantCulture)), ("hnsw.iterative_scan", "strict_order")];

    /// <summary>Runs a query under settings that end with it.</summary>
    internal async Task<IReadOnlyList<T>> Read<T>(string sql, IReadOnlyList<object> parameters, bool includeVectors, Func<NpgsqlDataReader, T> read, IEnumerable<(string Name, string Value)> settings, CancellationToken cancellationToken)
    {
        await using var connection = await Connect(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (setting, value) in settings)
        {
            await using var set = new NpgsqlCommand("SELECT set_config($1, $2, true)", connection, transaction);
            set.Parameters.Add(new() { Value = setting });
            set.Parameters.Add(new() { Value = value });
            await set.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (object parameter in parameters) command.Parameters.Add(new() { Value = parameter });
        var rows = new List<T>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) rows.Add(read(reader));
        }
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return rows;
    }

    internal async Task Execute(IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        await using var connection = await Connect(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        foreach (string sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 0 }; // building an index takes its time
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    internal PostgresSchema Table => Schema;

    internal Task<T> Run<T>(Func<Task<T>> action, CancellationToken cancellationToken) => store.Run(action, cancellationToken);

    /// <summary>The condition, its parameters after those that are there.</summary>
    protected static (string Sql, List<object> Parameters) Condition(RecordFilter? filter, List<object> parameters)
    {
        var translation = new SqlFilter(PostgresSchema.ListContains, "$", parameters.Count + 1, PostgresSchema.Value);
        string sql = translation.Translate(filter);
        parameters.AddRange(translation.Parameters);
        return (sql, parameters);
    }

    protected StoredRecord Record(NpgsqlDataReader reader, bool includeVectors, int column)
    {
        object key = null!;
        var data = new List<object?>();
        var vectors = new List<float[]?>();
        foreach (var property in model.Properties)
        {
            if (property is VectorPropertyModel) vectors.Add(includeVectors ? PostgresSchema.Stored(reader.GetValue(column++)) as float[] : null);
            else if (property is KeyPropertyModel) key = PostgresSchema.Stored(reader.GetValue(column++))!;
            else data.Add(PostgresSchema.Stored(reader.GetValue(column++)));
        }
        return new StoredRecord(key, [.. data], [.. vectors]);
    }

    async Task<NpgsqlConnection> Connect(CancellationToken cancellationToken) =>
        await (await store.Source(cancellationToken).ConfigureAwait(false)).OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

    object Value(StoredRecord record, PropertyModel property)
    {
        if (property is KeyPropertyModel) return record.Key;
        if (property is DataPropertyModel data) return PostgresSchema.Value(record.Data[Position(model.DataProperties, data)], property);
        return record.Vectors[Position(model.VectorProperties, (VectorPropertyModel)property)] is { } vector ? new Vector(vector) : DBNull.Value;
    }

    static int Position<T>(IReadOnlyList<T> list, T item) where T : class
    {
        int i = 0;
        while (!ReferenceEquals(list[i], item)) i++;
        return i;
    }

    static object Keys(IReadOnlyList<object> keys) => keys[0] is long ? keys.Cast<long>().ToArray() : keys.Cast<string>().ToArray();
}
