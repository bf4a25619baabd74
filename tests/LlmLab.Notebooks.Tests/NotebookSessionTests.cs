using LlmLab.Notebooks.Display;

namespace LlmLab.Notebooks.Tests;

public sealed class NotebookSessionTests
{
    [Fact]
    public async Task ExecuteAsync_TrailingValue_IsPublishedAsResult()
    {
        await using var session = Sessions.With(FakeLanguage.Returning((_, _) => 42));
        var host = new RecordingHost();
        var result = await session.ExecuteAsync("6 * 7", null, host);
        Assert.Equal(CellStatus.Ok, result.Status);
        Assert.Equal("42", Assert.IsType<ResultOutput>(Assert.Single(host.Outputs)).Bundle.Plain());
    }

    [Fact]
    public async Task ExecuteAsync_Silent_ShowsNothingAndStillReturnsTheValue()
    {
        await using var session = Sessions.With(FakeLanguage.Returning((_, _) => 42));
        var host = new RecordingHost();
        var result = await session.ExecuteAsync("6 * 7", null, host, silent: true);
        Assert.Equal(42, result.Value);
        Assert.Empty(host.Outputs);
    }

    [Fact]
    public async Task ExecuteAsync_PartsInSeveralLanguages_RunInOrderWithTheCellsOwnLineNumbers()
    {
        var main = FakeLanguage.Returning((code, _) => code.Trim());
        await using var session = Sessions.With(main);
        var host = new RecordingHost();
        await session.ExecuteAsync("first\n#!markdown\n**bold**\n#!c#\nsecond", null, host);
        Assert.Equal("first", ((ResultOutput)host.Outputs[0]).Bundle.Plain());
        Assert.Equal("<p><strong>bold</strong></p>", ((DisplayOutput)host.Outputs[1]).Bundle.Html());
        Assert.Equal("second", ((ResultOutput)host.Outputs[2]).Bundle.Plain());
        // "second" stands on the cell's fifth line, and on the fifth of what C# is given.
        Assert.Equal(["first\n", "\n\n\n\nsecond"], main.Ran);
    }

    [Fact]
    public async Task ExecuteAsync_ErrorInOnePart_StopsTheCell()
    {
        var error = new ErrorOutput("Broken", "broken", []);
        await using var session = Sessions.With(new FakeLanguage((_, _) => Task.FromResult(new CellResult(CellStatus.Error, error))));
        var host = new RecordingHost();
        var result = await session.ExecuteAsync("x\n#!html\n<b>never</b>", null, host);
        Assert.Equal(CellStatus.Error, result.Status);
        Assert.Empty(host.Outputs);
    }

    [Fact]
    public async Task ExecuteAsync_CellLanguageFromMetadata_StartsThere()
    {
        await using var session = Sessions.Echo();
        var host = new RecordingHost();
        await session.ExecuteAsync("<b>x</b>", "html", host);
        Assert.Equal("<b>x</b>", ((DisplayOutput)host.Outputs[0]).Bundle.Html());
    }

