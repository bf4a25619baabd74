using System.CommandLine;
using System.Globalization;
using LlmLab.Data;
using LlmLab.Data.Pipeline;
using LlmLab.Data.Pipeline.Steps;
using LlmLab.Data.Readers;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab data build</c> and <c>llmlab data compare</c>: from a folder of files to a versioned data set, and what changed since.</summary>
static class DataBuildCommand
{
    public static Command Create()
    {
        var input = new Option<string>("--input") { Description = "A folder, a file or a zip archive with documents: text, Markdown, HTML, PDF, DOCX, mail, CSV, JSON, Parquet.", Required = true };
        var output = new Option<string>("--output") { Description = "Folder for documents.jsonl, its version file documents.jsonl.dvc, data-card.md and warehouse.duckdb.", Required = true };
        var name = new Option<string?>("--name") { Description = "Name of the data set; the input's name if left out." };
        var languages = new Option<string[]>("--language") { Description = "ISO 639-1 codes to keep (en, de …); without any, every language with a tenth of the documents.", AllowMultipleArgumentsPerToken = true };
        var without = new Option<string[]>("--without") { Description = "Names of steps to leave out, as the table shows them.", AllowMultipleArgumentsPerToken = true };
        var evaluation = new Option<string[]>("--evaluation") { Description = "Files or folders of evaluation texts: documents that share 13 words in a row with one are dropped.", AllowMultipleArgumentsPerToken = true };
        var threads = new Option<int>("--threads") { Description = "Threads; the result is the same for any number.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("build", "Read a folder of documents, clean it and write a versioned data set. The same input gives the same hash.") { input, output, name, languages, without, evaluation, threads };
        Invocation.SetAction(command, invocation =>
        {
            var parse = invocation.Parse;
            var corpus = new CorpusReader().Open(parse.GetRequiredValue(input));
            string[] sets = parse.GetValue(evaluation) ?? [];
            var pipeline = Pipeline.Default(new PipelineOptions { Name = parse.GetValue(name), Threads = Math.Max(1, parse.GetValue(threads)) }, sets.Length == 0 ? null : sets.SelectMany(s => new CorpusReader().Open(s).Documents).Select(d => d.Text));
            if (parse.GetValue(languages) is { Length: > 0 } codes) pipeline = pipeline.With(new LanguageFilter(new LanguageFilterOptions { Languages = codes }));
            foreach (string step in parse.GetValue(without) ?? []) pipeline = pipeline.Without(step);
            var result = pipeline.Run(corpus, parse.GetRequiredValue(output));
            Show(invocation, result);
            return Invocation.Done;
        });
        return command;
    }

    public static Command CreateCompare()
    {
        var older = new Argument<string>("older") { Description = "Folder of one version." };
        var newer = new Argument<string>("newer") { Description = "Folder of the other." };
        var command = new Command("compare", "What differs between two versions of a data set: documents added, removed, changed.") { older, newer };
        Invocation.SetAction(command, invocation =>
        {
            var comparison = VersionComparison.Of(invocation.Parse.GetRequiredValue(older), invocation.Parse.GetRequiredValue(newer));
            foreach (var (label, ids) in (IEnumerable<(string, IReadOnlyList<string>)>)[("added", comparison.Added), ("removed", comparison.Removed), ("changed", comparison.Changed)])
            {
                invocation.WriteLine($"{ids.Count} {label}");
                foreach (string id in ids.Take(20)) invocation.WriteLine($"  {id}");
                if (ids.Count > 20) invocation.WriteLine($"  … and {ids.Count - 20} more");
            }
            invocation.WriteLine($"{comparison.Unchanged} unchanged");
            invocation.Result(new { older = comparison.Older.Hash, newer = comparison.Newer.Hash, comparison.Added, comparison.Removed, comparison.Changed, comparison.Unchanged });
            return Invocation.Done;
        });
        return command;
    }

    static void Show(Invocation invocation, PipelineResult result)
    {
        invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"step",-20} {"in",9} {"out",9} {"changed",9} {"flagged",9} {"bytes out",14} {"seconds",9}"));
        foreach (var step in result.Steps)
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Name,-20} {step.DocumentsIn,9} {step.DocumentsOut,9} {step.Changed,9} {step.Flagged,9} {step.BytesOut,14} {step.Seconds,9:0.00}"));
        if (result.Input.Report is { SkippedCount: > 0 } report)
        {
            invocation.WriteLine($"\n{report.SkippedCount} files or records could not be read:");
            foreach (var skipped in report.Skipped.Take(10)) invocation.WriteLine($"  {skipped.Source}: {skipped.Reason}");
        }
        if (result.Input.Report is { DecodedCount: > 0 } decoding)
            invocation.WriteLine($"\n{decoding.DecodedCount} files were no clean UTF-8 and were decoded: {string.Join(", ", decoding.Decoded.Take(10))}{(decoding.DecodedCount > 10 ? " …" : "")}");
        foreach (string warning in result.Balance.Warnings) invocation.WriteLine($"warning: {warning}");
        invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{result.Version.Documents} documents, {result.Version.Bytes} bytes, version {result.Version.Hash[..12]} in {result.Folder} ({result.MegabytesPerSecond:0.0} MB/s)"));
        invocation.Result(new
        {
            result.Version.Name,
            result.Version.Hash,
            result.Version.Documents,
            result.Version.Bytes,
            folder = result.Folder,
            seconds = result.Elapsed.TotalSeconds,
            skipped = result.Input.Report?.SkippedCount ?? 0,
            decoded = result.Input.Report?.Decoded ?? [],
            steps = result.Steps.Select(s => new { s.Name, s.DocumentsIn, s.DocumentsOut, s.Changed, s.Flagged, s.BytesIn, s.BytesOut }),
            warnings = result.Balance.Warnings,
        });
    }
}
