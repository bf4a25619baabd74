using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Display;

/// <summary>The MIME types that displays use.</summary>
public static class MimeTypes
{
    public const string Plain = "text/plain";
    public const string Html = "text/html";
    public const string Markdown = "text/markdown";
    public const string JavaScript = "application/javascript";
    public const string Svg = "image/svg+xml";
    public const string Png = "image/png";
    public const string Json = "application/json";
    public const string Mermaid = "text/vnd.mermaid";

    /// <summary>Plotly's figure: an object with data and layout.</summary>
    public const string Plotly = "application/vnd.plotly.v1+json";

    /// <summary>A recorded number: an object with name, value, tolerance and higherIsBetter.</summary>
    public const string Result = "application/vnd.llmlab.result+json";

    /// <summary>Whether content of a type is a JSON value rather than text (nbformat's rule).</summary>
    public static bool IsJson(string mimeType) => mimeType == Json || mimeType.EndsWith("+json", StringComparison.Ordinal);

    /// <summary>Whether content of a type is bytes, written as base64.</summary>
    public static bool IsBinary(string mimeType) =>
        mimeType != Svg && (mimeType.StartsWith("image/", StringComparison.Ordinal) || mimeType.StartsWith("audio/", StringComparison.Ordinal)
            || mimeType.StartsWith("video/", StringComparison.Ordinal) || mimeType is "application/pdf" or "application/octet-stream");

    /// <summary>Whether a text is a MIME type at all.</summary>
    public static bool IsValid(string mimeType) => mimeType.Split('/') is [{ Length: > 0 }, { Length: > 0 }] && !mimeType.Any(char.IsWhiteSpace);
}

static class Bundles
{
    public static MimeBundle Text(string text) => Of((MimeTypes.Plain, text));

    public static MimeBundle Html(string text, string html) => Of((MimeTypes.Plain, text), (MimeTypes.Html, html));

    public static MimeBundle Table(Table table) => Html(table.ToText(), table.ToHtml());

    public static MimeBundle Of(params (string MimeType, string Content)[] forms) =>
        new(forms.ToDictionary(f => f.MimeType, f => Node(f.MimeType, f.Content)));

    /// <summary>Text as a JSON string, or parsed where the type is JSON.</summary>
    /// <exception cref="InvalidInputException">A JSON type and text that isn't JSON.</exception>
    public static JsonNode Node(string mimeType, string content)
    {
        if (!MimeTypes.IsJson(mimeType)) return JsonValue.Create(content);
        try
        {
            return JsonNode.Parse(content) ?? throw new InvalidInputException($"Content for {mimeType} is JSON's null: expected an object, an array or a value.");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"Content for {mimeType} is not JSON: {e.Message}", e);
        }
    }
}
