using System.Globalization;
using System.Runtime.InteropServices;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>Ends the kernel when the front end that started it is gone, so that none is left behind.</summary>
static partial class ParentProcess
{
    static readonly TimeSpan interval = TimeSpan.FromSeconds(1);

    /// <summary>Watches the process that JPY_PARENT_PID names; does nothing where a front end did not set it.</summary>
    /// <param name="ended">Called once, on a thread of its own.</param>
    public static void Watch(Action ended)
    {
        if (!long.TryParse(Environment.GetEnvironmentVariable("JPY_PARENT_PID"), CultureInfo.InvariantCulture, out long parent) || parent <= 1) return;
        new Thread(() =>
        {
            if (OperatingSystem.IsWindows()) WaitForHandle((nint)parent);
            else WaitForOrphaning((int)parent);
            ended();
        })
        { IsBackground = true, Name = "LlmLab parent watch" }.Start();
    }

    // An orphan gets another parent; a parent that a launcher stands between is looked for by its id.
    static void WaitForOrphaning(int parent)
    {
        int first = ParentId();
        while (ParentId() == first && (Kill(parent, 0) == 0 || Marshal.GetLastPInvokeError() != NoSuchProcess)) Thread.Sleep(interval);
    }

    // On Windows the variable holds an inherited handle, which is signalled when the process ends.
    static void WaitForHandle(nint handle)
    {
        using var process = new ManualResetEvent(false) { SafeWaitHandle = new Microsoft.Win32.SafeHandles.SafeWaitHandle(handle, ownsHandle: false) };
        process.WaitOne();
    }

    const int NoSuchProcess = 3;

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int ParentId();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
