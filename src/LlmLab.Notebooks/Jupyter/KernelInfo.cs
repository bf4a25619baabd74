using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>Who this kernel is.</summary>
static class KernelInfo
{
    static readonly string version = typeof(KernelInfo).Assembly.GetName().Version!.ToString(3);

    public static JsonObject Reply() => Replies.Ok(
        ("protocol_version", WireFormat.ProtocolVersion),
        ("implementation", "llmlab"),
        ("implementation_version", version),
        ("language_info", new JsonObject
        {
            ["name"] = "C#",
            ["version"] = "14.0",
            ["mimetype"] = "text/x-csharp",
            ["file_extension"] = ".cs",
            ["pygments_lexer"] = "csharp",
            ["codemirror_mode"] = "text/x-csharp",
        }),
        ("banner", $"LlmLab {version}: C# on .NET {Environment.Version}"),
        ("debugger", false),
        ("help_links", new JsonArray(
            Link("C#", "https://learn.microsoft.com/dotnet/csharp/"),
            Link("TorchSharp", "https://github.com/dotnet/TorchSharp"),
            Link(".NET", "https://learn.microsoft.com/dotnet/api/"))));

    static JsonObject Link(string text, string url) => new() { ["text"] = text, ["url"] = url };
}
