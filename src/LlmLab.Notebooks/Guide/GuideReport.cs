using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using LlmLab.Notebooks.Display;
using LlmLab.Notebooks.Documents;
using LlmLab.Notebooks.Html;
using LlmLab.Runs;

namespace LlmLab.Notebooks.Guide;

/// <summary>The report of a guide's run: a page for each notebook, and an index with times, recorded numbers and plots.</summary>
public static class GuideReport
{
    /// <summary>Writes the index and the page of every notebook that ran; the pages share plotly's script as one file beside them.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="scale">The scale of the run.</param>
    /// <param name="started">When the run began, in UTC.</param>
    /// <param name="steps">The steps that ran.</param>
    /// <param name="left">How many have still to run.</param>
    public static void Write(string folder, Scale scale, DateTime started, IReadOnlyList<GuideStepResult> steps, int left)
    {
        string script = Path.Combine(folder, PlotlyScript.FileName);
        if (!File.Exists(script)) AtomicFile.WriteText(script, PlotlyScript.Text);
        foreach (var step in steps)
            AtomicFile.WriteText(Path.Combine(folder, step.Step.Name + ".html"),
                NotebookPage.ToHtml(step.Run.Notebook, step.Step.Title, PlotlyScript.FileName, "<a href=\"index.html\">All notebooks of this run</a>"));
        AtomicFile.WriteText(Path.Combine(folder, "index.html"), Index(scale, started, steps, left));
    }

    static string Index(Scale scale, DateTime started, IReadOnlyList<GuideStepResult> steps, int left)
    {
        int failed = steps.Count(step => !step.Succeeded);
        var body = new StringBuilder("<h1>LlmLab: the guide</h1>\n");
        body.Append(CultureInfo.InvariantCulture, $"""
            <p>{steps.Count} {(steps.Count == 1 ? "notebook" : "notebooks")} at scale {scale.ToString().ToLowerInvariant()} in {Time(TimeSpan.FromTicks(steps.Sum(step => step.Time.Ticks)))}, started {started:yyyy-MM-dd HH:mm} UTC
            on {Environment.ProcessorCount} processors ({RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}).
            {(failed == 0 ? "<span class=\"ok\">Every cell ran.</span>" : $"<span class=\"failed\">{failed} failed.</span>")}{(left > 0 ? $" {left} still to run." : "")}</p>

            """);
        body.Append("<table>\n<tr><th>Notebook</th><th>Title</th><th>Result</th><th>Time</th><th>Recorded</th></tr>\n");
        foreach (var step in steps)
            body.Append(CultureInfo.InvariantCulture, $"<tr><td>{Link(step, step.Step.Name)}</td><td>{Encode(step.Step.Title)}</td><td>{Outcome(step)}</td><td class=\"number\">{Time(step.Time)}</td><td class=\"number\">{step.Run.Results.Count}</td></tr>\n");
        body.Append("</table>\n");
        foreach (var step in steps) body.Append(Section(step));
        return PageFrame.Page("LlmLab: the guide", body.ToString());
    }

    static string Section(GuideStepResult step)
    {
        var section = new StringBuilder($"<h2 id=\"{Encode(step.Step.Name)}\">{Link(step, step.Step.Title)}</h2>\n");
        if (step.Run.Failure is { } failure)
            section.Append(CultureInfo.InvariantCulture, $"<p class=\"failed\">Cell {failure.Cell} failed:</p>\n<pre class=\"error\">{TerminalText.ToHtml(string.Join('\n', failure.Error.Traceback))}</pre>\n");
        if (step.Run.Results.Count > 0)
        {
            section.Append("<table>\n<tr><th>Recorded</th><th>Value</th><th>Tolerance</th></tr>\n");
            foreach (var result in step.Run.Results)
                section.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encode(result.Name)}</td><td class=\"number\">{result.Value:G6}</td><td class=\"number\">{result.Tolerance:G6}</td></tr>\n");
            section.Append("</table>\n");
        }
        foreach (string plot in Plots(step.Run.Notebook)) section.Append(Link(step, plot, isHtml: true)).Append('\n');
        return section.ToString();
    }

    // Pictures only: the interactive charts are in the notebook's own page.
    static IEnumerable<string> Plots(Notebook notebook) => notebook.Cells.SelectMany(cell => cell.Outputs)
        .Select(output => output["data"] as JsonObject)
        .Where(data => data is not null && data.ContainsKey(MimeTypes.Png))
        .Select(data => OutputHtml.ToHtml(new JsonObject
        {
            ["output_type"] = "display_data",
            ["data"] = new JsonObject { [MimeTypes.Png] = data![MimeTypes.Png]!.DeepClone(), [MimeTypes.Plain] = data[MimeTypes.Plain]?.DeepClone() },
        }));

    static string Outcome(GuideStepResult step) => step.Succeeded ? "<span class=\"ok\">ran</span>" : "<span class=\"failed\">failed</span>";

    static string Link(GuideStepResult step, string content, bool isHtml = false) =>
        $"<a href=\"{Uri.EscapeDataString(step.Step.Name)}.html\">{(isHtml ? content : Encode(content))}</a>";

    static string Time(TimeSpan time) => time.TotalMinutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s");

    static string Encode(string text) => WebUtility.HtmlEncode(text);
}
