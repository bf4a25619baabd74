using System.Text.Json.Nodes;
using LlmLab.Notebooks.Documents;
using LlmLab.Notebooks.Running;

namespace LlmLab.Notebooks.Tests.Running;

public sealed class NotebookRunnerTests
{
    static NotebookCell Code(string source, params string[] tags) => new($"c{Guid.NewGuid():N}"[..9], CellKind.Code, source)
    {
        Metadata = tags.Length == 0 ? [] : new JsonObject { ["tags"] = new JsonArray([.. tags.Select(t => (JsonNode)t)]) },
    };

    static async Task<NotebookRun> Run(Notebook notebook, params (string Name, string Value)[] parameters)
    {
        await using var session = NotebookSession.Create();
        return await NotebookRunner.RunAsync(notebook, session, new NotebookRunOptions { Parameters = parameters.ToDictionary(p => p.Name, p => p.Value), Name = "test.ipynb" });
    }

    static string Text(NotebookCell cell) => string.Concat(cell.Outputs.Select(o => o["text"]?.ToString() ?? o["data"]?["text/plain"]?.ToString()));

    [Fact]
    public async Task RunAsync_Cells_HaveOutputsAndCounts()
    {
        var run = await Run(new Notebook([
            new NotebookCell("m", CellKind.Markdown, "# Title"),
            Code("Console.Write(\"a\"); Console.Write(\"b\"); Console.Error.Write(\"c\"); Console.Write(\"d\");\n1 + 1"),
            Code("  \n"),
            Code("\"last\""),
        ]));
        Assert.Null(run.Failure);
        Assert.Equal(2, run.CellsRun);
        Assert.Equal([null, 1, null, 2], run.Notebook.Cells.Select(c => c.ExecutionCount));
        var outputs = run.Notebook.Cells[1].Outputs;
        Assert.Equal([("stdout", "ab"), ("stderr", "c"), ("stdout", "d")], outputs.Take(3).Select(o => (o["name"]!.ToString(), o["text"]!.ToString())));
        Assert.True(JsonNode.DeepEquals(outputs[3], JsonNode.Parse("""{"output_type":"execute_result","execution_count":1,"metadata":{},"data":{"text/plain":"2"}}""")));
    }

    [Fact]
    public async Task RunAsync_FailingCell_StopsThereAndKeepsWhatRan()
    {
        var stale = Code("\"never\"") with { Outputs = [new JsonObject { ["output_type"] = "stream", ["name"] = "stdout", ["text"] = "stale" }], ExecutionCount = 9 };
        var run = await Run(new Notebook([new NotebookCell("m", CellKind.Markdown, "x"), Code("1"), Code("throw new FormatException(\"bad\");"), stale]));
        Assert.Equal((3, 2, CellStatus.Error, "FormatException", "bad"), (run.Failure!.Cell, run.Failure.ExecutionCount, run.Failure.Status, run.Failure.Error.Name, run.Failure.Error.Message));
        Assert.Equal("1", Text(run.Notebook.Cells[1]));
        Assert.Equal("error", run.Notebook.Cells[2].Outputs[0]["output_type"]!.ToString());
        // What an earlier run left in cells that did not run now is gone.
        Assert.Empty(run.Notebook.Cells[3].Outputs);
        Assert.Null(run.Notebook.Cells[3].ExecutionCount);
    }

    [Fact]
    public async Task RunAsync_Tags_SkipAndTolerateErrors()
    {
        var run = await Run(new Notebook([Code("throw new Exception();", "raises-exception"), Code("throw new Exception();", "skip-execution"), Code("3")]));
        Assert.Null(run.Failure);
        Assert.Equal("3", Text(run.Notebook.Cells[2]));
    }

    [Fact]
    public async Task RunAsync_UpdatedDisplay_ChangesWhereverItIsShown()
    {
        var run = await Run(new Notebook([Code("var handle = display(\"first\");"), Code("handle.Update(\"second\");")]));
        Assert.Equal("second", Text(run.Notebook.Cells[0]));
        Assert.Empty(run.Notebook.Cells[1].Outputs);
    }

    [Fact]
    public async Task RunAsync_ClearOutput_RemovesNowOrBeforeTheNext()
    {
        var run = await Run(new Notebook([Code("display(1); ClearOutput(); display(2);"), Code("display(1); ClearOutput(wait: true);"), Code("display(1); ClearOutput(wait: true); display(2);")]));
        Assert.Equal(["2", "1", "2"], run.Notebook.Cells.Select(Text));
    }

