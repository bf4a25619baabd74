using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using LlmLab.Notebooks.Documents;

namespace LlmLab.Notebooks.Html;

/// <summary>
/// A notebook as one HTML page that needs no network: prose, coloured code, and every output in its best form; charts are
/// interactive, and stay pictures where scripts are off or the page is printed.
/// </summary>
public static partial class NotebookPage
{
    /// <summary>Makes the page.</summary>
    /// <param name="notebook">The notebook, usually with outputs.</param>
    /// <param name="fallbackTitle">Title of a notebook that has no heading, such as its file name.</param>
    /// <param name="plotlyScript">
    /// Address of plotly's script beside the page, which pages in one folder share; null puts the script (3.6 MB) into the page,
    /// if it has a chart.
    /// </param>
    /// <param name="footer">HTML for the page's end, such as where the notebook came from and when it ran.</param>
    public static string ToHtml(Notebook notebook, string fallbackTitle, string? plotlyScript = null, string footer = "")
    {
        var body = new StringBuilder();
        foreach (var cell in notebook.Cells) body.Append(ToHtml(cell, notebook.DefaultLanguage));
        bool hasCharts = notebook.Cells.Any(cell => cell.Outputs.Any(OutputHtml.IsChart));
        string scripts = !hasCharts ? ""
            : (plotlyScript is null ? $"<script>{PlotlyScript.Text}</script>" : $"<script src=\"{WebUtility.HtmlEncode(plotlyScript)}\"></script>") + PageFrame.DrawCharts;
        return PageFrame.Page(TitleOf(notebook) ?? fallbackTitle, body.ToString() + (footer.Length > 0 ? $"<footer>{footer}</footer>\n" : ""), scripts);
    }

    /// <summary>The first heading of the notebook's prose, or null.</summary>
    public static string? TitleOf(Notebook notebook) => notebook.Cells
        .Where(cell => cell.Kind == CellKind.Markdown)
        .Select(cell => Heading().Match(cell.Source))
        .FirstOrDefault(match => match.Success)?.Groups[1].Value.Trim();

    static string ToHtml(NotebookCell cell, string defaultLanguage) => cell.Kind switch
    {
        CellKind.Markdown => $"<section class=\"prose\">{OutputHtml.MarkdownToHtml(Attach(cell))}</section>\n",
        CellKind.Code => Code(cell, cell.Language ?? defaultLanguage),
        _ => $"<pre>{WebUtility.HtmlEncode(cell.Source)}</pre>\n",
    };

    static string Code(NotebookCell cell, string language)
    {
        string code = language.ToLowerInvariant() is "csharp" or "c#" or "cs" ? CodeColoring.CSharpToHtml(cell.Source) : WebUtility.HtmlEncode(cell.Source);
        string source = cell.Source.Length == 0 ? "" : $"<pre class=\"code\"><code>{code}</code></pre>\n";
        return $"<section class=\"cell\">{source}{string.Concat(cell.Outputs.Select(OutputHtml.ToHtml))}</section>\n";
    }

    // ![picture](attachment:name.png) becomes the picture itself.
    static string Attach(NotebookCell cell) => cell.Attachments is not { } attachments ? cell.Source
        : Attachment().Replace(cell.Source, match =>
            attachments[match.Groups[1].Value] is System.Text.Json.Nodes.JsonObject { Count: > 0 } forms ? $"data:{forms.First().Key};base64,{forms.First().Value}" : match.Value);

    [GeneratedRegex(@"^#{1,2}\s+(.+?)\s*#*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"attachment:([^)\s]+)")]
    private static partial Regex Attachment();
}
