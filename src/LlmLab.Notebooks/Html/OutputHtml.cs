using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using LlmLab.Notebooks.Display;
using LlmLab.Notebooks.Running;
using Markdig;

namespace LlmLab.Notebooks.Html;

/// <summary>Outputs of cells, in nbformat's shape, as HTML: each in the best form that it has.</summary>
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

    /// <summary>Whether the output is a chart, which needs plotly's script.</summary>
    public static bool IsChart(JsonObject output) => output["data"] is JsonObject data && data.ContainsKey(MimeTypes.Plotly);

    public static string ToHtml(JsonObject output) => Text(output, "output_type") switch
    {
        "stream" => $"<pre class=\"{(Text(output, "name") == "stderr" ? "stderr" : "stdout")}\">{TerminalText.ToHtml(Text(output, "text"))}</pre>\n",
        "error" => $"<pre class=\"error\">{TerminalText.ToHtml(ErrorText(output))}</pre>\n",
        _ => output["data"] is JsonObject { Count: > 0 } data ? ToHtml(data, output["metadata"] as JsonObject) : "",
    };

    static string ToHtml(JsonObject data, JsonObject? metadata)
    {
        string best = preference.FirstOrDefault(data.ContainsKey) ?? data.First().Key;
        var content = data[best];
        string text = Text(data, best);
        return best switch
        {
            MimeTypes.Plotly => Chart(content!, data),
            MimeTypes.Result => Recorded(content!),
            MimeTypes.Html or MimeTypes.Svg => $"<div class=\"rich\">{text}</div>\n",
            MimeTypes.Markdown => $"<div class=\"rich\">{MarkdownToHtml(text)}</div>\n",
            MimeTypes.JavaScript => $"<script>{text}</script>\n",
            _ when MimeTypes.IsBinary(best) => Picture(best, data, metadata),
            _ => $"<pre>{TerminalText.ToHtml(text)}</pre>\n",
        };
    }

    // The picture stands there until the script has drawn, where scripts are off, and on paper.
    static string Chart(JsonNode figure, JsonObject data)
    {
        string still = data.ContainsKey(MimeTypes.Png) ? Picture(MimeTypes.Png, data, null) : $"<pre>{WebUtility.HtmlEncode(Text(data, MimeTypes.Plain))}</pre>\n";
        return $"<div class=\"chart\">{still}<script type=\"application/json\">{figure.ToJsonString().Replace("</", "<\\/")}</script></div>\n";
    }

    static string Picture(string mimeType, JsonObject data, JsonObject? metadata)
    {
        string width = (metadata?[mimeType] as JsonObject)?["width"] is { } pixels ? $" width=\"{WebUtility.HtmlEncode(pixels.ToString())}\"" : "";
        return $"<img alt=\"{WebUtility.HtmlEncode(Text(data, MimeTypes.Plain))}\"{width} src=\"data:{mimeType};base64,{Text(data, mimeType).Replace("\n", "")}\">\n";
    }

    static string Recorded(JsonNode result)
    {
        double tolerance = result["tolerance"] is JsonValue given ? given.GetValue<double>() : 0;
        string value = result["value"] is JsonValue number ? ResultsTable.Number(number.GetValue<double>(), tolerance) : "";
        string play = tolerance > 0 ? string.Create(CultureInfo.InvariantCulture, $" <small>± {tolerance:0.######}</small>") : "";
        return $"<p class=\"recorded\"><b>{WebUtility.HtmlEncode(result["name"]?.ToString())}</b> {value}{play}</p>\n";
    }

    static string ErrorText(JsonObject output) =>
        output["traceback"] is JsonArray { Count: > 0 } lines ? string.Join('\n', lines.Select(line => line?.ToString())) : $"{Text(output, "ename")}: {Text(output, "evalue")}";

    // nbformat allows a text to be a list of its lines.
    static string Text(JsonObject owner, string name) => owner[name] switch
    {
        null => "",
        JsonArray lines when lines.All(line => line is JsonValue value && value.TryGetValue<string>(out _)) => string.Concat(lines.Select(line => (string)line!)),
        JsonValue value => value.ToString(),
        var other => other.ToJsonString(),
    };
}