    [Theory]
    [InlineData("#!perl\nprint 1", null, "#!perl, which is unknown here: known are #!time, #!who, #!whos, #!csharp, #!markdown, #!html, #!javascript, #!svg, #!mermaid, #!bash.")]
    [InlineData("1", "cobol", "language \"cobol\" is unknown here: known are csharp, markdown")]
    [InlineData("#!bash ls -l", null, "Line 1 of the cell has \"ls -l\" after #!bash")]
    public async Task ExecuteAsync_UnknownLanguageOrWords_OneSentence(string code, string? language, string expected)
    {
        await using var session = Sessions.Echo();
        var host = new RecordingHost();
        var result = await session.ExecuteAsync(code, language, host);
        Assert.Equal(CellStatus.Error, result.Status);
        var error = Assert.IsType<ErrorOutput>(Assert.Single(host.Outputs));
        Assert.Equal("InvalidInput", error.Name);
        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task ExecuteAsync_ScriptsFirstLine_IsNoLanguage()
    {
        await using var session = Sessions.Echo();
        var host = new RecordingHost();
        await session.ExecuteAsync("#!bash\n#!/bin/bash\necho ok", null, host);
        Assert.Equal("ok\n", host.Text());
    }

    [Fact]
    public async Task ExecuteAsync_Time_ShowsWallTimeAfterTheCell()
    {
        await using var session = Sessions.Echo();
        var host = new RecordingHost();
        await session.ExecuteAsync("#!time\nvalue", null, host);
        Assert.Equal("value", ((ResultOutput)host.Outputs[0]).Bundle.Plain());
        Assert.Matches(@"^Wall time: [\d.]+ m?s$", ((DisplayOutput)host.Outputs[1]).Bundle.Plain());
    }

    [Fact]
    public async Task ExecuteAsync_WhoAndWhos_ListVariables()
    {
        await using var session = Sessions.Echo();
        session.SetVariable("width", 128);
        session.SetVariable("name", "<tiny>");
        var host = new RecordingHost();
        await session.ExecuteAsync("#!who\n#!whos", null, host);
        Assert.Equal("name  width", ((DisplayOutput)host.Outputs[0]).Bundle.Plain());
        var table = ((DisplayOutput)host.Outputs[1]).Bundle;
        Assert.Contains("width     int     128", table.Plain());
        Assert.Contains("&lt;tiny&gt;", table.Html());
    }

    [Fact]
    public async Task Interrupt_WaitingCell_EndsIt()
    {
        var started = new TaskCompletionSource();
        await using var session = Sessions.With(new FakeLanguage(async (_, cell) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, cell.CancellationToken);
            return new CellResult(CellStatus.Ok);
        }));
        var host = new RecordingHost();
        var run = session.ExecuteAsync("wait", null, host);
        await started.Task;
        session.Interrupt();
        Assert.Equal(CellStatus.Interrupted, (await run).Status);
        Assert.Equal("KeyboardInterrupt", Assert.IsType<ErrorOutput>(host.Outputs[^1]).Name);
    }

    [Fact]
    public async Task ExecuteAsync_TimeLimit_InterruptsAndSaysWhy()
    {
        await using var session = Sessions.With(new FakeLanguage(async (_, cell) =>
        {
            await Task.Delay(Timeout.Infinite, cell.CancellationToken);
            return new CellResult(CellStatus.Ok);
        }));
        var host = new RecordingHost();
        var result = await session.ExecuteAsync("wait", null, host, timeLimit: TimeSpan.FromMilliseconds(50));
        Assert.Equal("TimeLimit", result.Error!.Name);
        Assert.Equal(result.Error, Assert.Single(host.Outputs), (a, b) => ((ErrorOutput)a!).Message == ((ErrorOutput)b!).Message);
    }

    [Fact]
    public async Task ExecuteAsync_LazyValueThatThrows_IsTheCellsError()
    {
        await using var session = Sessions.With(FakeLanguage.Returning((_, _) => Enumerable.Range(0, 3).Select(i => 1 / (i - 1))));
        var host = new RecordingHost();
        Assert.Equal(CellStatus.Error, (await session.ExecuteAsync("q", null, host)).Status);
        Assert.Equal("DivideByZeroException", Assert.IsType<ErrorOutput>(Assert.Single(host.Outputs)).Name);
    }

    [Fact]
    public async Task ExecuteAsync_RegisteredForm_HoldsForThisSessionOnly()
    {
        await using var session = Sessions.With(FakeLanguage.Returning((_, _) =>
        {
            Formatter.Register<Version>("text/html", v => $"<b>{v}</b>");
            return new Version(1, 2);
        }));
        var host = new RecordingHost();
        await session.ExecuteAsync("v", null, host);
        Assert.Equal("<b>1.2</b>", ((ResultOutput)host.Outputs[0]).Bundle.Html());
        Assert.Equal("1.2", ((ResultOutput)host.Outputs[0]).Bundle.Plain());
        Assert.DoesNotContain("text/html", new Formatter().Format(new Version(1, 2)).Data.Keys);
    }

    [Fact]
    public async Task ExecuteAsync_LibraryProgress_IsOneLiveDisplayWithItsLastState()
    {
        await using var session = Sessions.With(FakeLanguage.Returning((_, _) =>
        {
            for (int i = 1; i <= 2000; i++) Operation.Current.Report("training", i, 2000, "steps");
            return null;
        }));
        var host = new RecordingHost();
        await session.ExecuteAsync("train", null, host);
        var display = Assert.Single(host.Outputs.OfType<DisplayOutput>());
        var updates = host.Outputs.OfType<UpdateDisplayOutput>().ToList();
        Assert.All(updates, u => Assert.Equal(display.DisplayId, u.DisplayId));
        Assert.Contains("2,000/2,000 steps", updates[^1].Bundle.Plain());
        Assert.True(updates.Count < 200);
    }

    [Fact]
    public async Task CompleteAsync_InALaterPart_MapsPositionsToTheCell()
    {
        var main = FakeLanguage.Returning((_, _) => null);
        await using var session = Sessions.With(main);
        const string code = "#!time\nint a;\n#!html\n<b>\n#!csharp\nConsole.Wr";
        var list = await session.CompleteAsync(code, code.Length);
        Assert.Equal("Wr", code[list.Start..list.End]);
        Assert.EndsWith("Console.Wr", main.Asked.Code[..main.Asked.Position]);
        Assert.Equal(5, main.Asked.Code.Count(c => c == '\n'));
    }

    [Fact]
    public async Task CompleteAsync_AfterMarker_ProposesLanguages()
    {
        await using var session = Sessions.Echo();
        var list = await session.CompleteAsync("1\n#!m", 5);
        Assert.Equal(["#!markdown", "#!mermaid"], list.Items.Select(i => i.Text));
        Assert.Equal((2, 5), (list.Start, list.End));
    }

    [Fact]
    public async Task EvaluateAsync_Expression_GivesValueOrError()
    {
        await using var session = Sessions.With(new FakeLanguage((code, _) => code == "1" ? Task.FromResult(new CellResult(CellStatus.Ok, Value: 1)) : Task.FromResult(new CellResult(CellStatus.Error, new ErrorOutput("CompilationError", "no", [])))));
        Assert.Equal("1", (await session.EvaluateAsync("1")).Value!.Plain());
        Assert.Equal("no", (await session.EvaluateAsync("x")).Error!.Message);
    }
}
