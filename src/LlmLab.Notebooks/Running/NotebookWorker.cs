using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LlmLab.Notebooks.Documents;

namespace LlmLab.Notebooks.Running;

/// <summary>The child's side of <see cref="NotebookProcess"/>: a hidden command of the command line calls it.</summary>
public static class NotebookWorker
{
    /// <summary>Reads the request from standard input, runs the notebook in the current folder, writes it, and reports on standard output.</summary>
    /// <param name="createSession">Makes the session.</param>
    public static async Task RunAsync(Func<NotebookSession> createSession)
    {
        // Taken before the session routes the console to its cells.
        var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        // Ctrl+C reaches the whole process group; the parent decides and ends the input.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var stop = new CancellationTokenSource();
        var request = JsonSerializer.Deserialize<WorkerRequest>(await input.ReadLineAsync() ?? "null", WorkerProtocol.Json)
            ?? throw new InvalidInputException("This command is for `llmlab run`, which gives it its work on standard input.");
        _ = input.ReadToEndAsync().ContinueWith(_ => stop.Cancel(), TaskScheduler.Default);
        try
        {
            await using var session = createSession();
            using var operation = Operation.Enter(stop.Token, new Progress(output));
            var run = await NotebookRunner.RunAsync(NotebookFile.Read(request.Notebook), session, new NotebookRunOptions
            {
                Parameters = request.Parameters,
                TimeLimit = request.TimeLimitSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Name = Path.GetFileName(request.Notebook),
            });
            NotebookFile.Write(request.Output, run.Notebook);
            Send(output, new WorkerEnd(run.Failure, run.CellsRun, run.Elapsed.TotalSeconds));
        }
        catch (InvalidInputException e)
        {
            Send(output, new WorkerRefusal(e.Message));
        }
    }

    static void Send(TextWriter output, WorkerMessage message)
    {
        lock (output) output.Write($"{WorkerProtocol.RecordSeparator}{JsonSerializer.Serialize(message, WorkerProtocol.Json)}\n");
    }

    // Twenty times a second is enough for any bar.
    sealed class Progress(TextWriter output) : IProgress<ProgressReport>
    {
        static readonly TimeSpan interval = TimeSpan.FromMilliseconds(50);
        readonly Lock gate = new();
        long sentAt;
        double done = double.NaN;

        public void Report(ProgressReport value)
        {
            lock (gate)
            {
                if (value.Done == done && TimeProvider.System.GetElapsedTime(sentAt) < interval) return;
                (sentAt, done) = (TimeProvider.System.GetTimestamp(), value.Done);
            }
            Send(output, new WorkerProgress(value));
        }
    }
}
