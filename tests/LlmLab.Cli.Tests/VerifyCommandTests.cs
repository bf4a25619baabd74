using LlmLab.Notebooks.Documents;

namespace LlmLab.Cli.Tests;

/// <summary>The real program: recorded numbers that hold, and one that was altered.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-verify-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Verify_Rerun_HoldsUntilARecordedNumberIsAltered()
    {
        string notebook = Path.Combine(folder, "n.ipynb");
        NotebookFile.Write(notebook, new Notebook([new NotebookCell("a", CellKind.Code, "Record(\"loss\", Math.Sqrt(2), 0.001, false);\nRecord(\"count\", 7, 0, true);")]));
        Assert.Equal(2, (await LlmLabProcess.RunAsync(folder, "verify", notebook)).Code); // nothing recorded yet
        Assert.Equal(0, (await LlmLabProcess.RunAsync(folder, "run", notebook, "--in-place")).Code);

        var (code, output, _) = await LlmLabProcess.RunAsync(folder, "verify", notebook);
        Assert.Equal(0, code);
        Assert.Contains("2 of 2 numbers hold", output);

        File.WriteAllText(notebook, File.ReadAllText(notebook).Replace("1.4142135623730951", "1.4162135623730951"));
        (code, output, _) = await LlmLabProcess.RunAsync(folder, "verify", notebook);
        Assert.Equal(1, code);
        Assert.Contains("differs", output);
        Assert.Contains("1 of 2 numbers hold", output);
    }

    [Fact]
    public async Task Verify_NoSuchNotebook_IsOneSentenceAndExit2()
    {
        var (code, _, error) = await LlmLabProcess.RunAsync(folder, "verify", "absent.ipynb");
        Assert.Equal(2, code);
        Assert.Single(error.Trim().Split('\n'));
    }
}
