using System.Text;
using CsvHelper;

namespace LlmLab.Data.Readers;

/// <summary>
/// CSV and TSV, by CsvHelper, row after row. A table with a text column gives a document a row, its other columns becoming
/// metadata; a table without one is a text itself, its rows kept as "column | column" lines.
/// </summary>
public sealed class CsvReader : IDocumentReader
{
    /// <inheritdoc/>
    public string Format => "CSV";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".csv", ".tsv"];

    /// <inheritdoc/>
    public IEnumerable<Document> Read(SourceFile file, ReadContext context)
    {
        var (reader, encoding) = EncodingDetection.OpenText(file);
        var settings = new CsvReaderOptions { Separator = file.Extension == ".tsv" ? '\t' : null, MaxRecordSize = context.Options.MaximumRecordBytes };
        using var csv = CsvHelper.CsvReader.Create(reader, settings);
        bool any = Advance(csv, file.Name);
        string[] header = [.. csv.Headers];
        if (!any || header.All(string.IsNullOrWhiteSpace))
            throw new InvalidInputException($"{file.Name} has no rows below a header row: give its columns names in the first line.");
        var metadata = new DocumentMetadata { Source = file.Name, Title = file.Stem, Other = EncodingDetection.Describe(encoding) };
        int textColumn = Array.FindIndex(header, h => context.Options.TextFields.Contains(h.Trim(), StringComparer.OrdinalIgnoreCase));
        var documents = textColumn >= 0 ? Rows(csv, header, textColumn, metadata, file.Name) : Table(csv, header, metadata, file.Name, context.Options);
        foreach (var document in documents) yield return document;
    }

    static IEnumerable<Document> Rows(CsvHelper.CsvReader csv, string[] header, int textColumn, DocumentMetadata metadata, string name)
    {
        int row = 0;
        do
        {
            row++;
            string id = $"{name}#{row}";
            var fields = header.Select((h, i) => KeyValuePair.Create(h.Trim(), i == textColumn ? "" : csv.GetString(i)));
            yield return new Document(id, csv.GetString(textColumn), MetadataFields.Apply(metadata, fields) with { Source = id });
        }
        while (Advance(csv, name));
    }

    static IEnumerable<Document> Table(CsvHelper.CsvReader csv, string[] header, DocumentMetadata metadata, string name, ReaderOptions options)
    {
        string head = string.Join(" | ", header.Select(h => h.Trim()));
        var text = new StringBuilder(head);
        int part = 1;
        do
        {
            string line = string.Join(" | ", Enumerable.Range(0, csv.FieldCount).Select(csv.GetString));
            if (text.Length + line.Length > options.MaximumDocumentCharacters)
            {
                yield return new Document(part == 1 ? name : $"{name}#{part}", text.ToString(), metadata);
                part++;
                text.Clear().Append(head);
            }
            text.Append('\n').Append(line);
        }
        while (Advance(csv, name));
        yield return new Document(part == 1 ? name : $"{name}#{part}", text.ToString(), metadata);
    }

    static bool Advance(CsvHelper.CsvReader csv, string name)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvFormatException e)
        {
            throw new InvalidInputException($"{name}, record {e.RecordNumber}: {e.Message.TrimEnd('.')}; expected CSV with quoted fields (RFC 4180).", e);
        }
    }
}
