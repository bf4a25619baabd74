using System.Runtime.InteropServices;
using System.Text.Json;
using LlmLab.Retrieval.Stores.Records;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.VectorData.ProviderServices;
using SQLitePCL;

namespace LlmLab.Retrieval.Stores.Sqlite;

/// <summary>
/// A collection's two tables. Records and vectors lie apart, so that a filter does not read the vectors' pages. Every write of a record gives
/// it a new id, larger than all before: comparing ids is enough to know what an index lacks.
/// </summary>
sealed class SqliteSchema(string collection)
{
    const string Id = "llmlab_id"; // of no property, see Check

    public string Records { get; } = SqlFilter.Quote("records:" + collection);
    public string Vectors { get; } = SqlFilter.Quote("vectors:" + collection);

    public static string VectorColumn(int property) => $"v{property}";

    /// <summary>Makes the tables, and adds columns of properties that an older record did not have.</summary>
    public void Create(SqliteSession session, CollectionModel model)
    {
        foreach (var property in model.Properties)
            if (string.Equals(property.StorageName, Id, StringComparison.OrdinalIgnoreCase))
                throw new InvalidInputException($"The property name '{Id}' is taken by the store: give it another storage name.");
        string key = SqlFilter.Quote(model.KeyProperty.StorageName);
        session.Execute($"CREATE TABLE IF NOT EXISTS {Records} ({Id} INTEGER PRIMARY KEY AUTOINCREMENT, {key} {Type(model.KeyProperty)} NOT NULL UNIQUE)");
        session.Execute($"CREATE TABLE IF NOT EXISTS {Vectors} ({Id} INTEGER PRIMARY KEY{string.Concat(model.VectorProperties.Select((_, i) => $", {VectorColumn(i)} BLOB"))})");
        var present = session.Query($"SELECT name FROM pragma_table_info(@p0)", reader => reader.GetString(0), "records:" + collection).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var property in model.DataProperties)
        {
            if (!present.Contains(property.StorageName)) session.Execute($"ALTER TABLE {Records} ADD COLUMN {SqlFilter.Quote(property.StorageName)} {Type(property)}");
            if (property.IsIndexed) session.Execute($"CREATE INDEX IF NOT EXISTS {SqlFilter.Quote($"index:{collection}:{property.StorageName}")} ON {Records} ({SqlFilter.Quote(property.StorageName)})");
        }
    }

    /// <summary>SELECT with the key, the data and, where wanted, the vectors; the id comes first.</summary>
    public string Select(CollectionModel model, bool includeVectors)
    {
        var columns = new List<string> { $"r.{Id}", "r." + SqlFilter.Quote(model.KeyProperty.StorageName) };
        columns.AddRange(model.DataProperties.Select(property => "r." + SqlFilter.Quote(property.StorageName)));
        if (includeVectors) columns.AddRange(model.VectorProperties.Select((_, i) => $"v.{VectorColumn(i)}"));
        return $"SELECT {string.Join(", ", columns)} FROM {Records} r{(includeVectors ? $" JOIN {Vectors} v ON v.{Id} = r.{Id}" : "")}";
    }

    public static string WhereId(string parameter) => $"r.{Id} = {parameter}";

    public string Ids(string condition) => $"SELECT {Id} FROM {Records} WHERE {condition} ORDER BY {Id}";

    public string VectorsFrom(int property) => $"SELECT {Id}, {VectorColumn(property)} FROM {Vectors} WHERE {Id} > @p0 ORDER BY {Id}";

    public string InsertRecord(CollectionModel model)
    {
        string[] columns = [SqlFilter.Quote(model.KeyProperty.StorageName), .. model.DataProperties.Select(property => SqlFilter.Quote(property.StorageName))];
        return $"INSERT INTO {Records} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"@p{i}"))}) RETURNING {Id}";
    }

    public string InsertVectors(CollectionModel model) =>
        $"INSERT INTO {Vectors} VALUES ({string.Join(", ", Enumerable.Range(0, model.VectorProperties.Count + 1).Select(i => $"@p{i}"))})";

    public string DeleteRecord(CollectionModel model) => $"DELETE FROM {Records} WHERE {SqlFilter.Quote(model.KeyProperty.StorageName)} = @p0 RETURNING {Id}";

    public string DeleteVectors => $"DELETE FROM {Vectors} WHERE {Id} = @p0";

    /// <summary>A row of <see cref="Select"/>.</summary>
    public static StoredRecord Read(SqliteDataReader reader, CollectionModel model, bool includeVectors) => Read(reader.Handle!, model, includeVectors);

    /// <summary>The row at which a statement stands.</summary>
    public static StoredRecord Read(sqlite3_stmt row, CollectionModel model, bool includeVectors)
    {
        int column = 1;
        object key = Value(row, column++)!;
        var data = new object?[model.DataProperties.Count];
        for (int i = 0; i < data.Length; i++, column++)
        {
            data[i] = Value(row, column);
            if (data[i] is string json && RecordValue.IsList(model.DataProperties[i].Type)) data[i] = JsonSerializer.Deserialize<string[]>(json);
        }
        var vectors = new float[]?[model.VectorProperties.Count];
        for (int i = 0; includeVectors && i < vectors.Length; i++, column++)
            if (raw.sqlite3_column_type(row, column) != raw.SQLITE_NULL)
                vectors[i] = MemoryMarshal.Cast<byte, float>(raw.sqlite3_column_blob(row, column)).ToArray();
        return new StoredRecord(key, data, vectors);
    }

    static object? Value(sqlite3_stmt row, int column) => raw.sqlite3_column_type(row, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(row, column),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(row, column),
        _ => raw.sqlite3_column_text(row, column).utf8_to_string(),
    };

    /// <summary>A value as a parameter; lists become JSON, which SQLite's json_each reads.</summary>
    public static object? Value(object? stored) => stored is string[] list ? JsonSerializer.Serialize(list) : stored;

    public static string ListContains(string column, string parameter) => $"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = {parameter})";

    static string Type(PropertyModel property) =>
        RecordValue.IsWhole(property.Type) switch { true => "INTEGER", false => "REAL", _ => (Nullable.GetUnderlyingType(property.Type) ?? property.Type) == typeof(bool) ? "INTEGER" : "TEXT" };
}
