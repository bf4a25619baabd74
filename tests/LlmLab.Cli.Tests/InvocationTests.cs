using System.CommandLine;
using System.CommandLine.Help;

namespace LlmLab.Cli.Tests;

public sealed class InvocationTests
{
    static Command Root(Action<Invocation>? body = null, int code = 0)
    {
        var verb = new Command("verb");
        Invocation.SetAction(verb, invocation =>
        {
            body?.Invoke(invocation);
            return code;
        });
        return new Command("llmlab") { verb, new HelpOption(), Invocation.JsonOption };
    }

    [Fact]
    public async Task RunAsync_UnknownVerb_Returns2() => Assert.Equal(2, await Invocation.RunAsync(Root(), ["frob"]));

    [Fact]
    public async Task RunAsync_InvalidInput_Returns2() =>
        Assert.Equal(2, await Invocation.RunAsync(Root(_ => throw new InvalidInputException("no")), ["verb"]));

    [Fact]
    public async Task RunAsync_Cancelled_Returns130() =>
        Assert.Equal(130, await Invocation.RunAsync(Root(_ => throw new OperationCanceledException()), ["verb"]));

    [Fact]
    public async Task RunAsync_FailedCheck_ReturnsItsCode() => Assert.Equal(1, await Invocation.RunAsync(Root(code: 1), ["verb"]));

    [Fact]
    public async Task RunAsync_Bug_IsNotHidden() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Invocation.RunAsync(Root(_ => throw new InvalidOperationException("bug")), ["verb"]));

    [Fact]
    public async Task SetAction_LibraryCall_SeesAnOperationWithProgress()
    {
        IProgress<ProgressReport>? seen = null;
        await Invocation.RunAsync(Root(_ => seen = Operation.Current.Progress), ["verb"]);
        Assert.NotNull(seen);
    }

    [Fact]
    public void Line_KnownTotal_HasShareRateAndTimeLeft() =>
        Assert.Equal("training   45 %  900/2,000 steps  70/s  0:16 left  loss 1.93",
            TerminalProgress.Line(new ProgressReport("training", 900, 2000, "steps", "loss 1.93"), 200, TimeSpan.FromSeconds(10)));
}
