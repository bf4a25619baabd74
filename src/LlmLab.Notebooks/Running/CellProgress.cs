using LlmLab.Notebooks.Display;

namespace LlmLab.Notebooks.Running;

/// <summary>Turns a cell's own progress into the notebook's: how many cells are done, and in words what the present one is at.</summary>
sealed class CellProgress(IProgress<ProgressReport>? outer, string notebook, int total) : IProgress<ProgressReport>
{
    readonly Lock gate = new();
    readonly Dictionary<string, ProgressRate> rates = [];
    int done;
    string cell = "";

    /// <summary>A cell begins.</summary>
    public void Begin(int cellsDone, string source)
    {
        lock (gate)
        {
            (done, cell) = (cellsDone, Heading(source));
            rates.Clear();
        }
        Send(cell);
    }

    /// <summary>All cells ran, or no more will.</summary>
    public void End(int cellsDone)
    {
        lock (gate) done = cellsDone;
        Send(null);
    }

    public void Report(ProgressReport value)
    {
        string line;
        lock (gate)
        {
            if (!rates.TryGetValue(value.Name, out var rate)) rates[value.Name] = rate = new ProgressRate(TimeProvider.System);
            line = ProgressLine.Format(value, rate.Observe(value), withBar: false);
        }
        Send(line);
    }

    void Send(string? detail) => outer?.Report(new ProgressReport(notebook, done, total, "cells", detail));

    // The first line that says something: a comment's text or code.
    static string Heading(string source)
    {
        const int longest = 60;
        string line = source.Split('\n').Select(l => l.Trim().TrimStart('/', ' ')).FirstOrDefault(l => l.Length > 0 && !l.StartsWith("#", StringComparison.Ordinal)) ?? "";
        return line.Length <= longest ? line : string.Concat(line.AsSpan(0, longest - 1), "…");
    }
}
