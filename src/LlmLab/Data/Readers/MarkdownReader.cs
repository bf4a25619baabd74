using Markdig;
using Markdig.Syntax;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LlmLab.Data.Readers;

/// <summary>Markdown (CommonMark with tables, by Markdig). YAML front matter becomes metadata and leaves the text; the title is its, else the first heading.</summary>
public sealed class MarkdownReader : IDocumentReader
{
    static readonly MarkdownPipeline markdown = new MarkdownPipelineBuilder().UsePipeTables().Build();

    /// <inheritdoc/>
    public string Format => "Markdown";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".md", ".markdown", ".mdown"];

    /// <inheritdoc/>
    public IEnumerable<Document> Read(SourceFile file, ReadContext context)
    {
        var (reader, encoding) = EncodingDetection.OpenText(file);
        using (reader)
        {
            DocumentMetadata? metadata = null;
            int part = 0;
            foreach (string piece in TextSplitting.Pieces(reader, context.Options.MaximumDocumentCharacters))
            {
                string text = piece;
                if (metadata is null)
                {
                    metadata = new DocumentMetadata { Source = file.Name, Other = EncodingDetection.Describe(encoding) };
                    (text, metadata) = SplitFrontMatter(text, metadata);
                    metadata = metadata with { Title = metadata.Title ?? FirstHeading(text) ?? file.Stem, Source = file.Name };
                }
                part++;
                if (part == 2) context.Report.CountSplit();
                yield return new Document(part == 1 ? file.Name : $"{file.Name}#{part}", context.Options.MarkdownAsPlainText ? Markdown.ToPlainText(text, markdown) : text, metadata);
            }
        }
    }

    /// <summary>Takes YAML front matter (between two lines "---" at the start) off a text; text without it comes back as it was.</summary>
    public static (string Text, DocumentMetadata Metadata) SplitFrontMatter(string text, DocumentMetadata metadata)
    {
        if (!text.StartsWith("---\n", StringComparison.Ordinal) && !text.StartsWith("---\r\n", StringComparison.Ordinal)) return (text, metadata);
        int end = text.IndexOf("\n---", 3, StringComparison.Ordinal);
        if (end < 0 || end + 4 < text.Length && text[end + 4] is not ('\n' or '\r')) return (text, metadata);
        string body = text[Math.Min(text.Length, end + 4)..].TrimStart('\r', '\n');
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text[3..end]));
            if (yaml.Documents is [{ RootNode: YamlMappingNode map }, ..])
                return (body, MetadataFields.Apply(metadata, map.Children.Where(c => c.Key is YamlScalarNode).Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value ?? "", Flatten(c.Value)))));
            return (text, metadata);
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException or ArgumentException)
        {
            return (text, metadata); // a rule between two paragraphs looks the same: then it is text; YamlDotNet's parser throws all three
        }
    }

    static string Flatten(YamlNode node) => node switch
    {
        YamlScalarNode scalar => scalar.Value ?? "",
        YamlSequenceNode sequence => string.Join(", ", sequence.Select(Flatten)),
        YamlMappingNode map => string.Join("; ", map.Children.Select(c => $"{Flatten(c.Key)}: {Flatten(c.Value)}")),
        _ => "",
    };

    static string? FirstHeading(string text)
    {
        string head = text.Length > 4_000 ? text[..4_000] : text;
        var heading = Markdown.Parse(head, markdown).Descendants<HeadingBlock>().FirstOrDefault();
        if (heading?.Inline is null) return null;
        string title = string.Concat(heading.Inline.Descendants().Select(i => i switch
        {
            Markdig.Syntax.Inlines.LiteralInline literal => literal.Content.ToString(),
            Markdig.Syntax.Inlines.CodeInline code => code.Content,
            _ => "",
        })).Trim();
        return title.Length > 0 ? title : null;
    }
}
