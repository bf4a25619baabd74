using LlmLab.Retrieval.Search;

namespace LlmLab.Tests.Retrieval;

public class FusionTests
{
    [Fact]
    public void Fuse_TwoRankings_SumsOfReciprocalRanks()
    {
        // Cormack et al. 2009: Σ 1 / (60 + rank).
        var fused = new RankFusion().Fuse(["a", "b", "c"], ["c", "a"]);
        Assert.Equal(["a", "c", "b"], fused.Select(f => f.Id));
        Assert.Equal(1.0 / 61 + 1.0 / 62, fused[0].Score, 1e-12);
        Assert.Equal(1.0 / 63 + 1.0 / 61, fused[1].Score, 1e-12);
        Assert.Equal(1.0 / 62, fused[2].Score, 1e-12);
    }

    [Fact]
    public void Fuse_OneWeightZero_IsTheOtherRanking()
    {
        Assert.Equal(["c", "a"], new RankFusion(0, 1).Fuse(["a", "b"], ["c", "a"]).Select(f => f.Id));
        Assert.Equal(["a", "b"], new RankFusion(1, 0).Fuse(["a", "b"], ["c", "a"]).Select(f => f.Id));
    }

    [Fact]
    public void Tune_OneRankingAlwaysRight_GivesItTheWeight()
    {
        var questions = Enumerable.Range(0, 20).Select(i => new TuningQuestion([($"x{i}", 2), ($"a{i}", 1)], [($"r{i}", 0.9), ($"z{i}", 0.8), ($"x{i}", 0.7)], [$"r{i}"])).ToArray();
        var (fusion, reciprocalRank) = FusionTuning.Tune(questions);
        Assert.Equal(1, reciprocalRank);
        Assert.True(fusion.Vectors > fusion.Keywords);
    }

    [Fact]
    public void Fuse_ByScore_WeighsEachScoreOnItsOwnScale()
    {
        // BM25 as a share of the highest; cosines between the lowest and the highest found.
        var fused = new RankFusion(0.25, 0.75) { ByScore = true }.Fuse([("a", 8), ("b", 4)], [("c", 0.9), ("a", 0.7), ("d", 0.5)]);
        Assert.Equal(["c", "a", "b", "d"], fused.Select(f => f.Id));
        Assert.Equal([0.75, 0.25 + 0.75 * 0.5, 0.125, 0], fused.Select(f => Math.Round(f.Score, 9)));
        Assert.Equal([("a", 1.0)], new RankFusion(1, 1) { ByScore = true }.Fuse([], [("a", -0.2)]));
    }

    [Fact]
    public void Tune_OneWordFarAheadOfTheRest_PrefersScoresToRanks()
    {
        // By rank the right one is always second in both; by score it is far ahead of what is first in the other.
        TuningQuestion Question(int i) => i % 2 == 0
            ? new([($"r{i}", 9), ($"x{i}", 1), ($"a{i}", 0.9)], [($"a{i}", 0.62), ($"x{i}", 0.61), ($"r{i}", 0.6)], [$"r{i}"])
            : new([($"a{i}", 1.1), ($"x{i}", 1), ($"r{i}", 0.9)], [($"r{i}", 0.9), ($"x{i}", 0.2), ($"a{i}", 0.1)], [$"r{i}"]);
        var (fusion, reciprocalRank) = FusionTuning.Tune([.. Enumerable.Range(0, 20).Select(Question)]);
        Assert.Equal(1, reciprocalRank);
        Assert.True(fusion.ByScore);
    }

    [Fact]
    public void Checked_ImpossibleWeights_SaysSo()
    {
        Assert.Throws<InvalidInputException>(() => new RankFusion(0, 0).Checked());
        Assert.Throws<InvalidInputException>(() => new RankFusion(-1, 1).Fuse((string[])[], []));
        Assert.Throws<InvalidInputException>(() => FusionTuning.Tune([]));
    }
}
