using System.Globalization;
using System.Runtime.InteropServices;

namespace LlmLab.Benchmarks;

/// <summary>npm's hnswlib-node, as npm compiles it and compiled for this very processor.</summary>
sealed class HnswlibPeer(string folder, List<(string Name, string Folder)> builds)
{
    static readonly int[] widths = [16, 32, 64, 96, 128, 192, 256, 384, 512];

    /// <summary>Installs it and builds its index; null where npm is not on the machine.</summary>
    public static HnswlibPeer? Build(StoreVectors vectors, string folder)
    {
        var builds = new List<(string, string)>();
        string passages = Path.Combine(folder, "passages.f32");
        string script = Path.Combine(BenchmarkText.RepositoryRoot(), "tests", "LlmLab.Benchmarks", "peers", "hnswlib_peer.mjs");
        foreach (var (name, flags) in new[] { ("as npm compiles it", ""), ("compiled with -march=native", "-march=native") })
        {
            string place = Directory.CreateDirectory(Path.Combine(folder, flags.Length == 0 ? "npm" : "native")).FullName;
            File.WriteAllText(Path.Combine(place, "package.json"), """{"private":true,"allowScripts":{"hnswlib-node":true}}""");
            Environment.SetEnvironmentVariable("CXXFLAGS", flags);
            if (!Directory.Exists(Path.Combine(place, "node_modules")) && PeerProcess.Output("npm", "install --no-audit --no-fund --prefix . hnswlib-node@3.0.0", place) is null)
            {
                Console.WriteLine("npm is not on this machine: hnswlib-node is left out");
                return null;
            }
            Environment.SetEnvironmentVariable("CXXFLAGS", null);
            builds.Add((name, place));
        }
        if (File.Exists($"{folder}/index.bin")) return new HnswlibPeer(folder, builds);
        var output = PeerProcess.Output("node", $"--max-old-space-size=8192 {script} build {vectors.Passages[0].Length} {folder}/index.bin {passages}", builds[^1].Item2)!.Value;
        StoreBenchmark.Print("hnswlib-node, one thread, -march=native: index built (M 16, efConstruction 200)", double.Parse(output.Output, CultureInfo.InvariantCulture), "s");
        return new HnswlibPeer(folder, builds);
    }

    public void Measure(StoreVectors vectors, float[][] truth)
    {
        string script = Path.Combine(BenchmarkText.RepositoryRoot(), "tests", "LlmLab.Benchmarks", "peers", "hnswlib_peer.mjs");
        foreach (var (name, place) in builds)
        {
            Console.WriteLine($"hnswlib-node, {name}:");
            var output = PeerProcess.Output("node", $"--max-old-space-size=8192 {script} search {vectors.Passages[0].Length} {folder}/index.bin {folder}/questions.f32 {folder}/found {string.Join(' ', widths)}", place)!.Value.Output;
            foreach (var fields in output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')))
            {
                var ids = MemoryMarshal.Cast<byte, int>(File.ReadAllBytes($"{folder}/found.{fields[0]}")).ToArray();
                double found = 0;
                for (int i = 0; i < vectors.Questions.Length; i++) found += StoreBenchmark.Recall(vectors, truth, i, ids.AsSpan(i * 10, 10));
                StoreBenchmark.Print($"  width {fields[0]}: recall {found / vectors.Questions.Length / 10:0.0000}, questions a second", vectors.Questions.Length / double.Parse(fields[1], CultureInfo.InvariantCulture), "");
            }
        }
    }
}
