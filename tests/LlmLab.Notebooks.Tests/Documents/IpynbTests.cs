using System.Diagnostics;
using System.Text.Json.Nodes;
using LlmLab.Notebooks.Documents;

namespace LlmLab.Notebooks.Tests.Documents;

public sealed class IpynbTests : IDisposable
{
    const string Python = "/usr/bin/python3";
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // Keys out of order, entries that nbformat does not know, numbers and characters that JSON writers disagree about.
    const string Tricky = """
        {"nbformat_minor": 5, "nbformat": 4, "zeta": {"b": [1, 2.0, -0.0, 1e22, 1e16, 123456789012345678901234567890, 1.5e-7, 0.0001, 123.456, 1e5, 9007199254740993, 5e-324, 1.7976931348623157e308], "a": []},
         "metadata": {"kernelspec": {"name": "llmlab", "language": "C#", "display_name": "LlmLab (C#)"}, "orig_nbformat": 4, "custom": {"é": null, "z": true, "𝒳": 1, "": 2}},
         "cells": [
          {"cell_type": "markdown", "source": ["# Tïtle\n", "line \u2028 separator\n", "end"], "id": "a1", "metadata": {"trusted": true, "tags": ["x"]},
           "attachments": {"p.png": {"image/png": "iVBORw0KGgo=", "text/plain": ["a\n", "b"]}}},
          {"cell_type": "code", "execution_count": 3, "id": "b2", "metadata": {}, "source": "var a = 1;\r\nvar b = \"\\u0001\t\u007f\u0085é\";\nb\fc\u001c",
           "outputs": [
            {"output_type": "stream", "name": "stdout", "text": ["one\n", "two"]},
            {"output_type": "execute_result", "execution_count": 3, "metadata": {"image/png": {"width": 10}}, "data": {"text/plain": "a\nb", "text/html": ["<b>\n", "</b>"], "application/json": {"k": ["1\n", "2\n"]}, "image/png": "AAAA\n", "image/svg+xml": "<svg>\n</svg>", "application/vnd.plotly.v1+json": {"data": [{"y": [1.0, 2]}], "layout": {}}}},
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["l1\nl2", "l3"]}]},
          {"cell_type": "code", "execution_count": null, "id": "c3", "metadata": {}, "outputs": [], "source": [], "unknown": 1},
          {"cell_type": "raw", "id": "d4", "metadata": {"format": "text/x-rst"}, "source": "raw \ud83d\ude00 text\n"}
         ]}
        """;

    [Fact]
    public void Write_AfterRead_IsByteForByteWhatNbformatWrites()
    {
        Assert.SkipUnless(HasNbformat(), "python3-nbformat is not installed");
        string path = folder.Write("tricky.ipynb", Tricky);
        string peer = RunPython($"import nbformat,sys; sys.stdout.buffer.write((nbformat.writes(nbformat.read(r'{path}', as_version=nbformat.NO_CONVERT))+'\\n').encode())");
        Assert.Equal(peer, NotebookFile.ToText("x.ipynb", NotebookFile.Read(path)));
    }

    [Fact]
    public void Write_NewNotebook_IsValidForNbformatAndStableUnderIt()
    {
        Assert.SkipUnless(HasNbformat(), "python3-nbformat is not installed");
        var notebook = new Notebook([
            new NotebookCell("intro", CellKind.Markdown, "# Title"),
            new NotebookCell("code", CellKind.Code, "1 + 1") { ExecutionCount = 1, Metadata = NotebookCell.LanguageMetadata("bash"), Outputs = [new JsonObject { ["output_type"] = "stream", ["name"] = "stdout", ["text"] = "a\nb\n" }] },
        ]);
        string path = folder.File("new.ipynb");
        NotebookFile.Write(path, notebook);
        string peer = RunPython($"import nbformat,sys; n=nbformat.read(r'{path}', as_version=4); nbformat.validate(n); sys.stdout.buffer.write((nbformat.writes(n)+'\\n').encode())");
        Assert.Equal(peer, File.ReadAllText(path));
    }

    [Fact]
    public void Read_Tricky_JoinsLinesAndKeepsUnknownEntries()
    {
        var notebook = NotebookFile.Read(folder.Write("tricky.ipynb", Tricky));
        Assert.Equal("# Tïtle\nline \u2028 separator\nend", notebook.Cells[0].Source);
        Assert.Equal(["x"], notebook.Cells[0].Tags);
        Assert.Equal("one\ntwo", notebook.Cells[1].Outputs[0]["text"]!.GetValue<string>());
        Assert.Equal("<b>\n</b>", notebook.Cells[1].Outputs[1]["data"]!["text/html"]!.GetValue<string>());
        Assert.Equal(1, notebook.Cells[2].Other["unknown"]!.GetValue<int>());
        Assert.Equal(["kernelspec", "custom"], notebook.Metadata.Select(m => m.Key));
        Assert.Equal("llmlab", notebook.KernelName);
    }

    [Fact]
    public void Read_OlderMinorVersion_MakesTheSameIdentifiersEachTime()
    {
        string path = folder.Write("old.ipynb", """{"nbformat":4,"nbformat_minor":2,"metadata":{},"cells":[{"cell_type":"code","metadata":{},"source":"x","outputs":[],"execution_count":null},{"cell_type":"code","metadata":{},"source":"x","outputs":[],"execution_count":null}]}""");
        var first = NotebookFile.Read(path);
        Assert.Matches("^[0-9a-f]{8}$", first.Cells[0].Id);
        Assert.NotEqual(first.Cells[0].Id, first.Cells[1].Id);
        Assert.Equal(first.Cells.Select(c => c.Id), NotebookFile.Read(path).Cells.Select(c => c.Id));
        Assert.Contains("\"nbformat_minor\": 5", NotebookFile.ToText("a.ipynb", first));
    }

