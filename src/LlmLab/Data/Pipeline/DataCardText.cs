using System.Globalization;
using System.Text;

namespace LlmLab.Data.Pipeline;

/// <summary>The data card: what a data set holds, where it comes from, what was done to it, and what to beware of, for people. (Form: Pushkarna, Zaldivar, Kjartansson, "Data Cards", 2022.)</summary>
static class DataCardText
{
    public static string Write(PipelineResult result)
    {
        var v = result.Version;
        var card = new StringBuilder();
        card.Append(CultureInfo.InvariantCulture, $"# Data card: {v.Name}\n\n{v.Documents:N0} documents, {v.Bytes:N0} bytes of text, {result.Balance.Words:N0} words. Content hash (SHA-256 of documents.jsonl): `{v.Hash}`.\n\n");
        card.Append(CultureInfo.InvariantCulture, $"## Source\n\n{result.Input.Provenance}. Input hash: {string.Join(", ", v.Inputs.Select(i => $"{i.Key} `{i.Value[..16]}…`"))}.\n");
        if (result.Input.Report is { } report)
        {
            card.Append(CultureInfo.InvariantCulture, $"\n{report.Files:N0} files were read ({string.Join(", ", report.Formats.Select(f => $"{f.Value:N0} {f.Key}"))}); {report.SkippedCount:N0} files or records could not be.\n");
            if (report.DecodedCount > 0) card.Append(CultureInfo.InvariantCulture, $"\n{report.DecodedCount:N0} files were no clean UTF-8 and were decoded: {Cell(string.Join(", ", report.Decoded.Take(20)))}{(report.DecodedCount > 20 ? " …" : "")}.\n");
            if (report.Skipped.Count > 0) card.Append("\n| not read | reason |\n| --- | --- |\n");
            foreach (var skipped in report.Skipped.Take(20)) card.Append(CultureInfo.InvariantCulture, $"| {Cell(skipped.Source)} | {Cell(skipped.Reason)} |\n");
        }
        card.Append("\n## Beware\n\n");
        if (result.Balance.Warnings.Count == 0) card.Append("Nothing stands out.\n");
        foreach (string warning in result.Balance.Warnings) card.Append("- ").Append(warning).Append('\n');
        foreach (var step in result.Steps.Where(s => s.Flagged > 0)) card.Append(CultureInfo.InvariantCulture, $"- {step.Flagged:N0} documents were flagged by \"{step.Name}\": look at them (table decisions of the warehouse).\n");

        card.Append("\n## What was done\n\n| step | documents in | out | changed | flagged | bytes in | bytes out | precision | recall |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (var s in result.Steps)
            card.Append(CultureInfo.InvariantCulture, $"| {s.Name} | {s.DocumentsIn:N0} | {s.DocumentsOut:N0} | {s.Changed:N0} | {s.Flagged:N0} | {s.BytesIn:N0} | {s.BytesOut:N0} | {Share(s.Score?.Precision)} | {Share(s.Score?.Recall)} |\n");
        foreach (var s in result.Steps.Where(s => s.Reasons.Count > 0 || s.Remark is not null))
        {
            card.Append(CultureInfo.InvariantCulture, $"\n### {s.Name}\n\nOptions: `{s.Options}`\n\n{(s.Remark is { } remark ? $"{char.ToUpperInvariant(remark[0])}{remark[1..]}.\n\n" : "")}");
            foreach (var (reason, count) in s.Reasons.Take(12)) card.Append(CultureInfo.InvariantCulture, $"- {count:N0} × {reason}\n");
        }

        card.Append("\n## What it holds\n");
        foreach (var distribution in result.Balance.Distributions.Where(d => d.Counts.Count > 0))
        {
            card.Append(CultureInfo.InvariantCulture, $"\n| {distribution.Property} | documents | bytes |\n| --- | ---: | ---: |\n");
            foreach (var (value, documents, bytes) in distribution.Counts.Take(15)) card.Append(CultureInfo.InvariantCulture, $"| {Cell(value)} | {documents:N0} | {bytes:N0} |\n");
            if (distribution.Counts.Count > 15) card.Append(CultureInfo.InvariantCulture, $"| {distribution.Counts.Count - 15} more | {distribution.Counts.Skip(15).Sum(c => c.Documents):N0} | {distribution.Counts.Skip(15).Sum(c => c.Bytes):N0} |\n");
        }
        card.Append("\n| group of people | mentions | documents |\n| --- | ---: | ---: |\n");
        foreach (var (group, mentions, documents) in result.Balance.Groups) card.Append(CultureInfo.InvariantCulture, $"| {group} | {mentions:N0} | {documents:N0} |\n");
        return card.ToString();
    }

    static string Cell(string text) => text.Replace("|", "\\|").ReplaceLineEndings(" ");

    static string Share(double? value) => value is { } v && !double.IsNaN(v) ? v.ToString("0.000", CultureInfo.InvariantCulture) : "";
}
