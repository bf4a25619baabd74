using System.Net.Sockets;
using Microsoft.Extensions.VectorData.ProviderServices;
using Npgsql;

namespace LlmLab.Retrieval.Stores.Postgres;

/// <summary>
/// PostgreSQL with the pgvector extension: a table a collection, its columns named as the record's properties, so that other programs read it
/// as any table. Searches go through HNSW or IVFFlat (a property's <c>IndexKind</c>; <c>Flat</c> for none), filters are SQL, and a
/// full-text property makes hybrid search possible. The description is kept as the table's comment.
/// </summary>
public sealed class PostgresStore : Store
{
    readonly SemaphoreSlim opening = new(1, 1);
    readonly string connectionString;
    NpgsqlDataSource? source;

    /// <summary>Opens a database.</summary>
    /// <param name="address">
    /// <c>postgres://user:password@host:5432/database?Maximum Pool Size=4</c>, or Npgsql's <c>Host=…;Database=…</c>. What is missing comes from the
    /// environment, as with all PostgreSQL programs: PGUSER, PGPASSWORD, PGPASSFILE.
    /// </param>
    public PostgresStore(string address, VectorStoreOptions? options = null) : base(options)
    {
        var builder = PostgresAddress.Parse(address);
        connectionString = builder.ToString();
        Name = $"{builder.Host}:{builder.Port}/{builder.Database}";
    }

    internal override string SystemName => "postgresql";
    internal override string Name { get; }

    private protected override ICollectionBackend Open(string collection, CollectionModel model) =>
        model.DataProperties.Any(property => property.IsFullTextIndexed)
            ? new PostgresKeywordBackend(this, collection, model)
            : new PostgresBackend(this, collection, model);

    private protected override async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = (await Source(cancellationToken).ConfigureAwait(false)).CreateCommand(PostgresSchema.ListTables);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) names.Add(reader.GetString(0));
        return names;
    }

    private protected override async Task DropAsync(string collection, CancellationToken cancellationToken)
    {
        var opened = await Source(cancellationToken).ConfigureAwait(false);
        await using var describe = opened.CreateCommand(PostgresSchema.Comment);
        describe.Parameters.Add(new() { Value = collection });
        var comment = await describe.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        if (comment is null) return;
        if (comment is not string text || !text.StartsWith(PostgresSchema.CommentPrefix, StringComparison.Ordinal))
            throw new InvalidInputException($"The table '{collection}' in {Name} was not made as a collection and is not deleted here: drop it by hand if it may go.");
        await using var drop = opened.CreateCommand($"DROP TABLE {Records.SqlFilter.Quote(collection)}");
        await drop.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The pool of connections; the extension is there before the first, since a connection learns the types when it opens.</summary>
    internal async Task<NpgsqlDataSource> Source(CancellationToken cancellationToken)
    {
        if (source is not null) return source;
        await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (source is not null) return source;
            await using (var plain = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString()))
            {
                await plain.OpenAsync(cancellationToken).ConfigureAwait(false);
                await using var command = new NpgsqlCommand("CREATE EXTENSION IF NOT EXISTS vector", plain);
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
            var builder = new NpgsqlDataSourceBuilder(connectionString);
            builder.UseVector();
            return source = builder.Build();
        }
        finally
        {
            opening.Release();
        }
    }

    private protected override bool IsTransient(Exception exception) =>
        exception is PostgresException { SqlState: "57P03" or "53300" or "40001" or "40P01" }
        || exception is NpgsqlException { IsTransient: true } and not PostgresException
        || exception is NpgsqlException { InnerException: SocketException or TimeoutException or IOException };

    private protected override string? Explain(Exception exception) => exception switch
    {
        PostgresException { SqlState: "28P01" or "28000" } => "the user or the password is wrong (address, or PGUSER and PGPASSWORD)",
        PostgresException { SqlState: "3D000" } => "the database does not exist",
        PostgresException { SqlState: "58P01" or "0A000" } error => $"the extension pgvector is not installed on the server, or too old ({error.MessageText})",
        PostgresException { SqlState: "42501" } error => $"the user may not do that ({error.MessageText}); CREATE EXTENSION vector wants an administrator once",
        PostgresException { SqlState: "42P01" } => "the collection was deleted",
        PostgresException error => error.MessageText,
        NpgsqlException error => error.Message,
        _ => null,
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source?.Dispose();
            opening.Dispose();
        }
        base.Dispose(disposing);
    }
}
