using System.Runtime.InteropServices;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>A kernel as a process: signals, the parent's end, the log.</summary>
public static class KernelProcess
{
    /// <summary>
    /// Runs a kernel until a front end shuts it down, SIGTERM comes, or its parent is gone. SIGINT interrupts the running cell and
    /// never ends the kernel. The working directory is left as the front end set it: the notebook's folder.
    /// </summary>
    /// <param name="connectionFile">Path of the connection file.</param>
    /// <param name="createSession">Makes the session.</param>
    /// <exception cref="InvalidInputException">The connection file is missing or malformed, or a port is taken.</exception>
    public static void Run(string connectionFile, Func<INotebookSession> createSession)
    {
        // The session redirects the console to the running cell; the log keeps the real one.
        var error = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardError()) { AutoFlush = true });
        var connection = ConnectionFile.Load(connectionFile);
        // Signals first: a front end that is connected may send one at once.
        JupyterKernel? listening = null;
        bool asksToStop = false;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            listening?.Interrupt();
        });
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Volatile.Write(ref asksToStop, true);
            Volatile.Read(ref listening)?.Stop();
        });
        using var kernel = new JupyterKernel(connection, createSession, sentence => error.WriteLine("llmlab kernel: " + sentence));
        Volatile.Write(ref listening, kernel);
        if (Volatile.Read(ref asksToStop)) kernel.Stop();
        ParentProcess.Watch(kernel.Stop);
        kernel.Completion.GetAwaiter().GetResult();
    }
}
