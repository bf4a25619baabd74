namespace LlmLab.Notebooks.Tests;

/// <summary>The session with its real C#: what a notebook's reader sees.</summary>
public sealed class CSharpSessionTests : IAsyncLifetime
{
    readonly NotebookSession session = NotebookSession.Create();
    readonly RecordingHost host = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => session.DisposeAsync();

    async Task<CellResult> Run(string code) => await session.ExecuteAsync(code, null, host);

    [Fact]
    public async Task ExecuteAsync_TrailingRecord_IsATable()
    {
        await Run("record Point(int X, double Y);");
        await Run("new Point(1, 2.5)");
        Assert.Equal("Point\nX  1\nY  2.5", Assert.IsType<ResultOutput>(Assert.Single(host.Outputs)).Bundle.Plain());
    }

    [Fact]
    public async Task ExecuteAsync_CellFunctions_NeedNoPrefix()
    {
        await Run("var handle = 1.Display(); handle.Update(2); display(\"<b>x</b>\", \"text/html\"); Record(\"loss\", 1.5, 0.1, false); ClearOutput();");
        Assert.Equal(["DisplayOutput", "UpdateDisplayOutput", "DisplayOutput", "DisplayOutput", "ClearOutput"], host.Outputs.Select(o => o.GetType().Name));
    }

    [Fact]
    public async Task ExecuteAsync_RegisteredFormatter_HoldsInLaterCells()
    {
        await Run("class Box { public int Size = 3; }\nFormatter.Register<Box>(\"text/plain\", b => $\"box of {b.Size}\");");
        await Run("new Box()");
        Assert.Equal("box of 3", Assert.IsType<ResultOutput>(Assert.Single(host.Outputs)).Bundle.Plain());
    }

    [Fact]
    public async Task ExecuteAsync_ErrorInALaterPart_NamesTheCellsOwnLine()
    {
        var result = await Run("#!html\n<b>x</b>\n#!csharp\nint a = 1;\nundefined();");
        Assert.Equal("CompilationError", result.Error!.Name);
        Assert.Contains("5", string.Join('\n', result.Error.Traceback));
    }

    [Fact]
    public async Task Display_CaughtException_ShowsTheCellsLinesOnly()
    {
        await Run("int Half(int x) => x % 2 == 0 ? x / 2 : throw new ArgumentException($\"{x} is odd\");\ntry { Half(3); } catch (Exception e) { e.Display(); }");
        Assert.Equal("ArgumentException: 3 is odd\n   at Cell 1, line 1\n   at Cell 1, line 2", Assert.IsType<DisplayOutput>(Assert.Single(host.Outputs)).Bundle.Plain());
    }

    [Fact]
    public async Task ExecuteAsync_AnonymousTypes_AreTablesWithoutAName()
    {
        await Run("new { Loss = 1.5, Name = \"x\" }");
        Assert.Equal("Loss  1.5\nName  x", ((ResultOutput)host.Outputs[^1]).Bundle.Plain());
        await Run("new[] { new { A = 1 }, new { A = 22 } }");
        Assert.Equal(" A\n--\n 1\n22", ((ResultOutput)host.Outputs[^1]).Bundle.Plain());
    }

    [Fact]
    public async Task ExecuteAsync_TimeLimit_EndsALoopAndVariablesLiveOn()
    {
        await Run("int kept = 7;");
        var result = await session.ExecuteAsync("while (true) { }", null, host, timeLimit: TimeSpan.FromSeconds(1));
        Assert.Equal("TimeLimit", result.Error!.Name);
        await Run("kept");
        Assert.Equal("7", ((ResultOutput)host.Outputs[^1]).Bundle.Plain());
    }

    [Fact]
    public async Task ExecuteAsync_EndlessLazyValue_IsShownInPart()
    {
        await Run("IEnumerable<int> Count() { int i = 0; while (true) yield return i++; }\nCount()");
        Assert.Contains("… and more", ((ResultOutput)host.Outputs[^1]).Bundle.Plain());
    }

    [Fact]
    public async Task Interrupt_ValueThatTakesForEverToShow_EndsIt()
    {
        var run = Run("Console.WriteLine(\"on\");\nEnumerable.Repeat(0, int.MaxValue).Select(i => { while (true) { } return 1; })");
        while (host.Text().Length == 0) await Task.Delay(5, TestContext.Current.CancellationToken);
        session.Interrupt();
        Assert.Equal(CellStatus.Interrupted, (await run).Status);
    }

    [Fact]
    public async Task EvaluateAsync_Expression_SeesVariables()
    {
        await Run("int x = 20;");
        Assert.Equal("42", (await session.EvaluateAsync("x + 22")).Value!.Plain());
        Assert.NotNull((await session.EvaluateAsync("nothing")).Error);
    }
}
