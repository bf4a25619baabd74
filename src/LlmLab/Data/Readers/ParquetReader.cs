namespace LlmLab.Data.Readers;

/// <summary>
/// Apache Parquet, read by DuckDB, which streams its row groups: a document a row, as for SQL. A file inside an archive is put into
/// a temporary file first, since Parquet's index stands at its end.
/// </summary>
public sealed class ParquetReader : IDocumentReader
{
    /// <inheritdoc/>
    public string Format => "Parquet";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".parquet"];

    /// <inheritdoc/>
    public IEnumerable<Document> Read(SourceFile file, ReadContext context)
    {
        string? temporary = file.Path is null ? Path.Combine(Path.GetTempPath(), $"llmlab-{Guid.NewGuid():N}.parquet") : null;
        try
        {
            if (temporary is not null)
            {
                using var from = file.Open();
                using var to = File.Create(temporary);
                from.CopyTo(to);
            }
            string path = (temporary ?? file.Path!).Replace("'", "''");
            var rows = SqlReader.FromQuery(file.Name, () => new DuckDB.NET.Data.DuckDBConnection("DataSource=:memory:"), $"SELECT * FROM read_parquet('{path}')", context.Options);
            foreach (var document in rows.Documents) yield return document;
        }
        finally
        {
            if (temporary is not null) File.Delete(temporary);
        }
    }
}
