using System.Diagnostics;
using System.Text.Json;
using LlmLab.Runs;

namespace LlmLab.Cli.Tests;

/// <summary>The training verbs in processes of their own, killed and resumed.</summary>
public sealed class TrainCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-train-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string TextFile()
    {
        string path = Path.Combine(folder, "text.txt");
        File.WriteAllText(path, string.Concat(Enumerable.Range(0, 600).Select(i => $"The {i}th line says that {i} and {i} are {2 * i}.\n")));
        return path;
    }

    static readonly string[] quick = ["--precision", "float32", "--kernels", "libTorch", "--threads", "1", "--json"];

    static JsonElement LastLine(string output) => JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;

    [Fact]
    public async Task Train_StoppedAndResumed_PrintsTheNumbersOfAWholeRun()
    {
        string text = TextFile();
        var whole = await LlmLabProcess.RunAsync(folder, ["train", "--text", text, "--steps", "8", "--seed", "3", .. quick]);
        Assert.Equal(0, whole.Code);
        var half = await LlmLabProcess.RunAsync(folder, ["train", "--text", text, "--steps", "8", "--seed", "3", "--stop-after", "5", .. quick]);
        var resumed = await LlmLabProcess.RunAsync(folder, "train", "--resume", LastLine(half.Output).GetProperty("run").GetString()!, "--json");
        var (one, two) = (LastLine(whole.Output), LastLine(resumed.Output));
        foreach (string name in (string[])["steps", "trainLoss", "validationLoss", "precision", "threads", "seed"])
            Assert.Equal(one.GetProperty(name).ToString(), two.GetProperty(name).ToString());
        Assert.True(one.GetProperty("tokensPerSecond").GetDouble() > 0 && one.GetProperty("seconds").GetDouble() > 0);

        var eval = await LlmLabProcess.RunAsync(folder, "eval", "--json");
        Assert.Equal(two.GetProperty("validationLoss").GetDouble(), LastLine(eval.Output).GetProperty("loss").GetDouble(), 1e-9);
        var sample = await LlmLabProcess.RunAsync(folder, "sample", "--prompt", "The ", "--tokens", "12", "--json");
        Assert.NotEmpty(LastLine(sample.Output).GetProperty("text").GetString()!);
        var runs = await LlmLabProcess.RunAsync(folder, "runs", "--json");
        Assert.Equal(2, LastLine(runs.Output).GetArrayLength());
    }

    [Fact]
    public async Task Train_OnAGpuWhereThereIsNone_SaysSoBeforeAnyWork()
    {
        Assert.SkipWhen(LlmLab.Interop.LibTorch.Backend == "cuda", "this build may find a GPU");
        var (code, _, error) = await LlmLabProcess.RunAsync(folder, "train", "--device", "cuda");
        Assert.Equal(2, code);
        Assert.Contains("LlmLabBackend=cuda", error);
        Assert.False(Directory.Exists(Path.Combine(folder, "workspace")));
    }

    [Fact]
    public async Task Train_KilledAtRandomMoments_CanAlwaysBeResumed()
    {
        string text = TextFile(), workspace = Path.Combine(folder, "workspace");
        var random = new Random(4);
        string[] arguments = ["train", "--text", text, "--steps", "100000", "--save-every", "1", .. quick];
        for (int kill = 0; kill < 4; kill++)
        {
            using var process = Start(arguments, workspace);
            // Checkpoints follow each other without a pause, so most moments lie inside one.
            string? before = Run.List(Workspace.Open(workspace)).FirstOrDefault()?.LatestCheckpoint;
            while (Run.List(Workspace.Open(workspace)).FirstOrDefault()?.LatestCheckpoint is var now && (now is null || now == before))
                Assert.False(process.WaitForExit(20), "the training ended by itself");
            process.WaitForExit(random.Next(300));
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            var run = Run.List(Workspace.Open(workspace)).Single();
            using (var model = run.LoadModel()) Assert.True(model.ParameterCount > 0);
            arguments = ["train", "--resume", run.Folder];
        }
    }

    Process Start(string[] arguments, string workspace)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Invocation).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["LLMLAB_WORKSPACE"] = workspace;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    [Theory]
    [InlineData("no preset \"none\"", "train", "--preset", "none")]
    [InlineData("no run \"none\"", "train", "--resume", "none")]
    [InlineData("does not exist", "train", "--text", "none.txt")]
    [InlineData("no current model", "sample")]
    [InlineData("no axis of a sweep", "sweep", "x", "--set", "wings")]
    public async Task Verbs_BadInput_AreRefusedInOneSentence(string words, params string[] arguments)
    {
        var (code, _, error) = await LlmLabProcess.RunAsync(folder, arguments);
        Assert.Equal(2, code);
        Assert.Contains(words, error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
