using System.Data.Common;
using DuckDB.NET.Data;

namespace LlmLab.Data.Warehouse;

/// <summary>
/// The embedded warehouse (DuckDB): documents, their metadata and every decision of the pipeline are tables that SQL can ask
/// about. It keeps to its memory limit and spills to the disk beyond that.
/// </summary>
public sealed class DataWarehouse : IDisposable
{
    readonly DuckDBConnection connection;
    DuckDBCommand? running;

    DataWarehouse(string source)
    {
        connection = new DuckDBConnection(source);
        connection.Open();
    }

    /// <summary>A warehouse in memory.</summary>
    public static DataWarehouse InMemory() => new("DataSource=:memory:");

    /// <summary>Opens a warehouse file, or makes it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="readOnly">Open for reading; several readers may do so at once.</param>
    /// <param name="memoryLimitMegabytes">What DuckDB may keep in memory.</param>
    /// <param name="threads">Threads of its queries.</param>
    /// <exception cref="InvalidInputException">The file is missing (to be read) or no DuckDB database, or another process has it open for writing.</exception>
    public static DataWarehouse Open(string file, bool readOnly = false, int memoryLimitMegabytes = 512, int? threads = null)
    {
        if (readOnly && !File.Exists(file)) throw new InvalidInputException($"{file} does not exist: build a data set first (llmlab data build).");
        try
        {
            if (!readOnly) Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            var warehouse = new DataWarehouse($"DataSource={file}{(readOnly ? ";ACCESS_MODE=READ_ONLY" : "")}");
            warehouse.Execute($"SET memory_limit='{memoryLimitMegabytes}MB'");
            if (threads is { } count) warehouse.Execute($"SET threads={count}");
            return warehouse;
        }
        catch (DbException e)
        {
            throw new InvalidInputException($"{file} cannot be opened as a warehouse: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>
    /// A new warehouse file that is filled in one go: all that is done until <see cref="Finish"/> is one transaction, of which DuckDB
    /// writes full row groups to the file at once, and smaller ones than usual, so that texts do not wait for each other in memory.
    /// (Small transactions would go through its log, and each checkpoint would compress the last row group again.)
    /// </summary>
    internal static DataWarehouse Build(string file, int memoryLimitMegabytes, int threads)
    {
        string Quoted(string path) => path.Replace("'", "''");
        var warehouse = InMemory();
        warehouse.Execute($"SET memory_limit='{memoryLimitMegabytes}MB'; SET threads={threads}; SET temp_directory='{Quoted(file)}.spill'");
        warehouse.Execute($"ATTACH '{Quoted(Path.GetFullPath(file))}' AS built (ROW_GROUP_SIZE 16384, RECOVERY_MODE no_wal_writes); USE built; BEGIN TRANSACTION");
        return warehouse;
    }

    /// <summary>Ends what <see cref="Build"/> began: everything is in the file.</summary>
    internal void Finish() => Execute("COMMIT; CHECKPOINT built; USE memory; DETACH built");

    /// <summary>Runs a statement without a result.</summary>
    public void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        try
        {
            command.ExecuteNonQuery();
        }
        catch (DbException e)
        {
            throw new InvalidInputException($"The statement failed: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>The fast way to add rows; they are there when it is disposed.</summary>
    public DuckDBAppender Appender(string table) => connection.CreateAppender(table);

    /// <summary>Runs a query and gives its rows.</summary>
    /// <param name="sql">One statement, or several of which the last has the result.</param>
    /// <param name="maximumRows">Rows beyond this are not read; <see cref="QueryResult.IsTruncated"/> tells.</param>
    /// <exception cref="InvalidInputException">The statement is wrong; the message is DuckDB's.</exception>
    public QueryResult Query(string sql, int maximumRows = 1_000_000)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        running = command;
        try
        {
            using var reader = command.ExecuteReader();
            return QueryResult.Read(reader, maximumRows);
        }
        catch (DbException e)
        {
            throw new InvalidInputException($"The query failed: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        finally
        {
            running = null;
        }
    }

    /// <summary>Ends the query that another thread is running here, which then fails.</summary>
    public void Interrupt() => running?.Cancel();

    /// <summary>Runs a query and gives its rows one after another, without holding them.</summary>
    internal IEnumerable<DuckDBDataReader> Stream(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.UseStreamingMode = true;
        using var reader = (DuckDBDataReader)command.ExecuteReader();
        while (reader.Read()) yield return reader;
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();
}
