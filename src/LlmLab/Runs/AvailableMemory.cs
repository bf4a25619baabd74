using System.Globalization;

namespace LlmLab.Runs;

/// <summary>Memory that this process may still take.</summary>
public static class AvailableMemory
{
    /// <summary>
    /// Bytes: on Linux what the kernel holds for available, or less where the process's control group (a container) allows less; elsewhere
    /// what the runtime knows of the machine.
    /// </summary>
    public static long Bytes() => Bytes("/proc/meminfo", "/sys/fs/cgroup");

    internal static long Bytes(string memoryInformation, string controlGroup)
    {
        if (!File.Exists(memoryInformation)) return GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        string? line = File.ReadLines(memoryInformation).FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        long available = line is null ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        // Version 2 of control groups; "max" where there is no limit. Cached files are given up when memory is short.
        if (Number(Path.Combine(controlGroup, "memory.max")) is { } limit && Number(Path.Combine(controlGroup, "memory.current")) is { } used)
            available = Math.Min(available, Math.Max(0, limit - used + Cached(Path.Combine(controlGroup, "memory.stat"))));
        return available;
    }

    static long? Number(string file) => File.Exists(file) && long.TryParse(File.ReadAllText(file), NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : null;

    static long Cached(string statistics) => !File.Exists(statistics) ? 0 : File.ReadLines(statistics)
        .Where(l => l.StartsWith("inactive_file ", StringComparison.Ordinal)).Select(l => long.Parse(l[14..], CultureInfo.InvariantCulture)).FirstOrDefault();
}
