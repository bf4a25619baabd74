using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LlmLab.Retrieval.Stores.Sqlite;

/// <summary>A connection with its compiled statements, for one caller at a time.</summary>
sealed class SqliteSession : IDisposable
{
    readonly SqliteConnection connection;
    readonly Dictionary<string, SqliteCommand> commands = new(StringComparer.Ordinal);
    readonly Dictionary<string, sqlite3_stmt> statements = new(StringComparer.Ordinal);

    public SqliteSession(string connectionString)
    {
        connection = new SqliteConnection(connectionString);
        connection.Open();
    }

    /// <summary>Runs a statement with parameters @p0, @p1, … and returns how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> parameters) => Command(sql, parameters).ExecuteNonQuery();

    /// <summary>The first column of the first row; null where there is none.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<object?> parameters) => Command(sql, parameters).ExecuteScalar() is { } value and not DBNull ? value : null;

    /// <summary>All rows, each made by <paramref name="read"/>.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> parameters)
    {
        using var reader = Command(sql, parameters).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    /// <summary>Gives every row to an action.</summary>
    public void ForEach(string sql, Action<SqliteDataReader> action, params ReadOnlySpan<object?> parameters)
    {
        using var reader = Command(sql, parameters).ExecuteReader();
        while (reader.Read()) action(reader);
    }

    /// <summary>
    /// The row that a statement finds for its one parameter; default where there is none. It goes past ADO.NET, whose commands and readers
    /// cost several times what SQLite does for a row: a search reads ten.
    /// </summary>
    public T? Row<T>(string sql, object parameter, Func<sqlite3_stmt, T> read)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection.Handle!, sql, out statement), connection.Handle);
            statements.Add(sql, statement);
        }
        int code = parameter is long number ? raw.sqlite3_bind_int64(statement, 1, number) : raw.sqlite3_bind_text(statement, 1, (string)parameter);
        SqliteException.ThrowExceptionForRC(code, connection.Handle);
        try
        {
            code = raw.sqlite3_step(statement);
            if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE)) SqliteException.ThrowExceptionForRC(code, connection.Handle);
            return code == raw.SQLITE_ROW ? read(statement) : default;
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    /// <summary>The bytes of a column of the current row, without a copy: valid until the reader moves.</summary>
    public static ReadOnlySpan<byte> Blob(SqliteDataReader reader, int column) => raw.sqlite3_column_blob(reader.Handle!, column);

    /// <summary>Undoes the open transaction, if the failure has not already.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(connection.Handle!) == 0) Execute("ROLLBACK");
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values) statement.Dispose();
        foreach (var command in commands.Values) command.Dispose();
        connection.Dispose();
    }

    SqliteCommand Command(string sql, ReadOnlySpan<object?> parameters)
    {
        if (!commands.TryGetValue(sql, out var command))
        {
            if (commands.Count == 256) // filters come in many forms; statements are cheap to compile again
            {
                foreach (var old in commands.Values) old.Dispose();
                commands.Clear();
            }
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 0; i < parameters.Length; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"@p{i}" });
            commands.Add(sql, command);
        }
        for (int i = 0; i < parameters.Length; i++) command.Parameters[i].Value = parameters[i] ?? DBNull.Value;
        return command;
    }
}
