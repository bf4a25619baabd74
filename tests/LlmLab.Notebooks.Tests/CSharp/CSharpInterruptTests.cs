namespace LlmLab.Notebooks.Tests.CSharp;

public sealed class CSharpInterruptTests
{
    public static TheoryData<string> Endless => new()
    {
        "while (true) { }",
        "while (true);",
        "await Task.Delay(1); while (true) { }",
        "var list = new List<int>(); while (true) { list.Add(1); if (list.Count > 1000000) list.Clear(); }",
        "for (var i = 0; ; i++) i--;",
        "int F(int n) { try { return n > 50 ? n : F(n + 1) + F(n + 1); } finally { } } F(0)",
        "Thread.Sleep(-1);",
        "Task.Delay(-1).Wait();",
        "await Task.Delay(-1);",
        "await new TaskCompletionSource().Task;",
        "new ManualResetEventSlim().Wait();",
        "var o = new object(); lock (o) Monitor.Wait(o);",
        "again: goto again;",
        "while (true) { try { Thread.Sleep(10); } catch { } }",
        "Parallel.For(0, 8, i => { while (true) { } });",
        "Enumerable.Range(0, int.MaxValue).Select(n => (long)n * 2).Where(n => n < 0).SelectMany(n => Enumerable.Range(0, int.MaxValue)).Count()",
        "while (true) LlmLab.Operation.Current.CancellationToken.WaitHandle.WaitOne();",
        "async Task F() { while (true) await Task.Yield(); } await F();",
    };

    [Theory]
    [MemberData(nameof(Endless))]
    public async Task Interrupt_OfAnEndlessCell_EndsItAndKeepsTheSession(string code)
    {
        await using var session = new Cells();
        await session.Values("var before = 1;");
        using var cancellation = new CancellationTokenSource();
        var running = session.Run("var during = 2; before = 3; Console.WriteLine(\"started\");\n" + code, cancellation.Token);
        while (!session.Text.Contains("started", StringComparison.Ordinal) && !running.IsCompleted) await Task.Delay(5);
        await Task.Delay(30);
        Assert.False(running.IsCompleted, string.Join('\n', session.Outputs.OfType<ErrorOutput>().SelectMany(error => error.Traceback)));

        cancellation.Cancel();
        var result = await running.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(CellStatus.Interrupted, result.Status);
        Assert.Equal("KeyboardInterrupt", result.Error!.Name);
        Assert.DoesNotContain("background", result.Error.Message);
        Assert.Equal(5, await session.Values("before + during"));
    }
}
