namespace LlmLab.Cli.Tests;

/// <summary>The real program: a kernel is installed, listed and removed, and bad connection files are refused.</summary>
public sealed class KernelCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-kernel-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Kernel_InstallListUninstall_LeaveNothing()
    {
        Assert.Equal(0, (await LlmLabProcess.RunAsync(folder, "kernel", "install", "--user")).Code);
        Assert.Equal(0, (await LlmLabProcess.RunAsync(folder, "kernel", "install", "--name", ".net-csharp")).Code);
        string list = (await LlmLabProcess.RunAsync(folder, "kernel", "list")).Output;
        Assert.Contains(Path.Combine(folder, "jupyter", "kernels", "llmlab"), list);
        Assert.Contains(".net-csharp", list);
        Assert.Equal(0, (await LlmLabProcess.RunAsync(folder, "kernel", "uninstall")).Code);
        Assert.Equal(0, (await LlmLabProcess.RunAsync(folder, "kernel", "uninstall", "--name", ".net-csharp")).Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(folder, "jupyter", "kernels")));
    }

    [Theory]
    [InlineData("kernel", "uninstall")]
    [InlineData("kernel", "install", "--user", "--prefix", "x")]
    [InlineData("kernel", "install", "--name", "a/b")]
    [InlineData("kernel", "run", "--connection-file", "absent.json")]
    [InlineData("kernel", "run")]
    [InlineData("guide", "--scale", "huge")]
    [InlineData("guide", "--only", "99")]
    [InlineData("guide", "-p", "nonsense")]
    [InlineData("results", "--update", "absent.md")]
    public async Task BadInput_IsOneSentenceAndExit2(params string[] arguments)
    {
        var (code, _, error) = await LlmLabProcess.RunAsync(folder, arguments);
        Assert.True(code == 2, $"exit {code}: {error}");
        Assert.Single(error.Trim().Split('\n'));
    }
}
