using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LlmLab.Data;
using LlmLab.Interop;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers.Training;
using LlmLab.Training;

namespace LlmLab.Benchmarks;

/// <summary>
/// Training speed beside a plain PyTorch loop in nanoGPT's configurations (peers/train_peer.py; Debian's python3-torch with
/// libopenblas0-openmp): the same architecture, batch and optimizer, the same threads and allocator settings, one after the other.
/// </summary>
static class TrainingBenchmark
{
    sealed record Recipe(string Name, ModelSpec Spec, int Batch, int Steps, int PeerSteps);

    static readonly Recipe[] recipes =
    [
        new("char-cpu", new ModelSpec { VocabularySize = 65 }, 12, 400, 200),
        new("char-384", new ModelSpec { VocabularySize = 65, LayerCount = 6, HeadCount = 6, Width = 384, ContextLength = 256 }, 64, 12, 6),
    ];

    public static int Run(string[] arguments)
    {
        if (arguments is ["--child", var name, var path]) return Child(recipes.Single(r => r.Name == name), path);
        string text = Text();
        int threads = Environment.ProcessorCount;
        Console.WriteLine($"{threads} threads; text {Path.GetFileName(text)}");
        Console.WriteLine($"{"recipe",-10} {"",-22} {"ms a step",10} {"tokens/s",10} {"peak MiB",9} {"ratio",6}");
        foreach (var recipe in recipes.Where(r => arguments.Length == 0 || arguments.Contains(r.Name)))
        {
            var peer = Start("/usr/bin/python3", [Peer(), text, recipe.Name, recipe.PeerSteps.ToString(CultureInfo.InvariantCulture)], threads);
            var own = Start(Environment.ProcessPath!, [.. Host(), "training", "--child", recipe.Name, text], threads);
            double Number(JsonElement from, string property) => from.GetProperty(property).GetDouble();
            double ratio = Number(own, "tokensPerSecond") / Number(peer, "tokensPerSecond");
            Line(recipe.Name, "PyTorch " + peer.GetProperty("torch").GetString(), peer, "");
            Line("", $"LlmLab {own.GetProperty("precision").GetString()} {own.GetProperty("kernels").GetString()}", own, ratio.ToString("0.00", CultureInfo.InvariantCulture));
        }
        return 0;

        static void Line(string recipe, string who, JsonElement measured, string ratio) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{recipe,-10} {who,-22} {1000 * measured.GetProperty("medianStepSeconds").GetDouble(),10:0.00} {measured.GetProperty("tokensPerSecond").GetDouble(),10:#,0} {measured.GetProperty("peakMemoryBytes").GetDouble() / (1 << 20),9:0} {ratio,6}"));
    }

    // A process of its own, so that its peak memory is its own.
    static int Child(Recipe recipe, string path)
    {
        LibTorch.Load();
        string text = File.ReadAllText(path);
        var tokenizer = WordLevelTrainer.TrainCharacters([text]);
        using var data = TrainingData.FromText("tinyshakespeare", text, tokenizer, tokenizer.VocabularySize);
        string folder = Directory.CreateTempSubdirectory("llmlab-benchmark").FullName;
        try
        {
            var options = new TrainingOptions { Steps = recipe.Steps, BatchSize = recipe.Batch, EvaluateEvery = 0, SaveEvery = 0, LogEvery = 1 };
            // Stopped one step early: the last step would add the evaluation of the whole validation split.
            var run = Trainer.Train(recipe.Spec with { VocabularySize = tokenizer.VocabularySize }, data, options, "benchmark", stopAfter: recipe.Steps - 1, workspace: Workspace.Open(folder));
            var rates = run.Metrics.Where(m => m.TokensPerSecond is not null).Select(m => m.TokensPerSecond!.Value).Order().ToArray();
            double median = rates[rates.Length / 2];
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                medianStepSeconds = recipe.Batch * recipe.Spec.ContextLength / median,
                tokensPerSecond = median,
                peakMemoryBytes = PeakMemory(),
                precision = run.Description.Precision.ToString(),
                kernels = run.Description.Kernels.ToString(),
            }));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static double PeakMemory() => 1024 * double.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(':')[1].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);

    static JsonElement Start(string program, string[] arguments, int threads)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        // Large blocks stay in the heap, on both sides.
        start.Environment["MALLOC_MMAP_MAX_"] = "0";
        start.Environment["MALLOC_TRIM_THRESHOLD_"] = "40000000000";
        start.Environment["MALLOC_TOP_PAD_"] = "268435456";
        using var process = Process.Start(start)!;
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        if (process.ExitCode != 0 || lines.Length == 0)
            throw new InvalidOperationException($"{Path.GetFileName(program)} {string.Join(' ', arguments)} ended with {process.ExitCode}: the peer needs Debian's python3-torch and libopenblas0-openmp.");
        return JsonDocument.Parse(lines[^1]).RootElement;
    }

    static string[] Host() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(TrainingBenchmark).Assembly.Location] : [];

    static string Peer() => Path.Combine(Workspace.FindRepository()!, "tests", "LlmLab.Benchmarks", "peers", "train_peer.py");

    static string Text()
    {
        using var download = new DataDownload(new DataFolder());
        return download.GetAsync(DataCatalog.Find("tinyshakespeare")).GetAwaiter().GetResult()[0].Path;
    }
}
