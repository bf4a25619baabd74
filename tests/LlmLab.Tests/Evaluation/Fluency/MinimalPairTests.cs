using LlmLab.Data;
using LlmLab.Evaluation.Fluency;

namespace LlmLab.Tests.Evaluation;

public sealed class MinimalPairTests
{
    static readonly IReadOnlyList<MinimalPair> shipped = MinimalPairs.Shipped();

    [Fact]
    public void Generate_ShippedSeed_GivesTheShippedFile() =>
        Assert.Equal(ShippedData.ReadText("fluency/minimal-pairs.jsonl"), MinimalPairs.ToText(MinimalPairs.Generate(MinimalPairs.ShippedSeed, MinimalPairs.ShippedCount)));

    [Fact]
    public void Shipped_Phenomena_AreAtLeastTenOfAtLeastFiftyDifferentPairs()
    {
        var groups = shipped.GroupBy(pair => pair.Phenomenon).ToArray();

        Assert.True(groups.Length >= 10);
        Assert.All(groups, group => Assert.True(group.Distinct().Count() >= 50, group.Key));
        Assert.Equal(MinimalPairs.Phenomena.Select(one => one.Phenomenon), groups.Select(group => group.Key));
        Assert.All(MinimalPairs.Phenomena, one => Assert.NotEmpty(one.Description));
    }

    [Fact]
    public void Shipped_Sentences_DifferOnlyWhereTheyShould()
    {
        Assert.All(shipped, pair =>
        {
            Assert.NotEqual(pair.Good, pair.Bad);
            Assert.All([pair.Good, pair.Bad], sentence =>
            {
                Assert.Matches(@"^[A-Z].*[.?]$", sentence);
                Assert.DoesNotMatch(@"[{}\[\]|~\\]|  | a [aeiou]| an [^aeiou]", sentence);
            });
            Assert.InRange(pair.Good.Split(' ').Length - pair.Bad.Split(' ').Length, -1, 1);
        });
        // No sentence is acceptable in one pair and unacceptable in another.
        Assert.Empty(shipped.Select(pair => pair.Good).Intersect(shipped.Select(pair => pair.Bad)));
    }

    [Fact]
    public void Generate_OtherSeed_GivesOtherPairs() =>
        Assert.True(MinimalPairs.Generate(2, 20).Intersect(MinimalPairs.Generate(3, 20)).Count() < 200);

    [Fact]
    public void Score_OracleAndItsOpposite_AreAllRightAndAllWrong()
    {
        var good = shipped.Select(pair => pair.Good).ToHashSet();
        var oracle = Acceptability.Score(new FakeModel(text => good.Contains(text) ? -1 : -2), shipped);
        var opposite = Acceptability.Score(new FakeModel(text => good.Contains(text) ? -2 : -1), shipped);

        Assert.Equal((1, 0, 0), (oracle.Overall.Value, opposite.Overall.Value, oracle.Ties));
        Assert.All(oracle.ByPhenomenon, one => Assert.Equal((1, 50), (one.Accuracy.Value, one.Accuracy.Count)));
        Assert.NotEmpty(oracle.ToChart().ToPng());
    }

    [Fact]
    public void Score_RandomLikelihoods_AreAtChance()
    {
        var random = new Random(5);
        var score = Acceptability.Score(new FakeModel(_ => -random.NextDouble()), shipped);

        Assert.InRange(score.Overall.Value, 0.5 - 3 * score.Overall.StandardError, 0.5 + 3 * score.Overall.StandardError);
    }

    [Fact]
    public void Score_EqualLikelihoods_AreTiesAndWrong()
    {
        var score = Acceptability.Score(new FakeModel(_ => -3), shipped);

        Assert.Equal((0, shipped.Count), (score.Overall.Value, score.Ties));
    }

    [Theory]
    [InlineData("x: y\n  The {a:person.singular} sleeps.", "no [acceptable|unacceptable] part")]
    [InlineData("x: y\n  The {a:person.dual} [is|are].", "no form \"dual\"")]
    [InlineData("x: y\n  The {a:animal.singular} [is|are].", "no category \"animal\"")]
    [InlineData("x: y\n  The {a.singular} [is|are].", "has no category")]
    [InlineData("x: y\n  The [is|are.", "is not closed")]
    [InlineData("x: y\n  The {a:person.singular [is|are].", "the slot at column 5 is not closed")]
    [InlineData("x: y\n  The is|are.", "column 7")]
    [InlineData("  The [is|are].", "before the first phenomenon")]
    [InlineData("x: y", "has no templates")]
    [InlineData("x: y\n  The {a:person.singular} [is|are].", "fewer than 5 different pairs")]
    public void Make_BrokenTemplate_SaysWhereAndWhat(string templates, string expected)
    {
        var thrown = Assert.Throws<InvalidInputException>(() => MinimalPairs.Make(("pairs.txt", templates), "lexicon.txt", "person: singular plural\n  cook cooks\n  nurse nurses", 1, 5));

        Assert.Contains(expected, thrown.Message);
    }

    [Theory]
    [InlineData("person singular\n", "line 1")]
    [InlineData("person: singular plural\n  cook", "line 2: the word has 1 forms, its category 2")]
    [InlineData("  cook", "before the first category")]
    public void Make_BrokenLexicon_SaysWhereAndWhat(string lexicon, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => MinimalPairs.Make(("pairs.txt", "x: y\n  [a|b]"), "lexicon.txt", lexicon, 1, 1)).Message);

    [Theory]
    [InlineData("{\"phenomenon\":\"x\",\"good\":\"a\"}", "line 1")]
    [InlineData("{\"phenomenon\":\"x\",\"good\":\"a\",\"bad\":\"a\"}", "a minimal pair differs")]
    [InlineData("", "no minimal pairs")]
    public void Read_BrokenFile_SaysWhereAndWhat(string text, string expected)
    {
        using var folder = new LlmLab.Tests.Data.TemporaryFolder();
        var path = System.IO.Path.Combine(folder.Path, "pairs.jsonl");
        File.WriteAllText(path, text);

        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => MinimalPairs.Read(path)).Message);
    }

    [Fact]
    public void Score_NoPairs_IsRefused() => Assert.Throws<InvalidInputException>(() => Acceptability.Score(new FakeModel(_ => 0), []));
}
