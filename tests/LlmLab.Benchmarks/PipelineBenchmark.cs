using System.Diagnostics;
using System.Globalization;
using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Data.Pipeline;

namespace LlmLab.Benchmarks;

/// <summary>
/// Speed of the cleaning pipeline on the example company, in memory, from the text as read to the finished data set with its warehouse:
/// the best of several runs after a warm-up, as is usual for throughput, and the first run beside it. <c>--gigabyte</c> adds 1 GB,
/// generated while it is cleaned, with the peak memory of a process that does nothing else before.
/// </summary>
static class PipelineBenchmark
{
    const ulong Seed = 77;
    const string OnlyGigabyte = "--only-gigabyte";

    public static int Run(string[] arguments)
    {
        if (arguments.Contains(OnlyGigabyte)) return Gigabyte();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the example company, seed {Seed}; {Environment.ProcessorCount} processors"));
        var table = new BenchmarkTable("Cleaning pipeline, all steps", "MB/s");
        foreach (int megabytes in (int[])[10, 100])
        {
            Document[] documents = [.. CompanyGenerator.Generate(Seed, megabytes * 1_000_000L).SelectMany(part => part.Documents)];
            var corpus = Corpus.FromDocuments("company", documents);
            double best = 0, first = 0;
            string hash = "";
            for (int round = 0; round < (megabytes <= 10 ? 8 : 3); round++)
            {
                GC.Collect();
                var result = Clean(corpus);
                if (round == 0) first = result.MegabytesPerSecond;
                (best, hash) = (Math.Max(best, result.MegabytesPerSecond), result.Version.Hash);
            }
            table.Add($"{megabytes} MB, warm", best);
            table.Add($"{megabytes} MB, first run{(megabytes <= 10 ? " of the process" : "")}", first);
            table.Note($"{megabytes} MB: {documents.Length} documents, data set {hash[..12]}");
        }
        table.Print(lowerIsBetter: false);
        if (!arguments.Contains("--gigabyte")) return 0;
        // In a process of its own: the peak of this one is known already.
        var start = new ProcessStartInfo(Environment.ProcessPath!) { ArgumentList = { "pipeline", OnlyGigabyte } };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet") start.ArgumentList.Insert(0, typeof(PipelineBenchmark).Assembly.Location);
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    static int Gigabyte()
    {
        var result = Clean(CompanyCorpus.Generate(Seed, 1_000_000_000));
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n1 GB, generated while it is cleaned: {result.MegabytesPerSecond:0.0} MB/s, {result.Steps[0].DocumentsIn} documents, peak memory {process.PeakWorkingSet64:N0} bytes"));
        return 0;
    }

    static PipelineResult Clean(Corpus corpus)
    {
        string folder = Directory.CreateTempSubdirectory("llmlab-benchmark-").FullName;
        try
        {
            return Pipeline.Default().Run(corpus, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
