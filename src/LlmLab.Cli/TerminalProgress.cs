using System.Diagnostics;
using System.Globalization;

namespace LlmLab.Cli;

/// <summary>
/// Progress on standard error: one line that is redrawn on a terminal; elsewhere (a log, a pipe) a plain line at each tenth of the
/// work, at least five seconds apart, and at its end.
/// </summary>
sealed class TerminalProgress : IProgress<ProgressReport>, IDisposable
{
    static readonly TimeSpan redraw = TimeSpan.FromMilliseconds(100), plainLine = TimeSpan.FromSeconds(5);

    readonly Lock gate = new();
    readonly bool isTerminal = !Console.IsErrorRedirected;
    readonly Stopwatch clock = new();
    ProgressReport? last;
    ProgressReport? shown;
    double first;
    TimeSpan lastShown;
    int width;

    public void Report(ProgressReport report)
    {
        lock (gate)
        {
            if (last is null || last.Name != report.Name || report.Done < last.Done)
            {
                EndLine();
                clock.Restart();
                first = report.Done;
                lastShown = TimeSpan.MinValue;
            }
            last = report;
            bool ended = report.Total is { } total && report.Done >= total;
            var since = lastShown == TimeSpan.MinValue ? TimeSpan.MaxValue : clock.Elapsed - lastShown;
            if (since < (isTerminal ? redraw : plainLine) && !ended) return;
            Show(report);
        }
    }

    /// <summary>Shows the last state and ends the line.</summary>
    public void Finish()
    {
        lock (gate) EndLine();
    }

    public void Dispose() => Finish();

    void Show(ProgressReport report)
    {
        lastShown = clock.Elapsed;
        shown = report;
        string line = Line(report, first, clock.Elapsed);
        if (isTerminal)
        {
            Console.Error.Write('\r' + line.PadRight(width));
            width = line.Length;
        }
        else
        {
            Console.Error.WriteLine(line);
        }
    }

    void EndLine()
    {
        if (last is null) return;
        if (!ReferenceEquals(last, shown)) Show(last);
        if (isTerminal) Console.Error.WriteLine();
        last = shown = null;
        width = 0;
    }

    /// <summary>"training  45 %  900/2,000 steps  70/s  0:16 left  loss 1.93"</summary>
    internal static string Line(ProgressReport report, double first, TimeSpan elapsed)
    {
        var invariant = CultureInfo.InvariantCulture;
        double rate = elapsed.TotalSeconds > 0 ? (report.Done - first) / elapsed.TotalSeconds : 0;
        var parts = new List<string> { report.Name };
        if (report.Total is { } total and > 0)
        {
            parts.Add(string.Create(invariant, $"{100 * report.Done / total,3:0} %"));
            parts.Add(string.Create(invariant, $"{report.Done:#,0}/{total:#,0} {report.Unit}"));
        }
        else
        {
            parts.Add(string.Create(invariant, $"{report.Done:#,0} {report.Unit}"));
        }
        if (rate > 0)
        {
            parts.Add(string.Create(invariant, $"{rate:#,0.##}/s"));
            if (report.Total is { } all && report.Done < all) parts.Add(Duration((all - report.Done) / rate) + " left");
        }
        if (report.Detail is { Length: > 0 } detail) parts.Add(detail);
        return string.Join("  ", parts);
    }

    static string Duration(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Ceiling(Math.Min(seconds, 359_999)));
        return time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}" : $"{time.Minutes}:{time.Seconds:00}";
    }
}
