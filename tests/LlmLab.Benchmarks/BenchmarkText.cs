using System.Text;
using System.Text.Json;

namespace LlmLab.Benchmarks;

/// <summary>Real text for benchmarks: the text fields of corpora, techdocs and handbooks, files in name order, unrepeated.</summary>
static class BenchmarkText
{
    /// <summary>The texts in order until <paramref name="bytes"/> UTF-8 bytes are reached; the last is cut at a character.</summary>
    public static List<string> Read(int bytes)
    {
        string folder = Environment.GetEnvironmentVariable("LLMLAB_DATA") is { Length: > 0 } named ? named : Path.GetFullPath(Path.Combine(RepositoryRoot(), "..", "shared", "data"));
        var texts = new List<string>();
        int left = bytes;
        foreach (string file in new[] { "corpora", "techdocs", "handbooks" }.Select(f => Path.Combine(folder, f)).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)))
            foreach (string text in file.EndsWith(".jsonl", StringComparison.Ordinal) ? Fields(file) : [File.ReadAllText(file)])
            {
                int length = Encoding.UTF8.GetByteCount(text);
                if (length >= left)
                {
                    texts.Add(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text), 0, left).TrimEnd('\uFFFD'));
                    return texts;
                }
                texts.Add(text);
                left -= length;
            }
        throw new InvalidInputException($"{folder} holds {bytes - left} bytes of text in corpora, techdocs and handbooks; the benchmark needs {bytes}. LLMLAB_DATA names another folder.");
    }

    static IEnumerable<string> Fields(string file) => File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!);

    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "LlmLab.sln"))) return folder.FullName;
        throw new InvalidInputException($"No LlmLab.sln above {AppContext.BaseDirectory}: run the benchmarks inside the repository.");
    }
}
