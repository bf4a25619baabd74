using System.Globalization;
using System.Text;

namespace LlmLab.Notebooks.Display;

/// <summary>
/// How far a piece of work is, in one line: <c>training  45 % |████▌     | 900/2,000 steps  70/s  0:16 left  loss 1.93</c>.
/// A pure function of its arguments, for notebooks and terminals alike.
/// </summary>
public static class ProgressLine
{
    const int BarWidth = 10;
    static readonly string[] eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

    /// <summary>The line.</summary>
    /// <param name="report">The newest report.</param>
    /// <param name="unitsPerSecond">The rate so far, or null where it is not known yet.</param>
    /// <param name="withBar">Whether to draw the bar; plain lines in a log do without.</param>
    public static string Format(ProgressReport report, double? unitsPerSecond, bool withBar = true)
    {
        var line = new StringBuilder(report.Name);
        if (Fraction(report) is { } fraction)
        {
            line.Append("  ").Append(Math.Floor(fraction * 100).ToString(CultureInfo.InvariantCulture)).Append(" %");
            if (withBar) line.Append(" |").Append(Bar(fraction)).Append('|');
        }
        return line.Append(withBar && Fraction(report) is not null ? " " : "  ").Append(Facts(report, unitsPerSecond)).ToString();
    }

    /// <summary>The part after the bar: "900/2,000 steps  70/s  0:16 left  loss 1.93".</summary>
    public static string Facts(ProgressReport report, double? unitsPerSecond)
    {
        var facts = new List<string> { Count(report) };
        if (unitsPerSecond is > 0 and { } rate && double.IsFinite(rate))
        {
            facts.Add(report.Unit == "bytes" ? Bytes(rate) + "/s" : Scalars.Short(Math.Round(rate, rate < 10 ? 1 : 0)) is "0" ? $"{Scalars.Short(rate)}/s" : $"{Grouped(Math.Round(rate, rate < 10 ? 1 : 0))}/s");
            if (report.Total is { } total && report.Done < total) facts.Add(Duration(TimeSpan.FromSeconds((total - report.Done) / rate)) + " left");
        }
        if (!string.IsNullOrEmpty(report.Detail)) facts.Add(report.Detail);
        return string.Join("  ", facts);
    }

    /// <summary>How much is done, between 0 and 1, or null where the total is not known.</summary>
    public static double? Fraction(ProgressReport report) =>
        report.Total is > 0 and { } total ? Math.Clamp(report.Done / total, 0, 1) : null;

    /// <summary>0:16, 12:03, 1:02:03.</summary>
    public static string Duration(TimeSpan time)
    {
        time = TimeSpan.FromSeconds(Math.Round(Math.Min(time.TotalSeconds, TimeSpan.FromDays(999).TotalSeconds)));
        return time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");
    }

    static string Bar(double fraction)
    {
        int filled = (int)Math.Floor(fraction * BarWidth * 8);
        return (new string('█', filled / 8) + eighths[filled % 8]).PadRight(BarWidth);
    }

    static string Count(ProgressReport report)
    {
        if (report.Unit == "bytes") return report.Total is { } bytes ? $"{Bytes(report.Done)} of {Bytes(bytes)}" : Bytes(report.Done);
        return report.Total is { } total ? $"{Grouped(report.Done)}/{Grouped(total)} {report.Unit}" : $"{Grouped(report.Done)} {report.Unit}";
    }

    static string Bytes(double bytes) => bytes switch
    {
        < 1e3 => $"{Grouped(bytes)} B",
        < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.#} kB"),
        < 1e9 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.##} GB"),
    };

    static string Grouped(double number) => number.ToString("#,0.##", CultureInfo.InvariantCulture);
}

/// <summary>Measures the rate of one piece of work from its reports.</summary>
public sealed class ProgressRate(TimeProvider clock)
{
    long start;
    double startDone;
    double lastDone = double.NaN;

    /// <summary>Takes a report and gives the rate since the first one, in units a second; null until two differ.</summary>
    public double? Observe(ProgressReport report)
    {
        // Work that starts anew under the same name is measured anew.
        if (double.IsNaN(lastDone) || report.Done < lastDone)
        {
            start = clock.GetTimestamp();
            startDone = report.Done;
        }
        lastDone = report.Done;
        double seconds = clock.GetElapsedTime(start).TotalSeconds;
        return report.Done > startDone && seconds > 0 ? (report.Done - startDone) / seconds : null;
    }
}
