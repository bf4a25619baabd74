using LlmLab.Data;
using LlmLab.Evaluation.Architectures;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Tests.Evaluation.Architectures;

public sealed class ArchitectureComparisonTests : IDisposable
{
    public ArchitectureComparisonTests() => Training.TorchThreads.One();

    readonly Workspace workspace = Workspace.Open(Directory.CreateTempSubdirectory("llmlab-architectures-").FullName);

    public void Dispose() => Directory.Delete(workspace.Folder, recursive: true);

    static readonly ComparisonOptions options = new()
    {
        Width = 32,
        Layers = 2,
        Length = 16,
        Seeds = [1],
        TaskBytes = 260_000,
        TaskItems = 40,
        Training = new TrainingOptions { Steps = 12, BatchSize = 8, LearningRate = 3e-3, WarmupSteps = 2, EvaluateEvery = 0, SaveEvery = 0, Threads = 1, Precision = Precision.Float32, Kernels = Kernels.LibTorch },
    };

    static TrainingData Data() => ArchitectureComparison.CompanyData(1, 260_000, 400);

    [Fact]
    public void Architectures_OneWidth_SameParametersWithinFivePerCent()
    {
        long[] counts = [.. ArchitectureComparison.Architectures(1_024, new ComparisonOptions()).Select(a =>
        {
            using var model = new LanguageModel(a.Spec);
            return model.ParameterCount;
        })];
        Assert.All(counts, c => Assert.InRange(c / counts.Average(), 0.95, 1.05));
    }

    [Fact]
    public void Loss_Decoder_EqualsItsLogitsOverWholeWindowsAndSeesNothingToTheRight()
    {
        using var data = Data();
        using var model = new LanguageModel(ArchitectureComparison.Architectures(data.VocabularySize, options)[0].Spec);
        double before = HiddenTokenEvaluation.Loss(model, data, 16, VisibleContext.Before, windows: 20, places: 16);
        Assert.Equal(before, HiddenTokenEvaluation.Loss(model, data, 16, VisibleContext.Around, windows: 20, places: 16), 1e-9);
        // Sixteen places of sixteen are all but the first (the clamped first place is the second token, scored twice).
        using var none = no_grad();
        using var scope = NewDisposeScope();
        long[] text = new long[20 * 16];
        data.Validation.Read(0, text);
        var window = tensor(text, [20, 16]);
        var losses = nn.functional.cross_entropy(model.forward(window).narrow(1, 0, 15).reshape(-1, data.VocabularySize), window.narrow(1, 1, 15).reshape(-1), reduction: nn.Reduction.None).view(20, 15);
        var words = (window.narrow(1, 1, 15) >= LlmLab.Tokenizers.ReservedTokens.All.Count).to(ScalarType.Float32);
        var weights = ones(15);
        weights[0] = 2;
        double expected = ((losses * words * weights).sum() / (words * weights).sum()).item<float>();
        Assert.Equal(expected, before, 1e-4);
    }

    [Fact]
    public void Loss_EveryArchitectureUntrained_IsNearTheLogarithmOfTheVocabulary()
    {
        using var data = Data();
        foreach (var (name, _, spec) in ArchitectureComparison.Architectures(data.VocabularySize, options))
            foreach (var context in Enum.GetValues<VisibleContext>())
            {
                using var model = new LanguageModel(spec);
                Assert.InRange(HiddenTokenEvaluation.Loss(model, data, 16, context, windows: 20), Math.Log(data.VocabularySize) - 0.3, Math.Log(data.VocabularySize) + 0.3);
            }
    }

    [Fact]
    public async Task RunAsync_StoppedAndCalledAgain_TrainsNothingTwice()
    {
        using var data = Data();
        string file = Path.Combine(workspace.Folder, "results.jsonl");
        var first = await ArchitectureComparison.RunAsync(data, options, file, workspace);
        Assert.Equal(["decoder", "encoder", "encoder–decoder", "permutation"], first.Select(r => r.Architecture));
        File.AppendAllText(file, "{\"architecture\":\"cut o");
        int runs = Directory.GetDirectories(workspace.Folder).Length;
        var again = await ArchitectureComparison.RunAsync(data, options, file, workspace);
        Assert.Equal(runs, Directory.GetDirectories(workspace.Folder).Length);
        Assert.Equal(first, again);
        var table = ArchitectureTable.Of(again);
        Assert.Equal(4, table.Rows.Count);
        Assert.Equal(4, table.Ranking.Count);
        Assert.All(table.Rows, row => Assert.InRange(row.Classification.Mean, 0, 1));
    }

    static ArchitectureResult Line(string architecture, long seed, double loss, string recipe = "new", int day = 2) => new()
    {
        Architecture = architecture,
        Seed = seed,
        Recipe = recipe,
        Machine = "any",
        Date = new DateTimeOffset(2026, 1, day, 0, 0, 0, TimeSpan.Zero),
        Loss = loss,
        Unigram = 5,
        LeftNeighbour = 4,
        Generation = loss,
        FillingIn = loss,
        Retrieval = -loss,
        Classification = -loss,
    };

    [Fact]
    public void Of_SeveralRecipesAndSeeds_MeansOfTheNewestRecipeAgainstTheBetterBaseline()
    {
        var row = ArchitectureTable.Of([Line("a", 1, 9, "old", 1), Line("a", 1, 1), Line("a", 2, 2), Line("a", 3, 3)]).Rows.Single();
        Assert.Equal(new SeedMean(2, 1, 3), row.Loss);
        Assert.Equal(new SeedMean(2, 1, 3), row.Margin);   // 4 − 2
        Assert.Equal(1, row.LeastMargin);
        Assert.Equal("2.000 ± 1.000", row.Loss.ToString());
    }

    [Fact]
    public void Ranking_DifferencesWithinTwoStandardErrors_AreNotSettled()
    {
        double[] around = [-0.1, 0, 0.1];   // standard error 0.058, of a difference 0.082
        var table = ArchitectureTable.Of(new[] { ("far", 3.0), ("best", 2.0), ("near", 2.1) }.SelectMany(a => around.Select((d, seed) => Line(a.Item1, seed, a.Item2 + d))));
        Assert.Equal("best ≈ near > far", table.Ranking["writing on"]);
        Assert.Equal("best ≈ near > far", table.Ranking["telling kinds apart"]);   // where more is better
        Assert.Equal("best > near", ArchitectureTable.Of([Line("near", 1, 2.1), Line("best", 1, 2)]).Ranking["filling in"]);   // one seed: no error known
    }
}
