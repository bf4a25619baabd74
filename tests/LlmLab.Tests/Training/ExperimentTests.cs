using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Training;
using LlmLab.Training.Experiments;

namespace LlmLab.Tests.Training;

public sealed class ExperimentTests : IDisposable
{
    public ExperimentTests() => TorchThreads.One();

    readonly string folder = Directory.CreateTempSubdirectory("llmlab-experiment-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string TextFile()
    {
        string path = Path.Combine(folder, "text.txt");
        File.WriteAllText(path, string.Concat(Enumerable.Range(0, 600).Select(i => $"The {i}th line says that {i} and {i} are {2 * i}.\n")));
        return path;
    }

    static ExperimentResult Line(string variant, long seed, double loss, string machine = "m", int day = 1) => new()
    {
        Variant = variant,
        Seed = seed,
        Recipe = "r",
        Machine = machine,
        Date = new DateTimeOffset(2026, 11, day, 0, 0, 0, TimeSpan.Zero),
        ValidationLoss = loss,
        LossByWindow = new Dictionary<int, double> { [64] = loss + 0.1 },
    };

    static readonly Experiment two = Experiment.Parse("""
        { "name": "two", "summary": "s", "documentation": "d", "seeds": [1, 2], "windows": [16], "variants": [
          { "name": "all", "preset": "shakespeare-char-fast", "set": { "spec.width": 32, "spec.contextLength": 32, "options.batchSize": 2, "options.precision": "float32", "options.kernels": "libTorch", "options.threads": 1 } },
          { "name": "no soft cap", "preset": "shakespeare-char-fast", "set": { "spec.width": 32, "spec.contextLength": 32, "spec.logitSoftCap": null, "options.batchSize": 2, "options.precision": "float32", "options.kernels": "libTorch", "options.threads": 1 } }] }
        """, "two.json");

    public static TheoryData<string> Names => [.. Experiment.All.Select(e => e.Name)];

    [Theory, MemberData(nameof(Names))]
    public void All_EveryVariant_IsARecipeOfItsOwn(string name)
    {
        var experiment = Experiment.Find(name);
        Assert.True(experiment.Seeds.Count >= 3);
        string[] recipes = [.. experiment.Variants.Select(v => v.Recipe(65)).Select(r => RecipeChanges.Fingerprint(r.Spec, r.Options))];
        Assert.Equal(recipes.Length, recipes.Distinct().Count());
    }

    [Fact]
    public void Recipe_NullAsAChange_SwitchesOff()
    {
        Assert.Null(two.Variants[1].Recipe(65).Spec.LogitSoftCap);
        Assert.Equal(15, two.Variants[0].Recipe(65).Spec.LogitSoftCap);
    }

    [Fact]
    public void Fingerprint_SeedAndMachine_DoNotCountAndTheRestDoes()
    {
        var (spec, options) = two.Variants[0].Recipe(65);
        string one = RecipeChanges.Fingerprint(spec, options);
        Assert.Equal(one, RecipeChanges.Fingerprint(spec, options with { Seed = 9, Threads = 7, Kernels = Kernels.Compiled, SaveEvery = 3 }));
        Assert.NotEqual(one, RecipeChanges.Fingerprint(spec, options with { Steps = 9 }));
        Assert.NotEqual(one, RecipeChanges.Fingerprint(spec with { LogitSoftCap = null }, options));
        Assert.NotEqual(RecipeChanges.Fingerprint(spec with { WeightDeviation = 0.02 }, options), RecipeChanges.Fingerprint(spec with { WeightDeviation = null }, options));
    }

    [Theory]
    [InlineData("not an experiment", "{")]
    [InlineData("no preset", """{ "name": "x", "summary": "s", "documentation": "d", "seeds": [1], "variants": [{ "name": "a", "preset": "none" }] }""")]
    [InlineData("wings", """{ "name": "x", "summary": "s", "documentation": "d", "seeds": [1], "variants": [{ "name": "a", "preset": "shakespeare-char-cpu", "set": { "spec.wings": 2 } }] }""")]
    [InlineData("none of its variants", """{ "name": "x", "summary": "s", "documentation": "d", "seeds": [1], "baseline": "b", "variants": [{ "name": "a", "preset": "shakespeare-char-cpu" }] }""")]
    [InlineData("at least one seed", """{ "name": "x", "summary": "s", "documentation": "d", "seeds": [], "variants": [{ "name": "a", "preset": "shakespeare-char-cpu" }] }""")]
    public void Parse_NotAnExperiment_SaysWhy(string words, string json) =>
        Assert.Contains(words, Assert.Throws<InvalidInputException>(() => Experiment.Parse(json, "x.json")).Message);

    [Fact]
    public async Task RunAsync_StoppedAndStartedAgain_TrainsEachOnceAndKeepsTheLines()
    {
        string text = TextFile(), results = Path.Combine(folder, "results", "two.jsonl");
        var experiment = two with { Variants = [.. two.Variants.Select(v => v with { Preset = "shakespeare-char-fast" })] };
        var workspace = Workspace.Open(Path.Combine(folder, "workspace"));
        using var cancel = new CancellationTokenSource();
        async Task<ExperimentTable> Go(int steps) => await Reproduction.RunAsync(experiment, results, steps, workspace: workspace, text: text);
        using (Operation.Enter(cancel.Token, new StopAfterRuns(cancel, 3)))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Go(12));
        int before = ExperimentResult.Read(results).Count;
        Assert.InRange(before, 1, 3);
        File.AppendAllText(results, "{\"variant\":\"all\",\"se");   // a line cut off by a crash
        var table = await Go(12);
        Assert.Equal(4, ExperimentResult.Read(results).Count);
        Assert.Equal(["all", "no soft cap"], table.Rows.Select(r => r.Variant));
        Assert.All(table.Rows, r => Assert.Equal(2, r.Seeds));
        Assert.All(ExperimentResult.Read(results), r => Assert.True(r.LossByWindow[16] > 0 && r.WallSeconds is null && r.Tokens == 12 * 2 * 32));
        await Go(12);
        Assert.Equal(4, ExperimentResult.Read(results).Count);
        await Go(13);
        Assert.Equal(8, ExperimentResult.Read(results).Count);
    }

