using System.Globalization;

namespace LlmLab.Notebooks.Display;

/// <summary>
/// Shows a cell's progress: one live display for each <see cref="ProgressReport.Name"/>, updated at most five times a second, with
/// its last state left standing. The session makes one for each cell. Reports go on to where progress went when this was made.
/// </summary>
public sealed class ProgressDisplay(CellContext cell, TimeProvider? clock = null) : IProgress<ProgressReport>, IDisposable
{
    static readonly TimeSpan interval = TimeSpan.FromMilliseconds(200);

    readonly TimeProvider clock = clock ?? TimeProvider.System;
    readonly IProgress<ProgressReport>? outer = Operation.Current.Progress;
    readonly Dictionary<string, Line> lines = [];
    bool isClosed;

    /// <inheritdoc/>
    public void Report(ProgressReport value)
    {
        outer?.Report(value);
        lock (lines)
        {
            if (isClosed) return;
            if (!lines.TryGetValue(value.Name, out var line)) lines[value.Name] = line = new Line(new ProgressRate(clock));
            line.Rate = line.Meter.Observe(value);
            line.Latest = value;
            line.IsShown = false;
            // Also what another line held back: its work may be over, and its end is then seen before the cell's.
            foreach (var due in lines.Values.Where(l => !l.IsShown && (l.DisplayId is null || clock.GetElapsedTime(l.ShownAt) >= interval))) Show(due);
        }
    }

    /// <summary>Shows each line's last report, without its rate: what stays in the notebook is the same on every run.</summary>
    public void Dispose()
    {
        lock (lines)
        {
            isClosed = true;
            foreach (var line in lines.Values)
            {
                line.Rate = null;
                Show(line);
            }
        }
    }

    void Show(Line line)
    {
        var bundle = Bundle(line.Latest!, line.Rate);
        if (line.DisplayId is { } id) cell.Publish(new UpdateDisplayOutput(bundle, id));
        else cell.Publish(new DisplayOutput(bundle, line.DisplayId = Guid.NewGuid().ToString("N")));
        line.ShownAt = clock.GetTimestamp();
        line.IsShown = true;
    }

    static MimeBundle Bundle(ProgressReport report, double? rate)
    {
        string name = Table.Encode(report.Name), facts = Table.Encode(ProgressLine.Facts(report, rate));
        string bar = ProgressLine.Fraction(report) is { } fraction
            ? string.Create(CultureInfo.InvariantCulture, $"<progress max=\"1\" value=\"{fraction:0.####}\"></progress> {Math.Floor(fraction * 100)} % ")
            : "";
        return Bundles.Html(ProgressLine.Format(report, rate), $"<div style=\"font-variant-numeric:tabular-nums\">{name} {bar}<small>{facts}</small></div>");
    }

    sealed class Line(ProgressRate meter)
    {
        public ProgressRate Meter { get; } = meter;
        public ProgressReport? Latest { get; set; }
        public double? Rate { get; set; }
        public string? DisplayId { get; set; }
        public long ShownAt { get; set; }
        public bool IsShown { get; set; }
    }
}
