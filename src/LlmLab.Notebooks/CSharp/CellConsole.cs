using System.Runtime.ExceptionServices;
using System.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>
/// Routes the process's console to the cell that uses it, by <see cref="CellContext.Current"/>, which flows with tasks, threads and
/// timers: what a cell started prints into that cell, also after its end. Outside cells the console is what it was.
/// </summary>
public static class CellConsole
{
    static readonly Lock gate = new();
    static bool isInstalled;

    /// <summary>Installs the routing once a process; a process has only one console.</summary>
    public static void Install()
    {
        lock (gate)
        {
            if (isInstalled) return;
            isInstalled = true;
            Console.SetOut(new Writer(Console.Out, isError: false));
            Console.SetError(new Writer(Console.Error, isError: true));
            Console.SetIn(new Reader(Console.In));
            ExceptionHandling.SetUnhandledExceptionHandler(Survive);
        }
    }

    /// <summary>An exception on a thread that a cell started is shown in that cell; without this it would end the process and lose the session.</summary>
    static bool Survive(Exception exception)
    {
        if (CellContext.Current is not { } context) return false;
        if (!context.CancellationToken.IsCancellationRequested || exception is not (OperationCanceledException or ThreadInterruptedException))
            context.Publish(new StreamOutput(true, $"Unhandled exception on a thread of the cell: {exception.GetType().Name}: {exception.Message}\n"));
        return true;
    }

    sealed class Writer(TextWriter original, bool isError) : TextWriter
    {
        public override Encoding Encoding => original.Encoding;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

        public override void Write(string? value)
        {
            if (string.IsNullOrEmpty(value)) return;
            if (CellContext.Current is { } context) context.Publish(new StreamOutput(isError, value));
            else original.Write(value);
        }

        // Front ends split lines by line feeds, whatever the system. One write a line keeps lines of several threads whole.
        public override void WriteLine() => Write("\n");

        public override void WriteLine(string? value) => Write(value + "\n");

        public override void WriteLine(char value) => Write(value + "\n");

        public override void WriteLine(ReadOnlySpan<char> buffer) => Write(string.Concat(buffer, "\n"));

        public override void WriteLine(char[] buffer, int index, int count) => Write(new string(buffer, index, count) + "\n");

        public override void WriteLine(object? value) => Write(value + "\n");

        public override void Flush() => original.Flush();
    }

    sealed class Reader(TextReader original) : TextReader
    {
        string rest = "";

        public override string? ReadLine() => CellContext.Current is { } context ? context.Host.ReadLine("", isPassword: false) : original.ReadLine();

        public override int Peek()
        {
            if (CellContext.Current is null) return original.Peek();
            if (rest.Length == 0) rest = ReadLine() + "\n";
            return rest[0];
        }

        public override int Read()
        {
            if (CellContext.Current is null) return original.Read();
            var character = Peek();
            rest = rest[1..];
            return character;
        }
    }
}
