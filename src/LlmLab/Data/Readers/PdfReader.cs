using System.Text;
using UglyToad.PdfPig;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;

namespace LlmLab.Data.Readers;

/// <summary>The text of PDF files, in the order in which the page's content says it (PdfPig). Scanned pages have none: such a file is refused.</summary>
public sealed class PdfReader : IDocumentReader
{
    /// <inheritdoc/>
    public string Format => "PDF";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".pdf"];

    /// <inheritdoc/>
    public IEnumerable<Document> Read(SourceFile file, ReadContext context)
    {
        if (file.Length > context.Options.MaximumWholeFileBytes)
            throw new InvalidInputException($"{file.Name} has {file.Length} bytes; a PDF may have at most {context.Options.MaximumWholeFileBytes}: split it.");
        using var stream = file.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        using var pdf = Open(memory.ToArray(), file.Name);
        var text = new StringBuilder();
        foreach (var page in pdf.GetPages())
        {
            Operation.Current.ThrowIfCancelled();
            string content = ContentOrderTextExtractor.GetText(page, addDoubleNewline: true).Replace("\r\n", "\n").Trim();
            if (content.Length == 0) continue;
            if (text.Length > 0) text.Append("\n\n");
            text.Append(content);
        }
        if (text.Length == 0)
            throw new InvalidInputException($"{file.Name} is a PDF without text ({pdf.NumberOfPages} pages, scanned perhaps): run text recognition on it first, or leave it out.");
        var fields = new Dictionary<string, string> { ["title"] = pdf.Information.Title ?? "" };
        if ((pdf.Information.GetModifiedDateTimeOffset() ?? pdf.Information.GetCreatedDateTimeOffset()) is { } date) fields["date"] = date.ToString("O");
        var metadata = MetadataFields.Apply(new DocumentMetadata { Source = file.Name, Title = file.Stem }, fields);
        int part = 0;
        foreach (string piece in TextSplitting.Pieces(text.ToString(), context.Options.MaximumDocumentCharacters))
            yield return new Document(++part == 1 ? file.Name : $"{file.Name}#{part}", piece, metadata);
    }

    static PdfDocument Open(byte[] bytes, string name)
    {
        try
        {
            return PdfDocument.Open(bytes);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidInputException($"{name} is not a PDF that can be opened ({e.Message.TrimEnd('.')}): it may be damaged or need a password.", e);
        }
    }
}
