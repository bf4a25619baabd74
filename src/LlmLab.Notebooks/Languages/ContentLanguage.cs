using LlmLab.Notebooks.Display;

namespace LlmLab.Notebooks.Languages;

/// <summary>A language whose cells are shown rather than run: Markdown, HTML, JavaScript (run by the front end), SVG, Mermaid.</summary>
sealed class ContentLanguage(string name, string mimeType, params string[] aliases) : ILanguage
{
    /// <summary>One of each.</summary>
    public static IReadOnlyList<ILanguage> All =>
    [
        new ContentLanguage("markdown", MimeTypes.Markdown, "md"),
        new ContentLanguage("html", MimeTypes.Html),
        new ContentLanguage("javascript", MimeTypes.JavaScript, "js"),
        new ContentLanguage("svg", MimeTypes.Svg),
        new ContentLanguage("mermaid", MimeTypes.Mermaid),
    ];

    public string Name { get; } = name;

    public IReadOnlyList<string> Aliases { get; } = aliases;

    public Task<CellResult> ExecuteAsync(string code, CellContext context)
    {
        context.Publish(new DisplayOutput(new RawContent(mimeType, code.Trim('\r', '\n')).ToBundle()));
        return Task.FromResult(new CellResult(CellStatus.Ok));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
