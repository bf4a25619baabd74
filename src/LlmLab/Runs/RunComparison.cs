using System.Globalization;
using System.Text.Json.Nodes;

namespace LlmLab.Runs;

/// <summary>One thing in which two runs differ.</summary>
/// <param name="Name">What: "spec.width", "options.learningRate", "result.validationLoss".</param>
/// <param name="First">Its value in the first run.</param>
/// <param name="Second">Its value in the second run.</param>
public sealed record RunDifference(string Name, string First, string Second);

/// <summary>Compares two runs: architecture, training, machine and results.</summary>
public static class RunComparison
{
    static readonly string[] files = ["run", "spec", "options", "environment", "result"];

    /// <summary>Everything in which they differ but the name and the time.</summary>
    public static IReadOnlyList<RunDifference> Of(Run first, Run second)
    {
        var (one, two) = (Values(first), Values(second));
        return [.. one.Keys.Union(two.Keys)
            .Where(k => k is not ("run.name" or "run.started" or "result.run"))
            .Select(k => new RunDifference(k, one.GetValueOrDefault(k, "-"), two.GetValueOrDefault(k, "-")))
            .Where(d => d.First != d.Second)];
    }

    static Dictionary<string, string> Values(Run run)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            string path = Path.Combine(run.Folder, file + ".json");
            if (!File.Exists(path)) continue;
            foreach (var (key, value) in JsonNode.Parse(File.ReadAllText(path))!.AsObject())
                values[$"{file}.{key}"] = value is JsonValue number && number.TryGetValue(out double d) ? d.ToString("G6", CultureInfo.InvariantCulture) : value?.ToString() ?? "-";
        }
        return values;
    }
}
