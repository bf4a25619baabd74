using System.Diagnostics;
using System.Globalization;
using LlmLab.Notebooks.Jupyter;
using LlmLab.Runs;

namespace LlmLab.Benchmarks;

/// <summary>
/// The kernel beside Debian's ipykernel, in one run and through the wire. Targets: from process start to the first result in at most
/// 1.5 s without libtorch, a trivial cell in at most 25 ms.
/// </summary>
static class KernelBenchmark
{
    const int Starts = 5, Cells = 200, Lines = 1000;

    sealed record Peer(string Name, IReadOnlyList<string> Arguments, string Print);

    sealed record Figures(double Start, double Median, double P95, double Lines, bool IsComplete);

    public static int Run(string[] args)
    {
        string python = args.FirstOrDefault() ?? "/usr/bin/python3";
        string program = Path.Combine(Workspace.FindRepository() ?? ".", "src", "LlmLab.Cli", "bin", "Release", "net10.0", "LlmLab.Cli.dll");
        if (!File.Exists(program)) throw new InvalidInputException($"There is no {program}: dotnet build -c Release makes it.");
        Peer[] peers =
        [
            new("LlmLab", KernelSpecs.ArgumentsFor(program), $$"""for (int i = 0; i < {{Lines}}; i++) Console.WriteLine($"line {i}");"""),
            new("ipykernel", [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"], $"for i in range({Lines}): print(f'line {{i}}')"),
        ];
        // Once unmeasured: the first start after a boot reads the disk.
        foreach (var peer in peers) Start(peer);
        var starts = peers.Select(_ => new List<double>()).ToArray();
        for (int i = 0; i < Starts; i++)
            for (int p = 0; p < peers.Length; p++) starts[p].Add(Start(peers[p]));
        var figures = peers.Select((peer, p) => Measure(peer, Median(starts[p]))).ToArray();

        var (ours, theirs) = (figures[0], figures[1]);
        Console.WriteLine($"{"",-34}{peers[0].Name,12}{peers[1].Name,12}{"ratio",9}   target");
        Row("process start to first result, ms", ours.Start, theirs.Start, "1500");
        Row("trivial cell, median, ms", ours.Median, theirs.Median, "25");
        Row("trivial cell, 95th percentile, ms", ours.P95, theirs.P95, "");
        Row($"{Lines} printed lines, ms", ours.Lines, theirs.Lines, "");
        Console.WriteLine($"{"all lines, in order",-34}{ours.IsComplete,12}{theirs.IsComplete,12}");
        return ours is { Start: <= 1500, Median: <= 25, IsComplete: true } ? 0 : 1;
    }

    static double Start(Peer peer)
    {
        using var kernel = new KernelClient(peer.Arguments);
        kernel.Run("1 + 1");
        return Stopwatch.GetElapsedTime(kernel.StartedAt).TotalMilliseconds;
    }

    static Figures Measure(Peer peer, double start)
    {
        using var kernel = new KernelClient(peer.Arguments);
        kernel.WaitForOutput("1 + 1");
        for (int i = 0; i < 20; i++) kernel.RunToIdle($"{i} + 1");
        var times = new List<double>();
        for (int i = 0; i < Cells; i++)
        {
            long began = Stopwatch.GetTimestamp();
            var (_, value) = kernel.RunToIdle($"{i} + 1");
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (value != (i + 1).ToString(CultureInfo.InvariantCulture)) throw new InvalidDataException($"{peer.Name}: {i} + 1 = {value}");
        }
        string expected = string.Concat(Enumerable.Range(0, Lines).Select(i => $"line {i}\n"));
        var printing = new List<double>();
        bool complete = true;
        for (int i = 0; i < 5; i++)
        {
            long began = Stopwatch.GetTimestamp();
            complete &= kernel.RunToIdle(peer.Print).Text == expected;
            printing.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        times.Sort();
        return new Figures(start, Median(times), times[(int)(times.Count * 0.95)], Median(printing), complete);
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    static void Row(string what, double ours, double theirs, string target) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-34}{ours,12:0.0}{theirs,12:0.0}{ours / theirs,9:0.00}   {target}"));
}