    [Fact]
    public void Read_PolyglotMetadata_GivesLanguages()
    {
        string path = folder.Write("p.ipynb", """
            {"nbformat":4,"nbformat_minor":5,"metadata":{"polyglot_notebook":{"kernelInfo":{"defaultKernelName":"fsharp"}}},"cells":[
            {"cell_type":"code","id":"a","metadata":{"dotnet_interactive":{"language":"html"}},"source":"","outputs":[],"execution_count":null},
            {"cell_type":"code","id":"b","metadata":{"polyglot_notebook":{"kernelName":"bash"}},"source":"","outputs":[],"execution_count":null},
            {"cell_type":"code","id":"c","metadata":{},"source":"","outputs":[],"execution_count":null}]}
            """);
        var notebook = NotebookFile.Read(path);
        Assert.Equal("fsharp", notebook.DefaultLanguage);
        Assert.Equal(["html", "bash", null], notebook.Cells.Select(c => c.Language));
    }

    [Theory]
    [InlineData("", "is empty: expected a notebook's JSON")]
    [InlineData("{\"nbformat\": 4,\n \"cells\": [}", "line 2, byte 12: not JSON")]
    [InlineData("{\"nbformat\": 4, \"cells\": [", "line 1, byte 27: not JSON")]
    [InlineData("[]", "holds no JSON object at its top")]
    [InlineData("{\"cells\": []}", "is no notebook: it has no \"nbformat\" number")]
    [InlineData("{\"nbformat\": 3, \"worksheets\": []}", "is in notebook format 3: open it in Jupyter and save it")]
    [InlineData("{\"nbformat\": 5, \"cells\": []}", "is in notebook format 5, which is newer")]
    [InlineData("{\"nbformat\": 4}", "has no list of cells")]
    [InlineData("{\"nbformat\": 4, \"cells\": [1]}", "has no object as cell 1")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{\"cell_type\":\"heading\",\"source\":\"\"}]}", "has the cell_type \"heading\" in cell 1: expected code, markdown or raw")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{\"cell_type\":\"code\"}]}", "has no text as source of cell 1")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{\"cell_type\":\"code\",\"source\":[1]}]}", "has no text as source of cell 1")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{\"cell_type\":\"code\",\"source\":\"\",\"outputs\":[{\"output_type\":\"stream\"}]}]}", "has no text in output 1 of cell 1")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{\"cell_type\":\"code\",\"source\":\"\",\"outputs\":[{}]}]}", "has no output_type in output 1 of cell 1")]
    [InlineData("{\"nbformat\": 4, \"cells\": [], \"metadata\": 7}", "has no object as metadata")]
    [InlineData("{\"nbformat\": 4, \"cells\": [], \"cells\": []}", "not JSON")]
    [InlineData("{\"nbformat\": 4, \"cells\": [], \"a\": \"\\ud800\"}", "no valid Unicode")]
    public void Read_BrokenFile_OneSentenceWithFileAndPlace(string text, string expected)
    {
        string path = folder.Write("broken.ipynb", text);
        string message = Assert.Throws<InvalidInputException>(() => NotebookFile.Read(path)).Message;
        Assert.StartsWith(path, message);
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Read_MissingFileOrEnding_OneSentence()
    {
        Assert.Contains("There is no notebook", Assert.Throws<InvalidInputException>(() => NotebookFile.Read(folder.File("none.ipynb"))).Message);
        Assert.Contains("expected a notebook, .ipynb or .dib", Assert.Throws<InvalidInputException>(() => NotebookFile.Read(folder.File("none.txt"))).Message);
        Assert.Contains("is a folder", Assert.Throws<InvalidInputException>(() => NotebookFile.Read(Directory.CreateDirectory(folder.File("f.ipynb")).FullName)).Message);
    }

    [Fact]
    public void Write_FolderInTheWay_LeavesNothingBehind()
    {
        Directory.CreateDirectory(folder.File("taken.ipynb"));
        Assert.Throws<InvalidInputException>(() => NotebookFile.Write(folder.File("taken.ipynb"), new Notebook([])));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    // Python's repr of each.
    [InlineData("1.0", "1.0")]
    [InlineData("1e5", "100000.0")]
    [InlineData("1E16", "1e+16")]
    [InlineData("123456789.125", "123456789.125")]
    [InlineData("1e-5", "1e-05")]
    [InlineData("0.00012", "0.00012")]
    [InlineData("-2.50", "-2.5")]
    [InlineData("1e-300", "1e-300")]
    [InlineData("-0", "0")]
    public void Number_AsPythonWritesIt(string json, string expected) => Assert.Equal(expected, JupyterJson.Number(json));

    static bool HasNbformat() => File.Exists(Python) && Start("import nbformat").ExitCode == 0;

    static string RunPython(string script)
    {
        var (exitCode, output, error) = Start(script);
        Assert.True(exitCode == 0, error);
        return output;
    }

    static (int ExitCode, string Output, string Error) Start(string script)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = new System.Text.UTF8Encoding(false) })!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
