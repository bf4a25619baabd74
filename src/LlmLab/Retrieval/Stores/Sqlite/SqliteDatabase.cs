using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace LlmLab.Retrieval.Stores.Sqlite;

/// <summary>
/// One database file: a connection that writes, one transaction at a time, and as many that read as there are readers at once. In the
/// write-ahead log readers never wait for the writer. <c>synchronous=FULL</c> flushes the log at every commit: what was acknowledged
/// survives a killed process and a power failure.
/// </summary>
sealed class SqliteDatabase : IDisposable
{
    readonly string connectionString;
    readonly Lazy<SqliteSession> writer;
    readonly ConcurrentBag<SqliteSession> readers = [];
    readonly Lock writing = new();

    public SqliteDatabase(string path)
    {
        connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();
        writer = new(() =>
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            var session = new SqliteSession(connectionString);
            session.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
            session.Execute("CREATE TABLE IF NOT EXISTS llmlab_collections (name TEXT PRIMARY KEY, description TEXT NOT NULL, birth INTEGER NOT NULL DEFAULT (random()), writes INTEGER NOT NULL DEFAULT 0)");
            session.Execute("CREATE TABLE IF NOT EXISTS llmlab_indexes (collection TEXT, property TEXT, part INTEGER, data BLOB, PRIMARY KEY (collection, property, part))");
            return session;
        });
    }

    /// <summary>Runs the action in a transaction that is durable when this returns, and undone if it throws.</summary>
    public T Write<T>(Func<SqliteSession, T> action)
    {
        lock (writing)
        {
            var session = writer.Value;
            session.Execute("BEGIN IMMEDIATE");
            try
            {
                T result = action(session);
                session.Execute("COMMIT");
                return result;
            }
            catch
            {
                session.Rollback();
                throw;
            }
        }
    }

    /// <summary>Runs the action on a connection that no one else uses meanwhile; what it reads is of one moment only inside one statement.</summary>
    public T Read<T>(Func<SqliteSession, T> action)
    {
        if (!writer.IsValueCreated)
        {
            lock (writing) _ = writer.Value; // the file and its tables are there
        }
        if (!readers.TryTake(out var session))
        {
            session = new SqliteSession(connectionString);
            session.Execute("PRAGMA query_only=ON; PRAGMA mmap_size=1073741824;");
        }
        try
        {
            return action(session);
        }
        finally
        {
            readers.Add(session);
        }
    }

    public void Dispose()
    {
        while (readers.TryTake(out var reader)) reader.Dispose();
        if (writer.IsValueCreated) writer.Value.Dispose();
    }
}
