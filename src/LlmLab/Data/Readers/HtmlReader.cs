using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace LlmLab.Data.Readers;

/// <summary>
/// HTML (parsed as browsers do, by AngleSharp) as text: headings, lists, tables and preformatted blocks keep their shape; scripts,
/// styles, navigation, forms and hidden parts go. The declared charset counts where no byte-order mark says otherwise.
/// </summary>
public sealed partial class HtmlReader : IDocumentReader
{
    /// <inheritdoc/>
    public string Format => "HTML";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".html", ".htm", ".xhtml"];

    /// <inheritdoc/>
    public IEnumerable<Document> Read(SourceFile file, ReadContext context)
    {
        if (file.Length > context.Options.MaximumWholeFileBytes)
            throw new InvalidInputException($"{file.Name} has {file.Length} bytes; HTML is read whole and may have at most {context.Options.MaximumWholeFileBytes} bytes: split it.");
        string html = Decode(file, out var encoding);
        var metadata = new DocumentMetadata { Source = file.Name, Title = file.Stem, Other = EncodingDetection.Describe(encoding) };
        string text = ToText(html, ref metadata);
        if (text.Length == 0) throw new InvalidInputException($"{file.Name} is HTML without visible text: nothing to read.");
        int part = 0;
        foreach (string piece in TextSplitting.Pieces(text, context.Options.MaximumDocumentCharacters))
            yield return new Document(++part == 1 ? file.Name : $"{file.Name}#{part}", piece, metadata);
    }

    static string Decode(SourceFile file, out DetectedEncoding encoding)
    {
        byte[] bytes;
        using (var stream = file.Open())
        using (var memory = new MemoryStream())
        {
            stream.CopyTo(memory);
            bytes = memory.ToArray();
        }
        encoding = EncodingDetection.Detect(new MemoryStream(bytes), file.Name);
        // Declared charsets are often wrong where the bytes are valid UTF-8, and right where they are not.
        if (encoding.Name.StartsWith("windows", StringComparison.Ordinal) || encoding.Name.StartsWith("iso", StringComparison.Ordinal))
        {
            string head = Encoding.Latin1.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 2_048)));
            if (Charset().Match(head) is { Success: true } match && CodePagesEncodingProvider.Instance.GetEncoding(match.Groups[1].Value) is { } declared)
                encoding = new DetectedEncoding(declared, match.Groups[1].Value.ToLowerInvariant(), 0);
        }
        return encoding.Encoding.GetString(bytes.AsSpan(encoding.PreambleBytes));
    }

    [GeneratedRegex("charset\\s*=\\s*[\"']?([A-Za-z0-9_-]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Charset();

    /// <summary>The visible text of a page; title, language, date and licence go to the metadata.</summary>
    public static string ToText(string html, ref DocumentMetadata metadata)
    {
        using var page = new HtmlParser().ParseDocument(html);
        var fields = new List<KeyValuePair<string, string>>();
        if (!string.IsNullOrWhiteSpace(page.Title)) fields.Add(new("title", page.Title));
        if (page.DocumentElement?.GetAttribute("lang") is { Length: > 1 } language) fields.Add(new("language", language));
        if (page.QuerySelector("meta[name=date],meta[property='article:modified_time'],meta[property='article:published_time']")?.GetAttribute("content") is { } date) fields.Add(new("date", date));
        if (page.QuerySelector("link[rel=license],a[rel=license]")?.GetAttribute("href") is { } licence) fields.Add(new("licence", licence));
        metadata = MetadataFields.Apply(metadata, fields);
        var text = new StringBuilder();
        if (page.Body is { } body) Write(body, text, false);
        return Blank().Replace(text.ToString(), "\n\n").Trim();
    }

    [GeneratedRegex("[ \\t]*\\n[ \\t]*\\n\\s*")]
    private static partial Regex Blank();

    static void Write(INode node, StringBuilder text, bool preformatted)
    {
        foreach (var child in node.ChildNodes)
            switch (child)
            {
                case IText run:
                    if (preformatted) text.Append(run.Data);
                    else AppendCollapsed(text, run.Data);
                    break;
                case IElement element:
                    WriteElement(element, text, preformatted);
                    break;
            }
    }

    static void WriteElement(IElement element, StringBuilder text, bool preformatted)
    {
        if (element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true") return;
        switch (element.LocalName)
        {
            case "script" or "style" or "noscript" or "template" or "nav" or "form" or "svg" or "iframe" or "button" or "select" or "aside" or "footer" or "head":
                return;
            case "br":
                text.Append('\n');
                return;
            case "h1" or "h2" or "h3" or "h4" or "h5" or "h6":
                text.Append("\n\n").Append('#', element.LocalName[1] - '0').Append(' ');
                Write(element, text, false);
                text.Append("\n\n");
                return;
            case "li":
                text.Append("\n- ");
                Write(element, text, false);
                text.Append('\n');
                return;
            case "pre":
                text.Append("\n\n");
                Write(element, text, true);
                text.Append("\n\n");
                return;
            case "tr":
                text.Append("\n| ");
                foreach (var cell in element.Children)
                {
                    var inner = new StringBuilder();
                    Write(cell, inner, false);
                    text.Append(inner.ToString().Trim().Replace('\n', ' ')).Append(" | ");
                }
                text.Append('\n');
                return;
            case "p" or "div" or "section" or "article" or "main" or "header" or "blockquote" or "ul" or "ol" or "dl" or "table" or "figure" or "hr":
                text.Append("\n\n");
                Write(element, text, preformatted);
                text.Append("\n\n");
                return;
            case "dt" or "dd" or "figcaption" or "caption":
                text.Append('\n');
                Write(element, text, preformatted);
                text.Append('\n');
                return;
            default:
                Write(element, text, preformatted);
                return;
        }
    }

    static void AppendCollapsed(StringBuilder text, string run)
    {
        bool space = text.Length == 0 || char.IsWhiteSpace(text[^1]);
        foreach (char c in run)
            if (c is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                if (!space) text.Append(' ');
                space = true;
            }
            else
            {
                text.Append(c);
                space = false;
            }
    }
}