    [Fact]
    public async Task RunAsync_ManyLines_AreOneStream()
    {
        var run = await Run(new Notebook([Code("for (int i = 0; i < 100_000; i++) Console.WriteLine(i);")]));
        string text = Assert.Single(run.Notebook.Cells[0].Outputs)["text"]!.ToString();
        Assert.Equal(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i}\n")), text);
    }

    [Fact]
    public async Task RunAsync_TimesOfAnEarlierRun_AreRemoved()
    {
        var cell = Code("1") with { Metadata = JsonNode.Parse("""{"execution":{"iopub.execute_input":"2026-01-01T00:00:00Z"},"mine":1}""")!.AsObject() };
        Assert.Equal(["mine"], (await Run(new Notebook([cell]))).Notebook.Cells[0].Metadata.Select(m => m.Key));
    }

    [Fact]
    public async Task RunAsync_RecordedNumbers_AreCollectedTheLastOfAName()
    {
        var run = await Run(new Notebook([Code("Record(\"loss\", 2, 0.1, false); Record(\"accuracy\", 0.5, 0, true);"), Code("Record(\"loss\", 1.5, 0.1, false);")]));
        Assert.Equal([("loss", 1.5), ("accuracy", 0.5)], run.Results.Select(r => (r.Name, r.Value)));
        Assert.All(run.Results, r => Assert.Equal("test.ipynb", r.Notebook));
    }

    [Fact]
    public async Task RunAsync_Input_IsAClearError()
    {
        var run = await Run(new Notebook([Code("var name = Console.ReadLine();")]));
        Assert.Contains("make it a parameter", run.Failure!.Error.Message);
    }

    [Fact]
    public async Task RunAsync_Parameters_AreTypedByTheirVariables()
    {
        var run = await Run(new Notebook([
            Code("using LlmLab.Runs;\nint steps = 10; double rate = 1;\nvar name = \"x\";\nvar scale = Scale.Smoke;\nvar picked = Scales.Pick(1L, 2L, 3L);\nTimeSpan? limit = null;", "parameters"),
            Code("$\"{steps} {rate} {name} {scale} {picked} {limit}\""),
        ]), ("steps", "20"), ("rate", "1e-3"), ("name", "a \"b\"\n{c}"), ("scale", "gpu"), ("picked", "7"), ("limit", "00:01:00"));
        Assert.Null(run.Failure);
        Assert.Equal("20 0.001 a \"b\"\n{c} Gpu 7 00:01:00", Text(run.Notebook.Cells[2]));
        Assert.Equal(["injected-parameters"], run.Notebook.Cells[1].Tags);
        Assert.StartsWith("// Parameters\nsteps = 20;\nrate = 0.001d;\n", run.Notebook.Cells[1].Source);
    }

    [Fact]
    public async Task RunAsync_InjectedBefore_IsReplaced()
    {
        var notebook = new Notebook([Code("int n = 1;", "parameters"), Code("n")]);
        var once = await Run(notebook, ("n", "2"));
        var twice = await Run(once.Notebook, ("n", "3"));
        Assert.Equal(3, twice.Notebook.Cells.Count);
        Assert.Equal("3", Text(twice.Notebook.Cells[2]));
        Assert.Equal(once.Notebook.Cells[1].Id, twice.Notebook.Cells[1].Id);
    }

    [Theory]
    [InlineData("m", "1", "test.ipynb has no parameter \"m\": it has n, text, kind, list.")]
    [InlineData("n", "1.5", "the parameter \"n\" is \"1.5\", which is no value of type int.")]
    [InlineData("n", "", "the parameter \"n\" is \"\", which is no value of type int.")]
    [InlineData("kind", "Someday", "the parameter \"kind\" is \"Someday\", which is no DayOfWeek: expected Sunday, Monday")]
    [InlineData("list", "1,2", "the parameter \"list\" is of type List<int>, which cannot be given as text")]
    public async Task RunAsync_BadParameter_OneSentence(string name, string value, string expected)
    {
        var notebook = new Notebook([Code("int n = 1; string text = \"\"; var kind = DayOfWeek.Monday; var list = new List<int>();", "parameters")]);
        Assert.Contains(expected, (await Assert.ThrowsAsync<InvalidInputException>(() => Run(notebook, (name, value)))).Message);
    }

    [Fact]
    public async Task RunAsync_NoParametersCell_OneSentence() =>
        Assert.Contains("it has no code cell with the tag \"parameters\"", (await Assert.ThrowsAsync<InvalidInputException>(() => Run(new Notebook([Code("1")]), ("n", "1")))).Message);

