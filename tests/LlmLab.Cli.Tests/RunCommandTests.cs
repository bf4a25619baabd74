using System.Text.Json.Nodes;
using LlmLab.Notebooks.Documents;
using LlmLab.Notebooks.Running;

namespace LlmLab.Cli.Tests;

/// <summary>The real program: `llmlab run` and `llmlab convert` with their files, words and exit codes.</summary>
public sealed class RunCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-run").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string At(string name) => Path.Combine(folder, name);

    string Notebook(string name, params string[] cells)
    {
        NotebookFile.Write(At(name), new Notebook([.. cells.Select((c, i) => new NotebookCell($"c{i}", CellKind.Code, c) { Metadata = i == 0 ? new JsonObject { ["tags"] = new JsonArray("parameters") } : [] })]));
        return At(name);
    }

    Task<(int Code, string Output, string Error)> Run(params string[] arguments) => LlmLabProcess.RunAsync(folder, arguments);

    [Fact]
    public async Task Run_Notebook_WritesTheExecutedCopyResultsAndJson()
    {
        Directory.CreateDirectory(At("sub"));
        string notebook = Notebook("sub/a.ipynb", "int n = 1;", "Record(\"n\", n, 0, true);\nConsole.Write(Path.GetFileName(Environment.CurrentDirectory) + LlmLab.Runs.Scales.Current);");
        string before = File.ReadAllText(notebook);
        var (code, output, error) = await Run("run", notebook, "-p", "n=3", "--scale", "smoke", "--output", "out", "--html", "--json");
        Assert.True(code == 0, error);
        // It ran in its own folder, with the scale, and the original is untouched.
        var executed = NotebookFile.Read(At("out/a.ipynb"));
        Assert.Equal("subSmoke", executed.Cells[2].Outputs[1]["text"]!.ToString());
        Assert.Equal(before, File.ReadAllText(notebook));
        Assert.Equal(3, Assert.Single(ResultsFile.Read(At("out/results.json")).Results).Value);
        Assert.Contains("<html", File.ReadAllText(At("out/a.html")));
        var json = JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!;
        Assert.Equal(3, json["notebooks"]![0]!["results"]![0]!["value"]!.GetValue<double>());
        Assert.Contains("3/3 cells", error);
    }

    [Fact]
    public async Task Run_FailingCell_Exits1SaysWhereAndWritesWhatRan()
    {
        string first = Notebook("a.dib", "1", "Console.Write(\"ran\");\nthrow new FormatException(\"bad\");", "2"), second = Notebook("b.ipynb", "1");
        var (code, _, error) = await Run("run", first, second);
        Assert.Equal(1, code);
        Assert.Contains("a.dib, cell 2 (In [2]) failed: FormatException: bad", error);
        Assert.Contains("line 2", error);
        var executed = NotebookFile.Read(At("workspace/notebooks/run-001/a.ipynb"));
        Assert.Equal("ran", executed.Cells[1].Outputs[0]["text"]!.ToString());
        Assert.False(File.Exists(At("workspace/notebooks/run-001/b.ipynb")));
    }

    [Fact]
    public async Task Run_InPlace_WritesIntoTheNotebook()
    {
        string notebook = Notebook("a.ipynb", "40 + 2");
        Assert.Equal(0, (await Run("run", notebook, "--in-place")).Code);
        Assert.Equal("42", NotebookFile.Read(notebook).Cells[0].Outputs[0]["data"]!["text/plain"]!.ToString());
    }

    [Fact]
    public async Task Run_ProcessDies_Exits1AndNamesTheCell()
    {
        var (code, _, error) = await Run("run", Notebook("a.ipynb", "1", "Environment.Exit(5);"), "--output", "out");
        Assert.Equal(1, code);
        Assert.Contains("cell 2 (In [2]) failed: ProcessEnded: The notebook's process ended with exit code 5", error);
        Assert.False(File.Exists(At("out/a.ipynb")));
    }

    [Theory]
    [InlineData(new[] { "run", "none.ipynb" }, "There is no notebook none.ipynb.")]
    [InlineData(new[] { "run", "a.ipynb", "-p", "m=1" }, "a.ipynb has no parameter \"m\": it has n.")]
    [InlineData(new[] { "run", "a.ipynb", "-p", "n=x" }, "the parameter \"n\" is \"x\", which is no value of type int.")]
    [InlineData(new[] { "run", "a.ipynb", "-p", "n" }, "The parameter \"n\" has no value: expected name=value.")]
    [InlineData(new[] { "run", "a.ipynb", "--scale", "huge" }, "The scale \"huge\" is unknown: expected smoke, laptop or gpu")]
    [InlineData(new[] { "run", "a.ipynb", "--in-place", "--output", "x" }, "--in-place and --output exclude each other")]
    [InlineData(new[] { "run", "broken.ipynb" }, "broken.ipynb, line 1, byte 2: not JSON")]
    [InlineData(new[] { "run", "python.ipynb" }, "python.ipynb is for the kernel \"python3\" (python): expected a C# notebook.")]
    [InlineData(new[] { "run", "a.dib", "--in-place" }, "an executed notebook is written as .ipynb")]
    [InlineData(new[] { "convert", "a.ipynb", "a.txt" }, "a.txt ends in \".txt\": expected a notebook, .ipynb or .dib.")]
    public async Task Run_BadInput_Exits2WithOneSentenceAndWritesNothing(string[] arguments, string expected)
    {
        Notebook("a.ipynb", "int n = 1;");
        Notebook("a.dib", "1");
        File.WriteAllText(At("broken.ipynb"), "{");
        File.WriteAllText(At("python.ipynb"), """{"nbformat":4,"nbformat_minor":5,"metadata":{"kernelspec":{"name":"python3","language":"python"}},"cells":[]}""");
        var files = Directory.GetFileSystemEntries(folder).Order().ToList();
        var (code, _, error) = await Run(arguments);
        Assert.Equal(2, code);
        Assert.Contains(expected, error);
        Assert.DoesNotContain("   at ", error);
        Assert.Equal(files, Directory.GetFileSystemEntries(folder).Where(f => Path.GetFileName(f) != "workspace").Order());
        Assert.Empty(Directory.Exists(At("workspace")) ? Directory.GetFiles(folder, "*.ipynb", SearchOption.AllDirectories).Where(f => f.Contains("workspace")) : []);
    }

    [Fact]
    public async Task Convert_ThereAndBack_KeepsCells()
    {
        Notebook("a.ipynb", "int n = 1;", "n");
        Assert.Equal(0, (await Run("convert", "a.ipynb", "a.dib")).Code);
        Assert.Equal(0, (await Run("convert", "a.dib", "b.ipynb")).Code);
        Assert.Equal(["int n = 1;", "n"], NotebookFile.Read(At("b.ipynb")).Cells.Select(c => c.Source));
        Assert.Equal(["parameters"], NotebookFile.Read(At("b.ipynb")).Cells[0].Tags);
    }
}
