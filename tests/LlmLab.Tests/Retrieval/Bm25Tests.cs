using LlmLab.Retrieval.Search;

namespace LlmLab.Tests.Retrieval;

public class Bm25Tests
{
    [Theory]
    [InlineData("okapi", Bm25Variant.Okapi, 1.5, 0.75)]
    [InlineData("L", Bm25Variant.L, 1.5, 0.75)]
    [InlineData("plus", Bm25Variant.Plus, 1.5, 0.75)]
    [InlineData("okapi_k1_1.2_b_0.5", Bm25Variant.Okapi, 1.2, 0.5)]
    public void Scores_CasesOfRankBm25_AreEqual(string name, Bm25Variant variant, double k1, double b)
    {
        var cases = SharedFiles.Cases("bm25_rank_bm25").Where(one => one.TryGetProperty("docs", out _)).ToList();
        Assert.Equal(100, cases.Count);
        foreach (var one in cases)
        {
            string[][] documents = [.. one.GetProperty("docs").EnumerateArray().Select(document => document.EnumerateArray().Select(word => word.GetString()!).ToArray())];
            double[] scores = new Bm25Scorer(documents, variant, k1, b).Scores(one.GetProperty("query").EnumerateArray().Select(word => word.GetString()!));
            double[] expected = [.. one.GetProperty(name).EnumerateArray().Select(score => score.GetDouble())];
            Assert.Equal(expected.Length, scores.Length);
            for (int i = 0; i < scores.Length; i++) Assert.Equal(expected[i], scores[i], 1e-9);
        }
    }

    [Fact]
    public void Scores_WordInNoDocument_AreZero() =>
        Assert.Equal([0, 0], new Bm25Scorer([["a", "b"], ["c"]]).Scores(["d"]));

    [Fact]
    public void Constructor_BadInput_SaysWhatIsWrong()
    {
        Assert.Contains("at least one document", Assert.Throws<InvalidInputException>(() => new Bm25Scorer([])).Message);
        Assert.Contains("k1", Assert.Throws<InvalidInputException>(() => new Bm25Scorer([["a"]], k1: -1)).Message);
        Assert.Contains("b must", Assert.Throws<InvalidInputException>(() => new Bm25Scorer([["a"]], b: 1.5)).Message);
    }
}
