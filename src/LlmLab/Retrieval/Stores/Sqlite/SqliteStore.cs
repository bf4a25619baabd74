using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace LlmLab.Retrieval.Stores.Sqlite;

/// <summary>
/// The embedded store: one SQLite file, no server. Every write is a transaction, durable when the call returns. Searches are exact over
/// vectors held in memory, and go through a navigable graph from 50,000 records on (see <see cref="Indexes.VectorIndexOptions"/>); metadata
/// filters are SQL. Several processes may use the file; one writes at a time.
/// </summary>
public sealed class SqliteStore : Store
{
    readonly string path;
    readonly ConcurrentDictionary<string, SqliteVectors> vectors = new(StringComparer.Ordinal);

    /// <summary>Opens or makes the file at its first use.</summary>
    public SqliteStore(string path, VectorStoreOptions? options = null) : base(options)
    {
        this.path = path;
        Database = new SqliteDatabase(path);
    }

    internal override string SystemName => "sqlite";
    internal override string Name => path;
    internal override string Address => $"The vector store '{path}'";

    internal SqliteDatabase Database { get; }

    /// <summary>The vectors of a collection in memory, shared by all who opened it here.</summary>
    internal SqliteVectors Vectors(string collection, CollectionModel model) =>
        vectors.GetOrAdd(collection, _ => new SqliteVectors(Database, collection, model, Options.Index));

    internal void Forget(string collection) => vectors.TryRemove(collection, out _);

    private protected override ICollectionBackend Open(string collection, CollectionModel model) => new SqliteBackend(this, collection, model);

    private protected override Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>(Database.Read(session => session.Query("SELECT name FROM llmlab_collections ORDER BY name", reader => reader.GetString(0))));

    private protected override Task DropAsync(string collection, CancellationToken cancellationToken)
    {
        var schema = new SqliteSchema(collection);
        Database.Write(session =>
        {
            session.Execute($"DROP TABLE IF EXISTS {schema.Records}");
            session.Execute($"DROP TABLE IF EXISTS {schema.Vectors}");
            session.Execute("DELETE FROM llmlab_indexes WHERE collection = @p0", collection);
            return session.Execute("DELETE FROM llmlab_collections WHERE name = @p0", collection);
        });
        Forget(collection);
        return Task.CompletedTask;
    }

    private protected override bool IsTransient(Exception exception) => exception is SqliteException { SqliteErrorCode: 5 or 6 }; // busy, locked: another process writes

    private protected override string? Explain(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: 26 } => "it is a file of another kind, not an SQLite database",
        SqliteException { SqliteErrorCode: 14 } => "it cannot be opened or made: check that the path is a file in a folder that may be written",
        SqliteException { SqliteErrorCode: 8 } => "it may not be written",
        SqliteException { SqliteErrorCode: 11 } => "it is damaged: restore a copy, or delete it and fill it again",
        SqliteException { SqliteErrorCode: 13 } => "the disk is full",
        SqliteException other => other.Message,
        IOException or UnauthorizedAccessException => exception.Message,
        _ => null,
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Database.Dispose();
        base.Dispose(disposing);
    }
}
