using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;
using RunText = DocumentFormat.OpenXml.Wordprocessing.Text;

namespace LlmLab.Data.Readers;

/// <summary>Word documents (.docx, by the Open XML SDK): headings, lists and tables keep their shape, core properties become metadata.</summary>
public sealed class WordReader : IDocumentReader
{
    /// <inheritdoc/>
    public string Format => "DOCX";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".docx", ".docm"];

    /// <inheritdoc/>
    public IEnumerable<Document> Read(SourceFile file, ReadContext context)
    {
        if (file.Length > context.Options.MaximumWholeFileBytes)
            throw new InvalidInputException($"{file.Name} has {file.Length} bytes; a DOCX may have at most {context.Options.MaximumWholeFileBytes}: split it.");
        using var stream = file.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        var (text, metadata) = Extract(memory, file, context.Options);
        if (text.Length == 0) throw new InvalidInputException($"{file.Name} is a DOCX without text: nothing to read.");
        int part = 0;
        foreach (string piece in TextSplitting.Pieces(text, context.Options.MaximumDocumentCharacters))
            yield return new Document(++part == 1 ? file.Name : $"{file.Name}#{part}", piece, metadata);
    }

    static (string Text, DocumentMetadata Metadata) Extract(Stream stream, SourceFile file, ReaderOptions options)
    {
        try
        {
            // The limit on a part's characters is the SDK's guard against a small package that unpacks to gigabytes.
            var settings = new OpenSettings { MaxCharactersInPart = Math.Min(options.MaximumWholeFileBytes, (long)(file.Length * options.MaximumArchiveRatio)) };
            using var package = WordprocessingDocument.Open(stream, false, settings);
            var properties = package.PackageProperties;
            var fields = new Dictionary<string, string>
            {
                ["title"] = properties.Title ?? "",
                ["version"] = properties.Version ?? "",
                ["language"] = properties.Language ?? "",
                ["date"] = (properties.Modified ?? properties.Created)?.ToUniversalTime().ToString("O") ?? "",
            };
            var metadata = MetadataFields.Apply(new DocumentMetadata { Source = file.Name, Title = file.Stem }, fields);
            var text = new StringBuilder();
            if (package.MainDocumentPart?.Document?.Body is { } body)
                foreach (var element in body.ChildElements)
                    Write(element, text);
            return (text.ToString().Trim(), metadata);
        }
        catch (Exception e) when (e is not (OperationCanceledException or InvalidInputException))
        {
            throw new InvalidInputException($"{file.Name} is not a DOCX that can be opened ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}): it may be damaged, or unpack to far too much.", e);
        }
    }

    static void Write(OpenXmlElement element, StringBuilder text)
    {
        switch (element)
        {
            case Paragraph paragraph:
                string style = paragraph.ParagraphProperties?.ParagraphStyleId?.Val?.Value ?? "";
                string content = Content(paragraph);
                if (content.Length == 0) return;
                if (style.StartsWith("Heading", StringComparison.OrdinalIgnoreCase) && int.TryParse(style.AsSpan(7), out int level)) text.Append('#', Math.Clamp(level, 1, 6)).Append(' ');
                else if (style.Equals("Title", StringComparison.OrdinalIgnoreCase)) text.Append("# ");
                else if (paragraph.ParagraphProperties?.NumberingProperties is not null) text.Append("- ");
                text.Append(content).Append("\n\n");
                break;
            case Table table:
                foreach (var row in table.Elements<TableRow>())
                    text.Append("| ").AppendJoin(" | ", row.Elements<TableCell>().Select(c => string.Join(' ', c.Descendants<Paragraph>().Select(Content)))).Append(" |\n");
                text.Append('\n');
                break;
            case SdtBlock block:
                foreach (var child in block.SdtContentBlock?.ChildElements ?? Enumerable.Empty<OpenXmlElement>()) Write(child, text);
                break;
        }
    }

    static string Content(Paragraph paragraph)
    {
        var text = new StringBuilder();
        foreach (var leaf in paragraph.Descendants())
            switch (leaf)
            {
                case RunText run: text.Append(run.Text); break;
                case TabChar: text.Append('\t'); break;
                case Break: text.Append('\n'); break;
            }
        return text.ToString().Trim();
    }
}
