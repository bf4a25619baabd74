using System.Text.Json;

namespace LlmLab.Cli.Tests;

/// <summary><c>llmlab compare</c> in processes of its own.</summary>
public sealed class CompareCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-compare-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string Results(string name, string task, params double[] values)
    {
        string path = Path.Combine(folder, name + ".json");
        object row = new { task, group = "g", subject = (string?)null, metric = "f1", higherIsBetter = true, scores = new object[] { new { value = values.Average(), standardError = 0.1, count = values.Length, low = 0, high = 1 } } };
        object items = new { system = name, task, metric = "f1", higherIsBetter = true, items = values.Select((_, i) => $"record {i}"), scores = values };
        File.WriteAllText(path, JsonSerializer.Serialize(new { suite = "s", columns = new[] { name }, rows = new[] { row }, items = new[] { items }, notes = Array.Empty<string>() }));
        return path;
    }

    [Fact]
    public async Task Compare_TwoResults_GivesAVerdict()
    {
        var (a, b) = (Results("a", "qa", [.. Enumerable.Range(0, 40).Select(i => i % 4 / 4.0)]), Results("b", "qa", [.. Enumerable.Range(0, 40).Select(i => i % 4 / 4.0 + 0.25)]));
        var (code, output, _) = await LlmLabProcess.RunAsync(folder, "compare", a, b, "--json");

        Assert.Equal(0, code);
        Assert.Contains($"{b} is better on qa", output);
        var task = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement.GetProperty("tasks")[0];
        Assert.Equal(0.25, task.GetProperty("difference").GetProperty("value").GetDouble(), 1e-9);
        Assert.True(task.GetProperty("p").GetDouble() < 0.001);
    }

    [Fact]
    public async Task Compare_TwoRuns_ReadsTheSameText()
    {
        string text = Path.Combine(folder, "text.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Range(0, 300).Select(i => $"The {i}th line says that {i} and {i} are {2 * i}.\n")));
        string[] quick = ["--precision", "float32", "--kernels", "libTorch", "--threads", "1", "--json"];
        var runs = new List<string>();
        foreach (string steps in (string[])["1", "12"])
            runs.Add(JsonDocument.Parse((await LlmLabProcess.RunAsync(folder, ["train", "--text", text, "--steps", steps, .. quick])).Output.TrimEnd().Split('\n')[^1]).RootElement.GetProperty("run").GetString()!);

        var (code, output, _) = await LlmLabProcess.RunAsync(folder, "compare", runs[0], runs[1], "--threads", "1");

        Assert.Equal(0, code);
        Assert.Contains("bits a byte", output);
    }

    [Fact]
    public async Task Compare_BadInput_IsOneSentenceAndCode2()
    {
        string a = Results("a", "qa", 1, 0), other = Results("other", "elsewhere", 1, 0), longer = Results("longer", "qa", 1, 0, 1), broken = Path.Combine(folder, "broken.json");
        File.WriteAllText(broken, "{");
        foreach (var (first, second, expected) in new[]
        {
            (a, other, "no task in common"), (a, longer, "2 items of qa"), (a, broken, "not what an evaluation writes"), (a, "absent.json", "does not exist"), (a, "some-run", "give two of one sort"), ("some-run", "other-run", "no run \"some-run\""),
        })
        {
            var (code, _, error) = await LlmLabProcess.RunAsync(folder, "compare", first, second);
            Assert.Equal((2, 1), (code, error.TrimEnd().Split('\n').Length));
            Assert.Contains(expected, error);
        }
    }
}
