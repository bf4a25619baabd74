using System.Net;
using System.Text.Json.Nodes;
using LlmLab.Notebooks.Display;
using Markdig;

namespace LlmLab.Notebooks.Html;

/// <summary>Outputs of cells as HTML, each in the best form that it has.</summary>
static class OutputHtml
{
    // Best first. A chart comes interactive before its picture.
    static readonly string[] preference =
    [
        MimeTypes.Plotly, MimeTypes.Result, MimeTypes.Html, MimeTypes.Svg, MimeTypes.Png, "image/jpeg", "image/gif", MimeTypes.Markdown,
        MimeTypes.JavaScript, MimeTypes.Mermaid, MimeTypes.Json, MimeTypes.Plain,
    ];

    static readonly MarkdownPipeline pipeline = new MarkdownPipelineBuilder().UseAdvancedExtensions().Build();

    public static string MarkdownToHtml(string markdown) => Markdig.Markdown.ToHtml(markdown, pipeline);

    /// <summary>Whether the output needs plotly's script.</summary>
    public static bool IsChart(Output output) => BundleOf(output)?.Data.ContainsKey(MimeTypes.Plotly) == true;

    public static string ToHtml(Output output) => output switch
    {
        StreamOutput stream => $"<pre class=\"{(stream.IsError ? "stderr" : "stdout")}\">{TerminalText.ToHtml(stream.Text)}</pre>\n",
        ErrorOutput error => $"<pre class=\"error\">{TerminalText.ToHtml(error.Traceback.Count > 0 ? string.Join('\n', error.Traceback) : $"{error.Name}: {error.Message}")}</pre>\n",
        _ => BundleOf(output) is { } bundle ? ToHtml(bundle) : "",
    };

    static MimeBundle? BundleOf(Output output) => output switch
    {
        DisplayOutput display => display.Bundle,
        UpdateDisplayOutput update => update.Bundle,
        ResultOutput result => result.Bundle,
        _ => null,
    };

    static string ToHtml(MimeBundle bundle)
    {
        string? best = preference.FirstOrDefault(bundle.Data.ContainsKey) ?? bundle.Data.Keys.FirstOrDefault();
        if (best is null) return "";
        var data = bundle.Data[best];
        return best switch
        {
            MimeTypes.Plotly => Chart(data, bundle),
            MimeTypes.Result => Recorded(data),
            MimeTypes.Html or MimeTypes.Svg => $"<div class=\"rich\">{data}</div>\n",
            MimeTypes.Markdown => $"<div class=\"rich\">{MarkdownToHtml(data.ToString())}</div>\n",
            MimeTypes.JavaScript => $"<script>{data}</script>\n",
            _ when MimeTypes.IsBinary(best) => $"<img alt=\"{Alternative(bundle)}\" src=\"data:{best};base64,{data.ToString().Replace("\n", "")}\"{Size(bundle, best)}>\n",
            _ => $"<pre>{TerminalText.ToHtml(data is JsonValue ? data.ToString() : data.ToJsonString())}</pre>\n",
        };
    }

    // The picture stands there until the script has drawn, and on paper.
    static string Chart(JsonNode figure, MimeBundle bundle)
    {
        string picture = bundle.Data.TryGetValue(MimeTypes.Png, out var png)
            ? $"<img alt=\"{Alternative(bundle)}\" src=\"data:{MimeTypes.Png};base64,{png.ToString().Replace("\n", "")}\">"
            : $"<pre>{Alternative(bundle)}</pre>";
        string json = figure.ToJsonString().Replace("</", "<\\/");
        return $"<div class=\"chart\">{picture}<script type=\"application/json\">{json}</script></div>\n";
    }

    static string Recorded(JsonNode result) =>
        $"<p class=\"recorded\"><b>{WebUtility.HtmlEncode(result["name"]?.ToString())}</b> {WebUtility.HtmlEncode(result["value"]?.ToString())}</p>\n";

    static string Alternative(MimeBundle bundle) => bundle.Data.TryGetValue(MimeTypes.Plain, out var plain) ? WebUtility.HtmlEncode(plain.ToString()) : "";

    static string Size(MimeBundle bundle, string mimeType) =>
        bundle.Metadata?[mimeType] is JsonObject { } size && size["width"] is { } width ? $" width=\"{width}\"" : "";
}
