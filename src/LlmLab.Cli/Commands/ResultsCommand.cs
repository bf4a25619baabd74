using System.CommandLine;
using LlmLab.Notebooks.Documents;
using LlmLab.Notebooks.Guide;
using LlmLab.Notebooks.Running;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab results</c>: the numbers that the guide's notebooks hold, as the table of the README.</summary>
static class ResultsCommand
{
    public static Command Create()
    {
        var update = new Option<string>("--update") { Description = "Write the table into this document, between its marker lines.", HelpName = "FILE" };
        var check = new Option<string>("--check") { Description = "Fail if this document's table is not up to date.", HelpName = "FILE" };
        var command = new Command("results", "The recorded numbers of the guide's notebooks, as a Markdown table.") { update, check };
        Invocation.SetAction(command, invocation =>
        {
            var results = GuidePlan.Make(GuidePlan.Folder(), [], new Dictionary<string, string>())
                .SelectMany(step => RecordedResult.Of(NotebookFile.Read(step.File), step.File)).ToList();
            string table = ResultsTable.ToMarkdown(results);
            invocation.Result(results);
            if (invocation.Parse.GetValue(update) is { } document)
            {
                AtomicFile.WriteText(document, ResultsTable.Insert(Read(document), document, table));
                invocation.WriteLine($"{document} has the table of {results.Count} numbers.");
                return Invocation.Done;
            }
            if (invocation.Parse.GetValue(check) is { } checkedDocument)
            {
                string text = Read(checkedDocument);
                if (ResultsTable.Insert(text, checkedDocument, table) == text) return Invocation.Done;
                invocation.WriteLine($"The table in {checkedDocument} is not that of the notebooks: `llmlab results --update {checkedDocument}` rewrites it.");
                return Invocation.Failed;
            }
            invocation.WriteLine(table.TrimEnd());
            return Invocation.Done;
        });
        return command;
    }

    static string Read(string path) =>
        File.Exists(path) ? File.ReadAllText(path) : throw new InvalidInputException($"There is no file {path}.");
}