    sealed class StopAfterRuns(CancellationTokenSource source, int runs) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value)
        {
            if (value.Name == "two" && value.Done >= runs) source.Cancel();
        }
    }

    [Fact]
    public async Task RunAsync_OtherStepsIntoTheExperimentsFile_IsRefused() =>
        Assert.Contains("--results", (await Assert.ThrowsAsync<InvalidInputException>(() => Reproduction.RunAsync(two, steps: 5))).Message);

    [Fact]
    public void Of_TwoVariants_ComparesWithTheBaseline()
    {
        ExperimentResult[] lines =
        [
            Line("all", 1, 1.0), Line("all", 2, 1.2),
            Line("no soft cap", 1, 1.5), Line("no soft cap", 2, 1.9), Line("no soft cap", 2, 1.7, day: 2),   // the newest of a seed counts
            Line("all", 1, 9, machine: "other"),
        ];
        var table = ExperimentTable.Of(two, lines);
        Assert.Equal("m", table.Machine);
        var row = table.Rows[1];
        Assert.Equal(1.6, row.Loss, 1e-12);
        Assert.Equal(0.5, row.Difference, 1e-12);
        // Two seeds 0.2 apart: deviation 0.2/√2, standard error of each mean 0.1, of the difference 0.1·√2.
        Assert.Equal(0.2 / Math.Sqrt(2), row.Deviation, 1e-12);
        Assert.Equal(0.1 * Math.Sqrt(2), row.DifferenceError, 1e-12);
        Assert.Equal(1.7, row.LossByWindow[64], 1e-12);
        Assert.Equal(["no soft cap"], table.DifferenceChart().Categories);
        Assert.NotEmpty(table.DifferenceChart().ToPng());
        Assert.NotEmpty(table.QualityForTime().ToPlotlyJson());
    }

    [Fact]
    public void Of_NoResults_IsAnEmptyTable() => Assert.Empty(ExperimentTable.Of(two, []).Rows);
}
