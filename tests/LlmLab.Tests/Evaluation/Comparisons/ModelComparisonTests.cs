using LlmLab.Evaluation.Comparisons;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Tests.Evaluation;

public sealed class ModelComparisonTests
{
    static ItemScores Scores(string system, params IReadOnlyList<double> scores) => ItemScores.Of(system, "task", "exact_match", scores);

    static double[] Draw(Random random, int count, double rate) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < rate ? 1.0 : 0)];

    [Fact]
    public void Of_EqualScores_ShowsNoDifference()
    {
        var comparison = ModelComparison.Of(Scores("A", 1, 0, 1, 1), Scores("B", 1, 0, 1, 1));

        Assert.Equal((0, 1, 0.5, 1), (comparison.Difference.Value, comparison.PValue, comparison.WrongSign, comparison.McNemar!.Value.PValue));
        Assert.StartsWith("No difference between A and B is shown on task", comparison.Verdict());
    }

    // With few items all tosses can be listed: the sampled p-value must come close to the exact one.
    [Fact]
    public void PValue_FewItems_IsNearTheExactRandomisation()
    {
        double[] differences = [0.3, -0.1, 0.25, 0.4, 0.05, -0.2, 0.15, 0.35];
        var exact = Enumerable.Range(0, 256).Count(signs => Math.Abs(differences.Select((d, i) => (signs >> i & 1) == 0 ? d : -d).Sum()) >= Math.Abs(differences.Sum()) - 1e-12) / 256.0;

        Assert.Equal(exact, ModelComparison.Of(Scores("A", new double[8]), Scores("B", differences)).PValue, 0.01);
    }

    [Fact]
    public void Of_BinaryScores_HasMcNemarsTest()
    {
        // 12 items only B has, 3 only A: the binomial test gives 0.0352.
        double[] a = [.. Enumerable.Repeat(1.0, 3), .. Enumerable.Repeat(0.0, 12), .. Enumerable.Repeat(1.0, 20)];
        double[] b = [.. Enumerable.Repeat(0.0, 3), .. Enumerable.Repeat(1.0, 12), .. Enumerable.Repeat(1.0, 20)];
        var comparison = ModelComparison.Of(Scores("A", a), Scores("B", b));

        Assert.Equal(0.03515625, comparison.McNemar!.Value.PValue, 12);
        Assert.Equal(0.03515625, comparison.PValue, 0.01); // randomisation of 0/1 scores is the same test
        Assert.StartsWith("B is better on task", comparison.Verdict());
        Assert.Null(ModelComparison.Of(Scores("A", 0.5, 1), Scores("B", 1, 1)).McNemar);
    }

    [Fact]
    public void Of_Loss_TheLowerIsBetter()
    {
        var (random, n) = (new Random(3), 100);
        double[] a = [.. Enumerable.Range(0, n).Select(_ => 3 + random.NextDouble())], b = [.. a.Select(score => score - 0.2 - 0.1 * random.NextDouble())];
        var comparison = ModelComparison.Of(ItemScores.Of("A", "text", "loss", a, false), ItemScores.Of("B", "text", "loss", b, false));

        Assert.StartsWith("B is better", comparison.Verdict());
        Assert.Contains("below 0.01 %", comparison.Verdict());
        Assert.InRange(comparison.Difference.Value, -0.3, -0.2);
        var paired = Estimate.OfMean([.. b.Zip(a, (x, y) => x - y)]);
        Assert.Equal(paired.Low, comparison.Difference.Low, 0.002);
        Assert.Equal(paired.High, comparison.Difference.High, 0.002);
    }

    // Systems that do not differ must be called different in about 5 % of all comparisons, no more.
    [Fact]
    public void Verdict_NoDifference_IsWrongAsOftenAsItSays()
    {
        var random = new Random(11);
        var wrong = Enumerable.Range(0, 300).Count(i => ModelComparison.Of(Scores("A", Draw(random, 60, 0.5)), Scores("B", Draw(random, 60, 0.5)), seed: i, draws: 300).PValue < 0.05);

        Assert.InRange(wrong, 2, 30); // 15 expected, standard deviation 3.8
    }

    [Fact]
    public void MinimumDetectable_ADifferenceOfThatSize_IsFoundInFourOfFive()
    {
        var random = new Random(5);
        double[] Noise(double shift) => [.. Enumerable.Range(0, 80).Select(_ => shift + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
        var detectable = Power.MinimumDetectableDifference(Math.Sqrt(2), 80);
        var found = Enumerable.Range(0, 200).Count(i => ModelComparison.Of(Scores("A", Noise(0)), Scores("B", Noise(detectable)), seed: i, draws: 300).PValue < 0.05);

        Assert.InRange(found / 200.0, 0.7, 0.9);
    }

    [Fact]
    public void Of_OtherOrderOfItems_IsAligned()
    {
        var a = new ItemScores("A", "task", "f1", true, ["x", "y", "z"], [0, 0.5, 1]);
        var b = new ItemScores("B", "task", "f1", true, ["z", "x", "y"], [1, 0, 0.5]);

        Assert.Equal(0, ModelComparison.Of(a, b).Difference.Value);
    }

    [Fact]
    public void Of_UndefinedScores_AreLeftOutAndCounted()
    {
        var comparison = ModelComparison.Of(Scores("A", 1, double.NaN, 0, 1), Scores("B", 1, 1, double.NaN, 0));

        Assert.Equal((2, 2, -0.5), (comparison.Undefined, comparison.Difference.Count, comparison.Difference.Value));
        Assert.Contains("2 items without a score of both were left out", comparison.Verdict());
    }

    [Fact]
    public void Of_WhatCannotBeCompared_IsRefused()
    {
        void Refused(ItemScores a, ItemScores b, string expected) => Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => ModelComparison.Of(a, b)).Message);

        Refused(Scores("A", 1, 0), Scores("B", 1), "answered 2 items of task, B 1");
        Refused(Scores("A", 1), Scores("B", 1) with { Task = "other" }, "only scores of one task and metric");
        Refused(Scores("A", 1), Scores("B", 1) with { Metric = "f1" }, "only scores of one task and metric");
        Refused(Scores("A", 1, 0), Scores("B", 1, 0) with { Items = ["1", "3"] }, "no score for the item \"2\"");
        Refused(Scores("A", 1, 0), Scores("B", 1, 0) with { Items = ["1", "1"] }, "twice");
        Refused(Scores("A", 1, 0), Scores("B", 1, 0) with { Items = ["1"] }, "2 scores for 1 items");
        Refused(Scores("A", double.NaN), Scores("B", 1), "No item of task");
        Refused(Scores("A"), Scores("B"), "No item of task");
    }

    // The example of Holm's procedure with p = 0.01, 0.04, 0.03, 0.005, as R's p.adjust gives it.
    [Fact]
    public void Holm_KnownExample_IsRs() => Assert.Equal([0.03, 0.06, 0.06, 0.02], ComparisonTable.Holm([0.01, 0.04, 0.03, 0.005]), (a, b) => Math.Abs(a - b) < 1e-12);

    [Fact]
    public void Table_SeveralTasks_CorrectsAndNamesWhatIsMissing()
    {
        var random = new Random(7);
        ItemScores One(string system, string task, double rate) => Scores(system, Draw(random, 100, rate)) with { Task = task };
        var table = new ComparisonTable([One("A", "easy", 0.2), One("A", "equal", 0.5), One("A", "own", 0.5)], [One("B", "equal", 0.5), One("B", "easy", 0.9), One("B", "other", 0.5)]);

        Assert.Equal(["easy", "equal"], table.Rows.Select(row => row.Comparison.First.Task));
        Assert.Equal(["own exact_match"], table.OnlyFirst);
        Assert.Equal(["other exact_match"], table.OnlySecond);
        Assert.Contains("B is better on easy", table.ToText());
        Assert.Contains("<td>equal</td>", table.ToHtml());
        Assert.All(table.Rows, row => Assert.True(row.Corrected >= row.Comparison.PValue));
        Assert.NotEmpty(table.ToChart().ToPng());
        Assert.Contains("no task in common", Assert.Throws<InvalidInputException>(() => new ComparisonTable([One("A", "x", 1)], [One("B", "y", 1)])).Message);
    }
}
