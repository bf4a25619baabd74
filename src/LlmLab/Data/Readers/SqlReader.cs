using System.Data.Common;
using System.Globalization;
using DuckDB.NET.Data;
using Microsoft.Data.Sqlite;

namespace LlmLab.Data.Readers;

/// <summary>
/// Documents from an SQL query, row after row: the text field (see <see cref="ReaderOptions.TextFields"/>) is the text, "id" the
/// id, the other columns become metadata. A row without a text field becomes "column: value" lines. Any ADO.NET provider works.
/// </summary>
public static class SqlReader
{
    /// <summary>A corpus that runs the query each time it is read. Order its rows (ORDER BY) if the version's hash is to be repeatable.</summary>
    /// <param name="name">The corpus' name; part of ids where rows have none.</param>
    /// <param name="connect">Makes a closed connection.</param>
    /// <param name="query">The query.</param>
    /// <param name="options">Names of the text field.</param>
    public static Corpus FromQuery(string name, Func<DbConnection> connect, string query, ReaderOptions? options = null) =>
        new(name, $"rows of an SQL query: {query}", () => Read(name, connect, query, options ?? new ReaderOptions()));

    /// <summary>A query of a DuckDB database file (opened for reading), or of none: <c>SELECT … FROM 'files/*.parquet'</c>.</summary>
    public static Corpus FromDuckDb(string? file, string query, ReaderOptions? options = null) =>
        FromQuery(Path.GetFileNameWithoutExtension(file) ?? "query", () => new DuckDBConnection(file is null ? "DataSource=:memory:" : $"DataSource={file};ACCESS_MODE=READ_ONLY"), query, options);

    /// <summary>A query of an SQLite database file (opened for reading).</summary>
    public static Corpus FromSqlite(string file, string query, ReaderOptions? options = null) =>
        FromQuery(Path.GetFileNameWithoutExtension(file), () => new SqliteConnection($"Data Source={file};Mode=ReadOnly"), query, options);

    static IEnumerable<Document> Read(string name, Func<DbConnection> connect, string query, ReaderOptions options)
    {
        using var connection = connect();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        if (command is DuckDBCommand duck) duck.UseStreamingMode = true;
        using var rows = Execute(connection, command, query);
        string[] columns = [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetName)];
        int text = Array.FindIndex(columns, c => options.TextFields.Contains(c, StringComparer.OrdinalIgnoreCase));
        int id = Array.FindIndex(columns, c => c.Equals("id", StringComparison.OrdinalIgnoreCase));
        long row = 0;
        while (rows.Read())
        {
            row++;
            string key = id >= 0 && !rows.IsDBNull(id) ? Text(rows.GetValue(id)) : $"{name}#{row}";
            var fields = columns.Select((c, i) => KeyValuePair.Create(c, i == text || i == id || rows.IsDBNull(i) ? "" : Text(rows.GetValue(i)))).ToArray();
            var metadata = MetadataFields.Apply(new DocumentMetadata { Source = $"{name}#{row}" }, fields);
            string content = text >= 0 ? rows.IsDBNull(text) ? "" : Text(rows.GetValue(text))
                : string.Join('\n', fields.Where(f => f.Value.Length > 0).Select(f => $"{f.Key}: {f.Value}"));
            if (content.Length == 0) continue;
            int part = 0;
            foreach (string piece in TextSplitting.Pieces(content, options.MaximumDocumentCharacters))
                yield return new Document(++part == 1 ? key : $"{key}#{part}", piece, metadata);
        }
    }

    static DbDataReader Execute(DbConnection connection, DbCommand command, string query)
    {
        try
        {
            connection.Open();
            return command.ExecuteReader();
        }
        catch (DbException e)
        {
            throw new InvalidInputException($"The query \"{(query.Length > 80 ? query[..80] + "…" : query)}\" failed: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    static string Text(object value) => value switch
    {
        string text => text,
        DateTime date => date.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture),
        byte[] bytes => System.Text.Encoding.UTF8.GetString(bytes),
        System.Collections.IEnumerable list => string.Join(", ", list.Cast<object?>().Select(v => Convert.ToString(v, CultureInfo.InvariantCulture))),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
