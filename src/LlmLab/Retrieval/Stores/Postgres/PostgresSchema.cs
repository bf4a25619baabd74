using LlmLab.Retrieval.Stores.Records;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using Pgvector;

namespace LlmLab.Retrieval.Stores.Postgres;

/// <summary>A collection's table in pgvector's SQL.</summary>
sealed class PostgresSchema(string collection, CollectionModel model)
{
    public const string CommentPrefix = "LlmLab collection ";
    const int LongestIndexed = 2000; // dimensions that pgvector indexes

    public const string ListTables = $"SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid) AND obj_description(c.oid, 'pg_class') LIKE '{CommentPrefix}%' ORDER BY 1";

    /// <summary>The comment of the table $1; no row where there is no such table.</summary>
    public const string Comment = "SELECT COALESCE(obj_description(c.oid, 'pg_class'), '') FROM pg_class c WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid) AND c.relname = $1";

    public string Table { get; } = SqlFilter.Quote(collection);
    public string Key { get; } = SqlFilter.Quote(model.KeyProperty.StorageName);

    public IEnumerable<string> Create(string description)
    {
        var columns = model.Properties.Select(property => $"{SqlFilter.Quote(property.StorageName)} {Type(property)}{(property is KeyPropertyModel ? " PRIMARY KEY" : "")}");
        yield return $"CREATE TABLE IF NOT EXISTS {Table} ({string.Join(", ", columns)})";
        foreach (var property in model.DataProperties)
        {
            string column = SqlFilter.Quote(property.StorageName);
            yield return $"ALTER TABLE {Table} ADD COLUMN IF NOT EXISTS {column} {Type(property)}";
            if (property.IsIndexed) yield return $"CREATE INDEX IF NOT EXISTS {Index(property, "filter")} ON {Table} USING {(RecordValue.IsList(property.Type) ? "gin" : "btree")} ({column})";
            if (property.IsFullTextIndexed) yield return $"CREATE INDEX IF NOT EXISTS {Index(property, "words")} ON {Table} USING gin ({Words(property)})";
        }
        foreach (var property in model.VectorProperties.Where(property => property.IndexKind is null or IndexKind.Hnsw && property.Dimensions <= LongestIndexed))
            yield return $"CREATE INDEX IF NOT EXISTS {Index(property, "hnsw")} ON {Table} USING hnsw ({SqlFilter.Quote(property.StorageName)} {OperatorClass(property)})";
        yield return $"COMMENT ON TABLE {Table} IS '{(CommentPrefix + description).Replace("'", "''", StringComparison.Ordinal)}'";
    }

    /// <summary>
    /// Makes IVFFlat's lists from the rows that are there, a thousandth as many lists as rows (pgvector's advice below a million rows); rebuilds HNSW.
    /// </summary>
    public IEnumerable<string> Rebuild(VectorPropertyModel property, long rows)
    {
        if (property.IndexKind == IndexKind.IvfFlat)
        {
            long lists = rows <= 1_000_000 ? Math.Max(1, rows / 1000) : (long)Math.Sqrt(rows);
            yield return $"DROP INDEX IF EXISTS {Index(property, "ivfflat")}";
            yield return $"CREATE INDEX {Index(property, "ivfflat")} ON {Table} USING ivfflat ({SqlFilter.Quote(property.StorageName)} {OperatorClass(property)}) WITH (lists = {lists})";
        }
        else if (HasIndex(property))
        {
            yield return $"REINDEX INDEX {Index(property, "hnsw")}";
        }
    }

    public static bool HasIndex(VectorPropertyModel property) => property.Dimensions <= LongestIndexed && property.IndexKind is null or IndexKind.Hnsw or IndexKind.IvfFlat;

    public string Upsert()
    {
        string[] columns = [.. model.Properties.Select(property => SqlFilter.Quote(property.StorageName))];
        string update = string.Join(", ", columns.Where(column => column != Key).Select(column => $"{column} = EXCLUDED.{column}"));
        return $"INSERT INTO {Table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"${i + 1}"))}) ON CONFLICT ({Key}) DO UPDATE SET {update}";
    }

    /// <summary>Columns in the order of <see cref="CollectionModel.Properties"/>, without vectors unless they are wanted.</summary>
    public string Columns(bool includeVectors) =>
        string.Join(", ", model.Properties.Where(property => includeVectors || property is not VectorPropertyModel).Select(property => SqlFilter.Quote(property.StorageName)));

    /// <summary>pgvector's distance from a parameter: smaller is nearer for all of them.</summary>
    public static string Distance(VectorPropertyModel property, string parameter) =>
        $"{SqlFilter.Quote(property.StorageName)} {Similarity.Metric(property) switch { VectorMetric.Cosine => "<=>", VectorMetric.DotProduct => "<#>", _ => "<->" }} {parameter}";

    /// <summary>What a distance means.</summary>
    public static double Closeness(VectorPropertyModel property, double distance) =>
        Similarity.Metric(property) switch { VectorMetric.Cosine => 1 - distance, VectorMetric.DotProduct => -distance, _ => -distance * distance };

    /// <summary>The words of a text column, as PostgreSQL's English configuration sees them.</summary>
    public static string Words(DataPropertyModel property) => $"to_tsvector('english', COALESCE({SqlFilter.Quote(property.StorageName)}, ''))";

    public static string ListContains(string column, string parameter) => $"{column} @> ARRAY[{parameter}]::text[]";

    /// <summary>A stored value as a parameter of its column's type.</summary>
    public static object Value(object? stored, PropertyModel property) => stored switch
    {
        null => DBNull.Value,
        string text when RecordValue.IsDate(property.Type) => RecordValue.FromStored(text, typeof(DateTime)) is DateTime time && Type(property) == "date" ? DateOnly.FromDateTime(time) : RecordValue.FromStored(text, typeof(DateTime))!,
        _ => stored,
    };

    /// <summary>A column's value in its stored form; vectors stay arrays.</summary>
    public static object? Stored(object value) => value switch
    {
        DBNull => null,
        Vector vector => vector.ToArray(),
        _ => RecordValue.ToStored(value),
    };

    string Index(PropertyModel property, string kind)
    {
        string name = $"{collection}_{property.StorageName}_{kind}"; // PostgreSQL cuts names after 63 bytes; a hash keeps them apart
        return SqlFilter.Quote(name.Length <= 60 ? name : name[..44] + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)))[..16]);
    }

    static string OperatorClass(VectorPropertyModel property) =>
        Similarity.Metric(property) switch { VectorMetric.Cosine => "vector_cosine_ops", VectorMetric.DotProduct => "vector_ip_ops", _ => "vector_l2_ops" };

    static string Type(PropertyModel property)
    {
        if (property is VectorPropertyModel vector) return $"vector({vector.Dimensions})";
        var type = Nullable.GetUnderlyingType(property.Type) ?? property.Type;
        return RecordValue.IsWhole(type) switch
        {
            true => "bigint",
            false => "double precision",
            _ => type == typeof(bool) ? "boolean" : RecordValue.IsList(type) ? "text[]" : type == typeof(DateOnly) ? "date" : RecordValue.IsDate(type) ? "timestamptz" : "text",
        };
    }
}
