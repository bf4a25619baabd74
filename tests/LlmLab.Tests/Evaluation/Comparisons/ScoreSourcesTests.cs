using LlmLab.Evaluation.Comparisons;
using LlmLab.Evaluation.Harness.Running;
using LlmLab.Evaluation.Statistics;
using LlmLab.Tests.Data;

namespace LlmLab.Tests.Evaluation;

public sealed class ScoreSourcesTests
{
    static EvaluationReport Report(string model, params double[] values) => new("suite", [model],
        [new("qa", "g", null, "f1", true, [Estimate.OfMean([0, 1])]), new("text", "g", null, "perplexity", false, [Estimate.OfMean([5])]), new("opinions", "g", null, "share", null, [Estimate.OfMean([0.5])])],
        [new(model, "qa", "f1", true, [.. values.Select((_, i) => $"file, record {i}")], values), new(model, "text", "perplexity", false, ["file"], [5]), new(model, "opinions", "share", true, ["file"], [0.5])], []);

    [Fact]
    public void Of_AReport_HasEachTaskWithADirection()
    {
        var scores = ScoreSources.Of(Report("m", 1, 0.5, double.NaN));

        Assert.Equal(["qa", "text"], scores.Select(one => one.Task));
        Assert.Equal([true, false], scores.Select(one => one.HigherIsBetter));
        Assert.Equal(["file, record 0", "file, record 1", "file, record 2"], scores[0].Items);
    }

    // Saved, read again and compared: what the command line does.
    [Fact]
    public void Of_SavedReports_CanBeComparedAndUndefinedScoresAreCounted()
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, values) in new[] { ("a", new double[] { 0, 0.5, double.NaN, 1 }), ("b", [0.5, 1, 1, 1]) }) Report(name, values).Save(Path.Combine(folder.Path, name));
        IReadOnlyList<ItemScores> Load(string name) => ScoreSources.Of(EvaluationReport.Load(Path.Combine(folder.Path, name)), name);

        var row = new ComparisonTable(Load("a"), Load("b")).Rows[0].Comparison;

        Assert.Equal((1, 3), (row.Undefined, row.Difference.Count));
        Assert.Equal(1 / 3.0, row.Difference.Value, 12);
    }

    [Fact]
    public void Of_ReportsOfUnequalCounts_AreRefused() => Assert.Contains("answered 2 items of qa, b 3",
        Assert.Throws<InvalidInputException>(() => new ComparisonTable(ScoreSources.Of(Report("m", 1, 0), "a"), ScoreSources.Of(Report("m", 1, 0, 1), "b"))).Message);

    [Fact]
    public void OfTexts_KnownLikelihoods_AreBitsAByte()
    {
        var scores = ScoreSources.OfTexts(new FakeModel(text => -text.Length * Math.Log(2)), "texts", ["abcd", "äö"]);

        Assert.Equal([1, 0.5], scores.Scores, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.False(scores.HigherIsBetter);
        Assert.Throws<InvalidInputException>(() => ScoreSources.OfTexts(new FakeModel(_ => 0), "texts", []));
        Assert.Throws<InvalidInputException>(() => ScoreSources.OfTexts(new FakeModel(_ => 0), "texts", ["a", ""]));
    }

    [Theory]
    [InlineData("one\ntwo\nthree\nfour", 8)]
    [InlineData("abcdefghij", 3)]
    [InlineData("a😀b😀c", 2)]
    [InlineData("😀😀", 1)]
    [InlineData("", 5)]
    public void Pieces_OfAText_AreTheTextAgain(string text, int length)
    {
        var pieces = ScoreSources.Pieces(text, length);

        Assert.Equal(text, string.Concat(pieces));
        Assert.All(pieces, piece => Assert.True(piece.Length <= length + 1 && !char.IsLowSurrogate(piece[0]) && !char.IsHighSurrogate(piece[^1]), piece));
    }

    [Fact]
    public void Pieces_WithLines_EndAtLineEnds() => Assert.Equal(["one\ntwo\n", "three\n", "four"], ScoreSources.Pieces("one\ntwo\nthree\nfour", 9));
}
