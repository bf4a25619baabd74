using System.CommandLine;
using System.Globalization;
using LlmLab.Data;
using LlmLab.Data.Company;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab data …</c>: public data sets and the company's own text.</summary>
static class DataCommand
{
    public static Command Create() => new("data", "List, get and build data sets.") { List(), Get(), Company(), DataBuildCommand.Create(), DataBuildCommand.CreateCompare() };

    static Command List()
    {
        var command = new Command("list", "The public data sets of the catalog, and which of them are on this machine.");
        Invocation.SetAction(command, invocation =>
        {
            var folder = new DataFolder();
            var rows = DataCatalog.Entries.Select(entry => new
            {
                entry.Name,
                entry.What,
                entry.Homepage,
                entry.Licence,
                entry.Bytes,
                files = entry.Files.Count,
                present = entry.Files.All(file => folder.Find(file, entry.SystemFolder) is not null),
            }).ToArray();
            foreach (var row in rows)
                invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(row.present ? "*" : " ")} {row.Name,-26} {row.Bytes / 1e6,8:0.00} MB  {row.Licence,-34}  {row.What}"));
            invocation.WriteLine("\n* is on this machine; `llmlab data get NAME` fetches the others.");
            invocation.Result(new { cache = folder.Cache, kept = folder.Kept, sets = rows });
            return Invocation.Done;
        });
        return command;
    }

    static Command Get()
    {
        var names = new Argument<string[]>("name") { Description = "Names from `llmlab data list`.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("get", "Download data sets, or find them on this machine, and check their SHA-256.") { names };
        Invocation.SetAction(command, async invocation =>
        {
            // All names are looked up first, so that a slip in the last does not cost the downloads of the others.
            var entries = invocation.Parse.GetRequiredValue(names).Select(DataCatalog.Find).ToArray();
            using var download = new DataDownload(new DataFolder());
            var files = new List<FetchedFile>();
            foreach (var entry in entries)
            {
                var fetched = await download.GetAsync(entry);
                files.AddRange(fetched);
                invocation.WriteLine($"{entry.Name}: {fetched.Count(file => file.Downloaded)} downloaded, {fetched.Count(file => !file.Downloaded)} already here; licence {entry.Licence}");
                foreach (var file in fetched.Take(8))
                    invocation.WriteLine($"  {file.Path}");
                if (fetched.Count > 8)
                    invocation.WriteLine($"  … and {fetched.Count - 8} more");
            }
            invocation.Result(new { files = files.Select(file => new { file.File.Path, location = file.Path, file.File.Sha256, file.Downloaded }) });
            return Invocation.Done;
        });
        return command;
    }

    static Command Company()
    {
        var bytes = new Option<long>("--bytes") { Description = "UTF-8 bytes of text, at least.", DefaultValueFactory = _ => 10_000_000 };
        var seed = new Option<ulong>("--seed") { Description = "Decides everything: the same seed gives the same company.", DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--output") { Description = "A new folder.", Required = true };
        var command = new Command("company", "Generate the synthetic example company: documents, planted faults, questions, dialogues, instructions.") { bytes, seed, output };
        Invocation.SetAction(command, invocation =>
        {
            var written = CompanyFiles.Write(invocation.Parse.GetValue(seed), invocation.Parse.GetValue(bytes), invocation.Parse.GetRequiredValue(output));
            invocation.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{written.Folder}: {written.Documents:N0} documents, {written.Bytes / 1e6:0.0} MB, {written.Facts:N0} facts, {written.Questions:N0} questions, {written.Faults:N0} planted faults (synthetic)"));
            invocation.Result(written);
            return Invocation.Done;
        });
        return command;
    }
}
