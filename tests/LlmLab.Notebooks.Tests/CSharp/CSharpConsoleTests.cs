namespace LlmLab.Notebooks.Tests.CSharp;

public sealed class CSharpConsoleTests
{
    [Fact]
    public async Task Console_AThousandLines_ArriveCompleteAndInOrder()
    {
        await using var session = new Cells();
        await session.Values("for (var i = 0; i < 1000; i++) Console.WriteLine(i);");
        Assert.Equal(string.Concat(Enumerable.Range(0, 1000).Select(i => i + "\n")), session.Text);
    }

    [Fact]
    public async Task Console_OutAndError_KeepTheirOrder()
    {
        await using var session = new Cells();
        await session.Values("Console.Write(1); Console.Error.Write(2); Console.Write(3); Console.Write(4);");
        Assert.Equal([new StreamOutput(false, "1"), new StreamOutput(true, "2"), new StreamOutput(false, "34")], session.Outputs);
    }

    [Fact]
    public async Task Console_FromOtherThreads_LandsInTheCellThatStartedThem()
    {
        await using var first = new Cells();
        await using var second = new Cells();
        await first.Values("var go = new ManualResetEventSlim(); var t = new Thread(() => { go.Wait(); Console.WriteLine(\"thread\"); }); t.Start(); var u = Task.Run(() => { go.Wait(); Console.WriteLine(\"task\"); });");
        await second.Values("Console.WriteLine(\"second\");");
        await first.Values("go.Set(); t.Join(); await u; Parallel.For(0, 10, i => Console.WriteLine(\"loop\"));");
        Assert.Equal("second\n", second.Text);
        Assert.Equal(12, first.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Console_ReadLine_AsksTheFrontEnd()
    {
        await using var session = new Cells();
        session.Type("typed");
        Assert.Equal("typed", await session.Values("Console.ReadLine()"));
        Assert.Equal("InvalidInput", (await session.Error("Console.ReadLine()")).Name);
    }
}
