using System.Diagnostics;
using System.Globalization;

namespace LlmLab.Runs;

/// <summary>
/// Energy that the processors take: the machine's own counters where they can be read (Intel's and AMD's RAPL, as Linux shows them in
/// <c>/sys/class/powercap</c>; they count whole processor packages, whatever else runs there), else an assumption of so many watts for
/// each busy core.
/// </summary>
public sealed class EnergyMeter
{
    readonly (string File, double Range)[] counters;
    readonly double[] last;   // microjoules
    readonly double assumedWatts;
    long lastTime = Stopwatch.GetTimestamp();

    /// <summary>A meter that begins to count now.</summary>
    /// <param name="wattsPerCore">Watts assumed for a busy core where the machine has no readable counters.</param>
    /// <param name="cores">Cores that work.</param>
    /// <param name="powercap">The folder of the counters.</param>
    public EnergyMeter(double wattsPerCore, int cores, string powercap = "/sys/class/powercap")
    {
        counters = Packages(powercap);
        last = [.. counters.Select(c => Number(c.File) ?? 0)];
        assumedWatts = wattsPerCore * cores;
        Source = counters.Length > 0
            ? "counted by the processor (RAPL, whole packages)"
            : string.Create(CultureInfo.InvariantCulture, $"assumed: {wattsPerCore:0.##} W a core × {cores} cores");
    }

    /// <summary>Where the figure comes from, in words.</summary>
    public string Source { get; }

    /// <summary>Joules since the last call, or since the meter was made.</summary>
    public double Joules()
    {
        long time = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(lastTime, time).TotalSeconds;
        lastTime = time;
        if (counters.Length == 0) return assumedWatts * seconds;
        double sum = 0;
        for (int i = 0; i < counters.Length; i++)
        {
            if (Number(counters[i].File) is not { } value) continue;
            // The counter begins again at 0 after its range: some minutes on a large machine.
            sum += value >= last[i] ? value - last[i] : value - last[i] + counters[i].Range;
            last[i] = value;
        }
        return sum / 1e6;
    }

    // "intel-rapl:0" is a package; "intel-rapl:0:0" a part of one, already counted in it.
    static (string, double)[] Packages(string powercap)
    {
        if (!Directory.Exists(powercap)) return [];
        return
        [
            .. Directory.EnumerateDirectories(powercap, "intel-rapl:*").Where(d => Path.GetFileName(d).Count(c => c == ':') == 1).Order(StringComparer.Ordinal)
                .Select(d => (File: Path.Combine(d, "energy_uj"), Range: Number(Path.Combine(d, "max_energy_range_uj")) ?? 0))
                .Where(c => Number(c.File) is not null),
        ];
    }

    static double? Number(string file)
    {
        try
        {
            return File.Exists(file) && double.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out double value) ? value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;   // since 2020 most systems let only the administrator read it
        }
    }
}
