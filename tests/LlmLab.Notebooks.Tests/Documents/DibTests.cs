using System.Text.Json.Nodes;
using LlmLab.Notebooks.Documents;

namespace LlmLab.Notebooks.Tests.Documents;

public sealed class DibTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Read_PolyglotFile_GivesCellsInTheirLanguages()
    {
        var notebook = NotebookFile.Read(folder.Write("a.dib", "#!meta\n\n{\"kernelInfo\":{\"defaultKernelName\":\"csharp\",\"items\":[{\"aliases\":[],\"name\":\"csharp\"},{\"name\":\"mydatabase\"}]}}\n\n#!markdown\n\n# Title\n\n#!csharp\n\n#!time\nvar x = 1;\n\nx\n\n#!html\n\n<b>x</b>\n\n#!mydatabase\n\nselect 1\n"));
        Assert.Equal([(CellKind.Markdown, "# Title", null), (CellKind.Code, "#!time\nvar x = 1;\n\nx", null), (CellKind.Code, "<b>x</b>", "html"), (CellKind.Code, "select 1", (string?)"mydatabase")],
            notebook.Cells.Select(c => (c.Kind, c.Source, c.Language)));
        Assert.Equal("llmlab", notebook.KernelName);
    }

    [Fact]
    public void Write_ThenRead_KeepsCellsLanguagesAndTheParametersTag()
    {
        var notebook = new Notebook([
            new NotebookCell("m", CellKind.Markdown, "# Title\n\ntext"),
            new NotebookCell("p", CellKind.Code, "int steps = 10;") { Metadata = new JsonObject { ["tags"] = new JsonArray("parameters") } },
            new NotebookCell("b", CellKind.Code, "ls\n\nls") { Metadata = NotebookCell.LanguageMetadata("bash") },
            new NotebookCell("r", CellKind.Raw, "raw"),
        ]);
        string path = folder.File("a.dib");
        NotebookFile.Write(path, notebook);
        var read = NotebookFile.Read(path);
        Assert.Equal(notebook.Cells.Select(c => (c.Kind, c.Source, c.Language)), read.Cells.Select(c => (c.Kind, c.Source, c.Language)));
        Assert.Equal(["parameters"], read.Cells[1].Tags);
        string written = File.ReadAllText(path);
        NotebookFile.Write(path, read);
        Assert.Equal(written, File.ReadAllText(path));
    }

    [Theory]
    [InlineData("#!meta\n\n{\"kernelInfo\":\n}\n\n#!csharp\n\n1\n", "line 4: what follows #!meta is not JSON")]
    public void Read_Broken_OneSentenceWithLine(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => NotebookFile.Read(folder.Write("a.dib", text))).Message);

    [Fact]
    public void Read_NotUtf8_OneSentence()
    {
        File.WriteAllBytes(folder.File("a.dib"), [0x23, 0xff, 0xfe]);
        Assert.Contains("is no text in UTF-8 (byte 2)", Assert.Throws<InvalidInputException>(() => NotebookFile.Read(folder.File("a.dib"))).Message);
    }
}
