using System.Text.Json;

namespace LlmLab.Cli.Tests;

public sealed class IndexCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-index").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    async Task<JsonElement> Json(params string[] arguments)
    {
        var (code, text, error) = await LlmLabProcess.RunAsync(folder, [.. arguments, "--json"]);
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(text.TrimEnd().Split('\n')[^1]);
        return json.RootElement.Clone();
    }

    [Fact]
    public async Task IndexAndSearch_FolderOfDocuments_FindsThePassageAndIndexesOnlyChanges()
    {
        string input = Path.Combine(folder, "in"), output = Path.Combine(folder, "index");
        Directory.CreateDirectory(input);
        for (int i = 0; i < 6; i++)
            await File.WriteAllTextAsync(Path.Combine(input, $"pump-{i}.md"), $"# Pump {i}\n\nThe pump number {i} stands in hall {(char)('A' + i)} of the station.\n\nIt is inspected every {i + 2} weeks.", Token);
        var first = await Json("index", input, "--output", output);
        Assert.Equal(12, first.GetProperty("embedded").GetInt32());
        var search = await Json("search", "In which hall does the pump number 3 stand?", "--index", output);
        Assert.Contains("hall D", search.GetProperty("found")[0].GetProperty("text").GetString(), StringComparison.Ordinal);

        await File.AppendAllTextAsync(Path.Combine(input, "pump-3.md"), "\n\nIts valve is green.", Token);
        var second = await Json("index", input, "--output", output);
        Assert.Equal((1, 1, 2), (second.GetProperty("changed").GetInt32(), second.GetProperty("embedded").GetInt32(), second.GetProperty("reused").GetInt32()));

        var (code, _, error) = await LlmLabProcess.RunAsync(folder, "search", "pump", "--index", output, "--project", "None");
        Assert.Equal(2, code);
        Assert.Contains("project \"None\"", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Search_NoIndex_IsBadInputInOneSentence()
    {
        var (code, _, error) = await LlmLabProcess.RunAsync(folder, "search", "anything", "--index", Path.Combine(folder, "none"));
        Assert.Equal(2, code);
        Assert.Contains("holds no index", error, StringComparison.Ordinal);
    }
}
