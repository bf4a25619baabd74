using System.Text.Json;
using LlmLab.Evaluation.Statistics;
using LlmLab.Evaluation.Text;

namespace LlmLab.Tests.Evaluation;

public sealed class StatisticsTests
{
    [Fact]
    public void Tests_EveryCase_AreSciPys() => TextMetricTests.Check("statistics_scipy", one =>
    {
        var (x, y) = (Numbers(one.GetProperty("x")), Numbers(one.GetProperty("y")));
        (string Name, SignificanceResult Result)[] results =
        [
            ("pearson", Correlation.Pearson(x, y)), ("spearman", Correlation.Spearman(x, y)), ("kendall_b", Correlation.Kendall(x, y)),
            ("ttest_rel", MeanTests.Paired(x, y)), ("welch", MeanTests.Welch(x, y)),
            ("mannwhitney", RankTests.MannWhitney(x, y, exact: false)), ("wilcoxon", RankTests.Wilcoxon(x, y)),
        ];
        var values = new List<(double?, JsonElement)> { (Correlation.Cosine(x, y), one.GetProperty("cosine")) };
        foreach (var (name, result) in results)
            if (one.GetProperty(name) is { ValueKind: JsonValueKind.Array } pair) values.AddRange([(result.Statistic, pair[0]), (result.PValue, pair[1])]);
            else values.Add((result.Statistic, one.GetProperty(name))); // the peer raised an error: undefined
        return values;
    });

    // SciPy's exact p-values for small samples.
    [Fact]
    public void MannWhitney_SmallSamples_IsExact()
    {
        Assert.Equal(0.05394605394605395, RankTests.MannWhitney([1, 2, 3, 10], [4, 5, 6, 7, 8, 9, 11, 12, 13, 14]).PValue, 12);
        Assert.Equal(0.2, RankTests.MannWhitney([1, 2, 4], [3, 5, 6]).PValue, 12);
    }

    [Fact]
    public void McNemar_DiscordantItems_IsTheBinomialTest()
    {
        Assert.Equal(0.03515625, RankTests.McNemar(3, 12).PValue, 12);
        Assert.Equal(0.0022214337732293643, RankTests.McNemar(30, 10).PValue, 12);
        Assert.Equal(1, RankTests.McNemar(0, 0).PValue);
    }

    [Fact]
    public void Estimate_OfShare_HasWilsonsInterval()
    {
        var estimate = Estimate.OfShare(8, 10); // 0.4902 to 0.9433: R's prop.test without continuity correction

        Assert.Equal(0.4901625, estimate.Low, 6);
        Assert.Equal(0.9433178, estimate.High, 6);
        Assert.Equal((0, true), (Estimate.OfShare(0, 5).Low, Estimate.OfShare(0, 5).High > 0.3));
    }

    [Fact]
    public void Bootstrap_OfAMean_AgreesWithTheFormula()
    {
        var random = new Random(3);
        double[] scores = [.. Enumerable.Range(0, 500).Select(_ => random.NextDouble())];
        var (formula, drawn) = (Estimate.OfMean(scores), Bootstrap.OfMean(scores));

        Assert.Equal(formula.Value, drawn.Value, 12);
        Assert.InRange(drawn.StandardError / formula.StandardError, 0.9, 1.1);
        Assert.Equal(drawn, Bootstrap.OfMean(scores));
        Assert.NotEqual(drawn, Bootstrap.OfMean(scores, seed: 1));
    }

    [Fact]
    public void PairedComparison_OfSystems_FindsTheDifferenceThatIsThere()
    {
        var random = new Random(5);
        string[] words = ["red", "green", "blue", "black", "white", "pink"];
        string[] Sentence(int length) => [.. Enumerable.Range(0, length).Select(_ => words[random.Next(words.Length)])];
        string[][] references = [.. Enumerable.Range(0, 100).Select(_ => new[] { string.Join(' ', Sentence(12)) })];
        string Noisy(string text, double share) => string.Join(' ', text.Split(' ').Select(word => random.NextDouble() < share ? "noise" : word));
        string[] good = [.. references.Select(one => Noisy(one[0], 0.1))], bad = [.. references.Select(one => Noisy(one[0], 0.3))];
        var metric = new Bleu();
        var (randomization, bootstrap) = (PairedComparison.Randomization(metric, good, bad, references, trials: 1000), PairedComparison.Bootstrap(metric, good, bad, references));

        Assert.Equal(1 / 1001.0, randomization.PValue, 12);
        Assert.True(bootstrap.PValue < 0.01);
        Assert.StartsWith("A is better (BLEU", randomization.Verdict());
        Assert.StartsWith("B is better (TER", PairedComparison.Randomization(new TranslationEditRate(), bad, good, references, trials: 200).Verdict());
        Assert.StartsWith("No difference", PairedComparison.Bootstrap(metric, good, good, references).Verdict());
    }

    [Fact]
    public void Power_FourTimesTheItems_FindHalfTheDifference()
    {
        // 0.05 two-sided and 80 % power: (1.959964 + 0.841621) standard errors.
        Assert.Equal(2.801585, Power.MinimumDetectableDifference(1, 1), 0.000001);
        Assert.Equal(Power.MinimumDetectableDifference(1, 100) / 2, Power.MinimumDetectableDifference(1, 400), 12);
        Assert.Throws<InvalidInputException>(() => Power.MinimumDetectableDifference(1, 0));
    }

    static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetDouble())];
}
