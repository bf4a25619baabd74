using System.Text.Json;

namespace LlmLab.Cli.Tests;

/// <summary><c>llmlab eval --suite</c> in processes of its own, with a tiny model.</summary>
public sealed class EvalCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-eval-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static JsonElement LastLine(string output) => JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;

    async Task<string> TrainAsync(int steps)
    {
        string text = Path.Combine(folder, "text.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Range(0, 300).Select(i => $"The {i}th line says that {i} and {i} are {2 * i}.\n")));
        var trained = await LlmLabProcess.RunAsync(folder, "train", "--text", text, "--steps", $"{steps}", "--precision", "float32", "--kernels", "libTorch", "--threads", "1", "--json");
        Assert.Equal(0, trained.Code);
        return LastLine(trained.Output).GetProperty("run").GetString()!;
    }

    string TaskFile(string name, string records)
    {
        File.WriteAllText(Path.Combine(folder, name + ".jsonl"), records);
        string path = Path.Combine(folder, name + ".json");
        File.WriteAllText(path, $$$"""
            {"name": "{{{name}}}", "description": "Sums", "source": "own", "licence": "MIT", "group": "own", "output": "multipleChoice",
             "data": {"file": "{{{name}}}.jsonl", "format": "jsonLines"}, "prompt": "{{ question }}", "choices": "choices", "answer": "right", "metrics": ["acc"]}
            """);
        return path;
    }

    [Fact]
    public async Task Suite_GoodRunAndComparison_LeaveReportsAndAVerdict()
    {
        string one = await TrainAsync(1), twelve = await TrainAsync(12);
        string task = TaskFile("sums", string.Concat(Enumerable.Range(1, 12).Select(i => $$"""{"question": "{{i}} and {{i}} are", "choices": ["{{2 * i}}", "{{2 * i + 1}}"], "right": 0}""" + "\n")));
        var folders = new List<string>();
        foreach (string run in (string[])[one, twelve])
        {
            var (code, output, _) = await LlmLabProcess.RunAsync(folder, "eval", run, "--suite", task, "--limit", "10", "--no-cache", "--json");
            Assert.Equal(0, code);
            var result = LastLine(output);
            Assert.Equal([Path.GetFileName(run), "untrained", "shortest answer", "most frequent answer", "chance"], result.GetProperty("columns").EnumerateArray().Select(column => column.GetString()));
            var scores = result.GetProperty("rows")[0].GetProperty("scores");
            Assert.Equal(10, scores[0].GetProperty("count").GetInt32());
            Assert.Equal(0.5, scores[4].GetProperty("value").GetDouble());
            Assert.Contains("sums", output);
            folders.Add(result.GetProperty("folder").GetString()!);
            Assert.True(File.Exists(Path.Combine(folders[^1], "report.md")));
        }
        Assert.NotEqual(folders[0], folders[1]);

        var compared = await LlmLabProcess.RunAsync(folder, "compare", folders[0], folders[1], "--json");
        Assert.Equal(0, compared.Code);
        Assert.Equal("sums", LastLine(compared.Output).GetProperty("tasks")[0].GetProperty("task").GetString());
    }

    [Fact]
    public async Task Suite_CompanyTask_JudgesTheObjectivesTargetsAndItsSearch()
    {
        await TrainAsync(1);
        var (code, output, _) = await LlmLabProcess.RunAtSmokeScaleAsync(folder, "eval", "--suite", "company_answers", "--limit", "2", "--no-cache", "--no-untrained", "--json");
        Assert.Equal(0, code);
        var targets = LastLine(output).GetProperty("targets").EnumerateArray().ToDictionary(target => target.GetProperty("target").GetProperty("metric").GetString()!);
        Assert.Equal("tooFewCases", targets["false_refusal_rate"].GetProperty("verdict").GetString());
        // The search is measured beside the model, on as many questions as the target asks for.
        Assert.True(targets["mrr_at_10"].GetProperty("score").GetProperty("count").GetInt32() >= 1_000);
        Assert.Contains("mrr_at_10 ≥ 0.95", output);
        Assert.Contains("| mrr_at_10 ≥ 0.95 |", File.ReadAllText(Path.Combine(LastLine(output).GetProperty("folder").GetString()!, "targets.md")));
    }

    [Fact]
    public async Task Suite_BadInput_IsOneSentenceAndCode2()
    {
        await TrainAsync(1);
        string wrongAnswer = TaskFile("wrong", """{"question": "1 and 1 are", "choices": ["2", "3"], "right": 7}""");
        string broken = Path.Combine(folder, "broken.json"), unknown = Path.Combine(folder, "unknown.json");
        File.WriteAllText(broken, "{\"name\": ");
        File.WriteAllText(unknown, File.ReadAllText(wrongAnswer).Replace("\"prompt\"", "\"promt\""));
        foreach (var (expected, arguments) in new (string, string[])[]
        {
            ("no suite, task or task file \"compny\"", ["--suite", "compny"]),
            ("no run \"some-run\"", ["some-run", "--suite", "law_rules"]),
            ("wrong.jsonl, line 1 has the answer \"7\", which is none of its 2 choices", ["--suite", wrongAnswer]),
            ("broken.json cannot be read", ["--suite", broken]),
            ("unknown field \"promt\"", ["--suite", unknown]),
            ("limit must be at least 1", ["--suite", "law_rules", "--limit", "0"]),
        })
        {
            var (code, _, error) = await LlmLabProcess.RunAsync(folder, ["eval", .. arguments]);
            string[] lines = [.. error.TrimEnd().Split('\n').Where(line => line.StartsWith("llmlab: ", StringComparison.Ordinal))];
            Assert.Equal((2, 1), (code, lines.Length));
            Assert.Contains(expected, lines[0]);
            Assert.DoesNotContain("   at ", error);
        }
        // Nothing is left behind by what was refused.
        Assert.DoesNotContain(Directory.EnumerateDirectories(Path.Combine(folder, "workspace")), name => Path.GetFileName(name).StartsWith("evaluation", StringComparison.Ordinal));
    }
}
