using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace LlmLab.Notebooks.Languages;

/// <summary>
/// <c>#!bash</c>: a shell in the notebook's folder. Its output streams while it runs, an exit code other than 0 fails the cell, an
/// interrupt ends the shell with everything it started.
/// </summary>
/// <param name="folder">Where it runs; null means the current folder.</param>
sealed partial class BashLanguage(string? folder) : ILanguage
{
    const int Interrupted = 2, Killed = 9;
    static readonly TimeSpan graceAfterInterrupt = TimeSpan.FromMilliseconds(300);
    static readonly TimeSpan graceAfterExit = TimeSpan.FromMilliseconds(500);

    public string Name => "bash";

    public IReadOnlyList<string> Aliases => ["sh"];

    public async Task<CellResult> ExecuteAsync(string code, CellContext context)
    {
        using var shell = Start(code);
        shell.StandardInput.Close();
        var streams = Task.WhenAll(Copy(shell.StandardOutput, false, context), Copy(shell.StandardError, true, context));
        try
        {
            await shell.WaitForExitAsync(context.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            await Stop(shell);
            var interrupt = new ErrorOutput("KeyboardInterrupt", "The shell was interrupted.", ["The shell was interrupted."]);
            context.Publish(interrupt);
            return new CellResult(CellStatus.Interrupted, interrupt);
        }
        // A process left in the background keeps the streams open; the cell doesn't wait for it.
        await Task.WhenAny(streams, Task.Delay(graceAfterExit));
        if (shell.ExitCode == 0) return new CellResult(CellStatus.Ok);
        string message = $"bash ended with exit code {shell.ExitCode}.";
        var error = new ErrorOutput("ExitCode", message, [message]);
        context.Publish(error);
        return new CellResult(CellStatus.Error, error);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <exception cref="InvalidInputException">No bash on this machine, or the folder is gone.</exception>
    Process Start(string code)
    {
        string directory = folder ?? Environment.CurrentDirectory;
        if (!Directory.Exists(directory)) throw new InvalidInputException($"The notebook's folder {directory} does not exist: bash has nowhere to run.");
        // A session of its own makes the shell the leader of a process group, so that an interrupt reaches all it started.
        var start = new ProcessStartInfo
        {
            FileName = OperatingSystem.IsLinux() ? "setsid" : "bash",
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        if (OperatingSystem.IsLinux()) start.ArgumentList.Add("bash");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(code.Replace("\r\n", "\n", StringComparison.Ordinal));
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidInputException($"{start.FileName} cannot be started ({e.Message}): #!bash needs it on the PATH.", e);
        }
    }

    static async Task Copy(StreamReader reader, bool isError, CellContext context)
    {
        var buffer = new char[4096];
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0) context.Publish(new StreamOutput(isError, new string(buffer, 0, count)));
    }

    static async Task Stop(Process shell)
    {
        if (!OperatingSystem.IsLinux())
        {
            shell.Kill(entireProcessTree: true);
            return;
        }
        _ = Kill(-shell.Id, Interrupted);
        using var patience = new CancellationTokenSource(graceAfterInterrupt);
        try
        {
            await shell.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // It ignores the interrupt.
        }
        _ = Kill(-shell.Id, Killed);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
