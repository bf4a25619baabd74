namespace LlmLab.Data.Readers;

/// <summary>
/// Plain text in any encoding that <see cref="EncodingDetection"/> knows, source code included. Constant memory: a text of any
/// length, even on a single line, becomes pieces of bounded size.
/// </summary>
public sealed class PlainTextReader : IDocumentReader
{
    /// <inheritdoc/>
    public string Format => "text";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".txt", ".text", ".log", ".rst", ".adoc", ".tex", ".org"];

    /// <inheritdoc/>
    public IEnumerable<Document> Read(SourceFile file, ReadContext context)
    {
        var (reader, encoding) = EncodingDetection.OpenText(file);
        using (reader)
        {
            var metadata = new DocumentMetadata { Source = file.Name, Title = file.Stem, Other = EncodingDetection.Describe(encoding) };
            int part = 0;
            foreach (string piece in TextSplitting.Pieces(reader, context.Options.MaximumDocumentCharacters))
            {
                part++;
                if (part == 2) context.Report.CountSplit();
                yield return new Document(part == 1 ? file.Name : $"{file.Name}#{part}", piece, metadata);
            }
        }
    }
}
