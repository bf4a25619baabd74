using System.Text.Json;

namespace LlmLab.Cli.Tests;

public sealed class DataBuildCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-build").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Build_FolderTwice_GivesTheSameHashAndNoDifference()
    {
        string input = Path.Combine(folder, "in");
        Directory.CreateDirectory(input);
        for (int i = 0; i < 5; i++)
            await File.WriteAllTextAsync(Path.Combine(input, $"note-{i}.md"), $"# Note about pump {i}\n\nThe {i + 1}. pump of the northern station was tested on day {i * 7} and {i * 31} litres were found in its tank before the test began.", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(input, "broken.pdf"), "not a PDF", TestContext.Current.CancellationToken);
        var hashes = new List<string>();
        foreach (string output in (string[])["a", "b"])
        {
            var (code, text, error) = await LlmLabProcess.RunAsync(folder, "data", "build", "--input", input, "--output", Path.Combine(folder, output), "--json");
            Assert.True(code == 0, error);
            using var json = JsonDocument.Parse(text.TrimEnd().Split('\n')[^1]);
            Assert.Equal(1, json.RootElement.GetProperty("skipped").GetInt64());
            hashes.Add(json.RootElement.GetProperty("hash").GetString()!);
        }
        Assert.Equal(hashes[0], hashes[1]);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(folder, "a", "documents.jsonl.dvc"), TestContext.Current.CancellationToken), await File.ReadAllTextAsync(Path.Combine(folder, "b", "documents.jsonl.dvc"), TestContext.Current.CancellationToken));
        var (compared, words, _) = await LlmLabProcess.RunAsync(folder, "data", "compare", Path.Combine(folder, "a"), Path.Combine(folder, "b"));
        Assert.Equal(0, compared);
        Assert.Contains("5 unchanged", words);
    }

    [Fact]
    public async Task Build_WrongEncodings_AreDecodedNamedAndCode0()
    {
        string input = Path.Combine(folder, "old");
        Directory.CreateDirectory(input);
        string Text(int i) => $"The {i + 1}. pump of the northern façade was tested by Zoë Müller on day {i * 7}, and {i * 31} litres were found in its tank before the test began. She told the naïve guests of the café next door that the noise would last until the evening.";
        await File.WriteAllBytesAsync(Path.Combine(input, "latin.txt"), System.Text.Encoding.Latin1.GetBytes(Text(1)), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(input, "wide.txt"), [0xFF, 0xFE, .. System.Text.Encoding.Unicode.GetBytes(Text(20))], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(input, "broken.txt"), [.. System.Text.Encoding.UTF8.GetBytes(Text(300)), 0xFF], TestContext.Current.CancellationToken);
        var (code, text, error) = await LlmLabProcess.RunAsync(folder, "data", "build", "--input", input, "--output", Path.Combine(folder, "out"), "--json");
        Assert.True(code == 0, error);
        Assert.Contains("3 files were no clean UTF-8 and were decoded: broken.txt (utf-8, 1 broken byte replaced by U+FFFD), latin.txt (iso-8859-1), wide.txt (utf-16le)", text);
        using var json = JsonDocument.Parse(text.TrimEnd().Split('\n')[^1]);
        Assert.Equal((3, 0), (json.RootElement.GetProperty("documents").GetInt32(), json.RootElement.GetProperty("skipped").GetInt32()));
        Assert.Equal("iso-8859-1", json.RootElement.GetProperty("decoded")[1].GetProperty("encoding").GetString());
        Assert.Contains("Zoë Müller", await File.ReadAllTextAsync(Path.Combine(folder, "out", "documents.jsonl"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Build_EmptyFolder_IsBadInputInOneSentence()
    {
        string input = Path.Combine(folder, "empty");
        Directory.CreateDirectory(input);
        var (code, _, error) = await LlmLabProcess.RunAsync(folder, "data", "build", "--input", input, "--output", Path.Combine(folder, "out"));
        Assert.Equal(2, code);
        Assert.Contains("holds no files", error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
