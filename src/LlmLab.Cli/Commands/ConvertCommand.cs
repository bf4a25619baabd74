using System.CommandLine;
using LlmLab.Notebooks.Documents;

namespace LlmLab.Cli.Commands;

/// <summary><c>llmlab convert</c>: between the notebook formats.</summary>
static class ConvertCommand
{
    public static Command Create()
    {
        var from = new Argument<string>("FROM") { Description = "The notebook to read, .ipynb or .dib." };
        var to = new Argument<string>("TO") { Description = "The file to write; its ending says the format. A .dib file holds no outputs." };
        var command = new Command("convert", "Convert a notebook between .ipynb and .dib.") { from, to };
        Invocation.SetAction(command, invocation =>
        {
            string target = invocation.Parse.GetValue(to)!;
            var notebook = NotebookFile.Read(invocation.Parse.GetValue(from)!);
            NotebookFile.Write(target, notebook);
            invocation.WriteLine($"Wrote {target}, {notebook.Cells.Count} cells");
            invocation.Result(new { output = Path.GetFullPath(target), cells = notebook.Cells.Count });
            return Invocation.Done;
        });
        return command;
    }
}
