using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlmLab.Charts;

namespace LlmLab.Evaluation.Reports;

/// <summary>A part of a report.</summary>
/// <param name="Heading">Its heading.</param>
/// <param name="Text">What it says, in Markdown; may be empty.</param>
/// <param name="Table">Its table, or null.</param>
/// <param name="Charts">Its plots.</param>
public sealed record ReportSection(string Heading, string Text, ScoreTable? Table, params IReadOnlyList<Chart> Charts);

/// <summary>
/// The report of an evaluation: <see cref="Save"/> writes <c>report.md</c>, <c>report.json</c> and the plots as PNG beside them.
/// </summary>
/// <param name="Title">Its title.</param>
/// <param name="Sections">Its parts, in order.</param>
public sealed record ReportDocument(string Title, IReadOnlyList<ReportSection> Sections)
{
    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The report in Markdown; pictures are named as <see cref="Save"/> names their files.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder($"# {Title}\n");
        foreach (var (section, i) in Sections.Select((section, i) => (section, i)))
        {
            text.Append($"\n## {section.Heading}\n");
            if (section.Text.Length > 0) text.Append($"\n{section.Text}\n");
            if (section.Table is { } table) text.Append($"\n{table.ToMarkdown()}");
            foreach (var (chart, j) in section.Charts.Select((chart, j) => (chart, j))) text.Append($"\n![{chart.Title}]({Picture(i, j)})\n");
        }
        return text.ToString();
    }

    /// <summary>The report in JSON: headings, texts, and each score with its standard error, interval and count.</summary>
    public string ToJson() => JsonSerializer.Serialize(new { Title, Sections = Sections.Select(section => new { section.Heading, section.Text, section.Table, Charts = section.Charts.Select(chart => chart.Title) }) }, json) + "\n";

    /// <summary>Writes the report and its pictures into a folder, the Markdown last: where it is, everything is.</summary>
    /// <returns>The path of <c>report.md</c>.</returns>
    public string Save(string folder)
    {
        for (var i = 0; i < Sections.Count; i++)
            for (var j = 0; j < Sections[i].Charts.Count; j++)
            {
                var picture = Sections[i].Charts[j].ToPng();
                AtomicFile.Write(Path.Combine(folder, Picture(i, j)), stream => stream.Write(picture));
            }
        AtomicFile.WriteText(Path.Combine(folder, "report.json"), ToJson());
        var path = Path.Combine(folder, "report.md");
        AtomicFile.WriteText(path, ToMarkdown());
        return path;
    }

    static string Picture(int section, int chart) => $"{section + 1:00}-{chart + 1}.png";
}
