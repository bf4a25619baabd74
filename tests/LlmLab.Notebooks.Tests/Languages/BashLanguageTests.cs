namespace LlmLab.Notebooks.Tests.Languages;

public sealed class BashLanguageTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-bash").FullName;

    public BashLanguageTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "bash cells are tested on Linux");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task ExecuteAsync_BothStreams_ArriveApart()
    {
        await using var session = Sessions.Echo(folder);
        var host = new RecordingHost();
        var result = await session.ExecuteAsync("#!bash\npwd\necho wörld\necho wrong >&2", null, host);
        Assert.Equal(CellStatus.Ok, result.Status);
        Assert.Equal($"{folder}\nwörld\n", host.Text());
        Assert.Equal("wrong\n", host.Text(isError: true));
    }

    [Fact]
    public async Task ExecuteAsync_ExitCode_FailsTheCell()
    {
        await using var session = Sessions.Echo(folder);
        var host = new RecordingHost();
        var result = await session.ExecuteAsync("#!bash\necho before\nexit 3", null, host);
        Assert.Equal(CellStatus.Error, result.Status);
        Assert.Equal("before\n", host.Text());
        Assert.Contains("exit code 3", result.Error!.Message);
    }

    [Fact]
    public async Task Interrupt_ShellWithChildren_EndsThemAll()
    {
        await using var session = Sessions.Echo(folder);
        var host = new RecordingHost();
        // The child ignores the interrupt, and its own child says who it is.
        var run = session.ExecuteAsync("#!bash\n(trap '' INT; sleep 1000 & echo $!; wait)", null, host);
        while (!host.Text().Contains('\n')) await Task.Delay(10, TestContext.Current.CancellationToken);
        session.Interrupt();
        Assert.Equal(CellStatus.Interrupted, (await run).Status);
        int child = int.Parse(host.Text().Trim());
        for (int i = 0; i < 500 && IsAlive(child); i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.False(IsAlive(child));
    }

    [Fact]
    public async Task ExecuteAsync_ReadsInput_EndsInsteadOfHanging()
    {
        await using var session = Sessions.Echo(folder);
        var result = await session.ExecuteAsync("#!bash\nread line", null, new RecordingHost(), timeLimit: TimeSpan.FromSeconds(20));
        Assert.Equal("ExitCode", result.Error!.Name);
    }

    [Fact]
    public async Task ExecuteAsync_FolderIsGone_OneSentence()
    {
        await using var session = Sessions.Echo(Path.Combine(folder, "gone"));
        var result = await session.ExecuteAsync("#!bash\nls", null, new RecordingHost());
        Assert.Equal("InvalidInput", result.Error!.Name);
        Assert.Contains("does not exist", result.Error.Message);
    }

    // A killed process that nobody waits for stays as a zombie, state Z.
    static bool IsAlive(int process)
    {
        string file = $"/proc/{process}/stat";
        return File.Exists(file) && !File.ReadAllText(file).Contains(") Z ");
    }
}
