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
        var questions = Enumerable.Range(0, 20).Select(i => new TuningQuestion([$"x{i}", $"y{i}"], [$"r{i}", $"z{i}", $"x{i}"], [$"r{i}"])).ToArray();
        var (fusion, reciprocalRank) = FusionTuning.Tune(questions);
        Assert.Equal(1, reciprocalRank);
        Assert.True(fusion.Vectors > fusion.Keywords);
    }

    [Fact]
    public void Checked_ImpossibleWeights_SaysSo()
    {
        Assert.Throws<InvalidInputException>(() => new RankFusion(0, 0).Checked());
        Assert.Throws<InvalidInputException>(() => new RankFusion(-1, 1).Fuse([], []));
        Assert.Throws<InvalidInputException>(() => FusionTuning.Tune([]));
    }
}
