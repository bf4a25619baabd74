using System.Net;
using System.Text.RegularExpressions;

namespace LlmLab.Notebooks.Display;

/// <summary>Content that is shown as it is, in the type it names: made by <c>Html(…)</c> and <c>Markdown(…)</c>.</summary>
/// <param name="MimeType">The type, such as "text/html".</param>
/// <param name="Content">The content, not encoded again.</param>
public sealed partial record RawContent(string MimeType, string Content)
{
    /// <summary>The content with its rendering and its plain text.</summary>
    public MimeBundle ToBundle() => MimeType switch
    {
        "text/plain" => Bundles.Text(Content),
        "image/svg+xml" => Bundles.Of((MimeTypes.Plain, "SVG picture"), (MimeType, Content)),
        "text/html" => Bundles.Html(TextOfHtml(Content), Content),
        "text/markdown" => Bundles.Of((MimeTypes.Plain, Content), (MimeTypes.Html, MarkdownPage.ToHtml(Content)), (MimeTypes.Markdown, Content)),
        "text/vnd.mermaid" => Bundles.Of((MimeTypes.Plain, Content), (MimeTypes.Html, $"<pre class=\"mermaid\">{WebUtility.HtmlEncode(Content)}</pre>"), (MimeType, Content)),
        _ => Bundles.Of((MimeTypes.Plain, Content), (MimeType, Content)),
    };

    /// <summary>The content.</summary>
    public override string ToString() => Content;

    static string TextOfHtml(string html) =>
        WebUtility.HtmlDecode(Tags().Replace(Invisible().Replace(html, ""), " ")).Trim() is { Length: > 0 } text ? Spaces().Replace(text, " ") : "(HTML)";

    [GeneratedRegex("<(script|style)\\b.*?</\\1>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Invisible();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("[ \\t\\r\\n]+")]
    private static partial Regex Spaces();
}

/// <summary>Markdown as HTML, with the extensions that notebooks use (tables, task lists, mathematics left to the front end).</summary>
static class MarkdownPage
{
    static readonly Lazy<Markdig.MarkdownPipeline> pipeline = new(() =>
        Markdig.MarkdownExtensions.UseMathematics(Markdig.MarkdownExtensions.UseTaskLists(Markdig.MarkdownExtensions.UsePipeTables(
            Markdig.MarkdownExtensions.UseAutoLinks(Markdig.MarkdownExtensions.UseEmphasisExtras(new Markdig.MarkdownPipelineBuilder()))))).Build());

    public static string ToHtml(string markdown) => Markdig.Markdown.ToHtml(markdown, pipeline.Value).TrimEnd();
}