    [Fact]
    public async Task RunAsync_OtherKernel_OneSentenceBeforeAnythingRuns()
    {
        var notebook = new Notebook([Code("1")]) { Metadata = JsonNode.Parse("""{"kernelspec":{"name":"python3","language":"python"}}""")!.AsObject() };
        Assert.Contains("is for the kernel \"python3\" (python): expected a C# notebook", (await Assert.ThrowsAsync<InvalidInputException>(() => Run(notebook))).Message);
    }

    [Fact]
    public async Task RunAsync_UnknownLanguage_NamesTheCellBeforeAnythingRuns()
    {
        var notebook = new Notebook([Code("1"), Code("x") with { Metadata = NotebookCell.LanguageMetadata("cobol") }]);
        Assert.Contains("test.ipynb, cell 2: The cell's language \"cobol\" is unknown here", (await Assert.ThrowsAsync<InvalidInputException>(() => Run(notebook))).Message);
        Assert.Contains("test.ipynb, cell 1: Line 1 of the cell has #!perl", (await Assert.ThrowsAsync<InvalidInputException>(() => Run(new Notebook([Code("#!perl\n1")])))).Message);
    }

    [Fact]
    public async Task RunAsync_Progress_CountsCellsAndTellsWhatTheCellIsAt()
    {
        var reports = new List<ProgressReport>();
        using (Operation.Enter(CancellationToken.None, new Recorder(reports)))
            await Run(new Notebook([Code("// Train the model\nLlmLab.Operation.Current.Report(\"training\", 5, 10, \"steps\");"), Code("2")]));
        Assert.All(reports, r => Assert.Equal(("test.ipynb", 2.0, "cells"), (r.Name, r.Total!.Value, r.Unit)));
        Assert.Equal([0, 0, 1, 2], reports.Select(r => r.Done));
        Assert.Equal("Train the model", reports[0].Detail);
        Assert.Equal("training  50 %  5/10 steps", reports[1].Detail);
    }

    [Fact]
    public async Task RunAsync_Cancelled_InterruptsTheCellAndReturnsWhatRan()
    {
        using var stop = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        await using var session = Sessions.With(new FakeLanguage(async (code, cell) =>
        {
            if (code == "wait")
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, cell.CancellationToken);
            }
            return new CellResult(CellStatus.Ok, Value: code);
        }));
        Task<NotebookRun> running;
        using (Operation.Enter(stop.Token)) running = NotebookRunner.RunAsync(new Notebook([Code("one"), Code("wait"), Code("never")]), session);
        await started.Task;
        stop.Cancel();
        var run = await running;
        Assert.Equal((2, CellStatus.Interrupted), (run.Failure!.Cell, run.Failure.Status));
        Assert.Equal("one", Text(run.Notebook.Cells[0]));
    }

    [Fact]
    public void Write_ThenRead_ResultsFileIsTheSame()
    {
        using var folder = new Documents.TemporaryFolder();
        var file = new ResultsFile("smoke", [new RecordedResult("a.ipynb", "loss", 1.25, 0.1, false)]);
        file.Write(folder.File("results.json"));
        var read = ResultsFile.Read(folder.File("results.json"));
        Assert.Equal(file.Scale, read.Scale);
        Assert.Equal(file.Results, read.Results);
    }

    [Fact]
    public void Without_OneNotebookRunsAgain_KeepsTheOthersOfTheSameScale()
    {
        using var folder = new Documents.TemporaryFolder();
        string path = folder.File("results.json");
        Assert.Empty(ResultsFile.Without(path, "smoke", ["a.ipynb"]).Results);
        new ResultsFile("smoke", [new RecordedResult("a.ipynb", "loss", 1, 0, false), new RecordedResult("b.ipynb", "loss", 2, 0, false)]).Write(path);
        Assert.Equal(["b.ipynb"], ResultsFile.Without(path, "smoke", ["a.ipynb"]).Results.Select(r => r.Notebook));
        Assert.Empty(ResultsFile.Without(path, "laptop", ["a.ipynb"]).Results);
    }

    [Theory]
    [InlineData("{}", "is no file of recorded results")]
    [InlineData("{", "is no file of recorded results")]
    [InlineData(null, "There is no file")]
    public void Read_BrokenResultsFile_OneSentence(string? text, string expected)
    {
        using var folder = new Documents.TemporaryFolder();
        if (text is not null) folder.Write("results.json", text);
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => ResultsFile.Read(folder.File("results.json"))).Message);
    }

    sealed class Recorder(List<ProgressReport> reports) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value)
        {
            lock (reports) reports.Add(value);
        }
    }
}
