using LlmLab.Data.Company;
using LlmLab.Evaluation.Coherence;

namespace LlmLab.Tests.Evaluation;

public sealed class CoherenceTests
{
    // After the example of Barzilay and Lapata (2008), figure 1: Microsoft is subject, then subject, then absent …
    [Fact]
    public void Grid_OfAText_HasTheRolesOfItsEntities()
    {
        var grid = EntityGrid.Of("The department is conducting a trial against Microsoft. Microsoft opened a market with the browser. The government filed the suit.");

        Assert.Equal(3, grid.SentenceCount);
        EntityRole[] Column(string entity) => [.. Enumerable.Range(0, 3).Select(i => grid.Roles[i, grid.Entities.ToList().IndexOf(entity)])];
        Assert.Equal([EntityRole.Subject, EntityRole.Absent, EntityRole.Absent], Column("depart"));
        Assert.Equal([EntityRole.Object, EntityRole.Absent, EntityRole.Absent], Column("trial"));
        Assert.Equal([EntityRole.Other, EntityRole.Subject, EntityRole.Absent], Column("microsoft"));
        Assert.Equal([EntityRole.Absent, EntityRole.Object, EntityRole.Absent], Column("market"));
        Assert.Equal([EntityRole.Absent, EntityRole.Other, EntityRole.Absent], Column("browser"));
        Assert.Equal([EntityRole.Absent, EntityRole.Absent, EntityRole.Object], Column("suit"));
        Assert.Contains("microsoft        XS-", grid.ToString());
    }

    [Fact]
    public void Grid_PluralsAndLongNames_AreOneEntity()
    {
        var grid = EntityGrid.Of(["Marta Visser checked the old pumps.", "The pump was broken, Visser said."]);

        Assert.Equal(["visser", "pump"], grid.Entities);
    }

    [Fact]
    public void Transitions_OfAGrid_AreSharesOfItsColumns()
    {
        // Two entities in three sentences make four transitions: dog S→S, S→−; cat O→−, −→S.
        var grid = EntityGrid.Of(["The dog saw the cat.", "The dog slept.", "The cat slept."]);
        var shares = grid.Transitions();

        Assert.Equal(16, shares.Length);
        Assert.Equal(1, shares.Sum(), 12);
        static int Index(EntityRole from, EntityRole to) => (int)from * 4 + (int)to;
        Assert.Equal(0.25, shares[Index(EntityRole.Subject, EntityRole.Subject)]);
        Assert.Equal(0.25, shares[Index(EntityRole.Subject, EntityRole.Absent)]);
        Assert.Equal(0.25, shares[Index(EntityRole.Object, EntityRole.Absent)]);
        Assert.Equal(0.25, shares[Index(EntityRole.Absent, EntityRole.Subject)]);
        Assert.All(EntityGrid.Of("").Transitions(), share => Assert.Equal(0, share));
        Assert.Throws<InvalidInputException>(() => grid.Transitions(5));
    }

    [Fact]
    public void Ranker_TextsWithARule_LearnsIt()
    {
        // Each text introduces its entity as an object and goes on with it as the subject.
        static string Text(string a, string b, string c) => $"The clerk found the {a}. The {a} needed the {b}. The {b} covered the {c}. The {c} was old.";
        string[] things = ["pump", "valve", "cable", "sensor", "filter", "invoice", "contract", "drawing", "machine", "battery", "shelf", "box"];
        string[] texts = [.. Enumerable.Range(0, 12).Select(i => Text(things[i], things[(i + 1) % 12], things[(i + 5) % 12]))];
        var ranker = EntityGridRanker.Train(texts[..6]);

        Assert.True(ranker.Accuracy(texts[6..]).Value > 0.85);
        Assert.True(ranker.Score(texts[7]) > ranker.Score("The filter was old. The invoice covered the cable. The cable needed the filter. The clerk found the invoice."));
    }

    [Fact]
    public void Ranker_CompanyDocuments_BeatsChanceOnOthers()
    {
        string[] texts = [.. CompanyCorpus.Generate(1, 300_000, CompanySplit.Train).Documents.Select(one => one.Text).Where(text => text.Length is > 500 and < 4000).Take(60)];
        var accuracy = EntityGridRanker.Train(texts[..40], shuffles: 5).Accuracy(texts[40..], shuffles: 5);

        Assert.True(accuracy.Low > 0.5, $"{accuracy}");
    }

    [Fact]
    public void Ranker_NothingToShuffle_IsRefused()
    {
        Assert.Throws<InvalidInputException>(() => EntityGridRanker.Train(["One sentence."]));
        Assert.Throws<InvalidInputException>(() => EntityGridRanker.Train([]));
    }

    [Fact]
    public void Order_ModelThatKnowsIt_IsAlwaysRight()
    {
        string[] texts = ["First a. Then b. Last c.", "One. Two. Three. Four.", "Alone."];
        var originals = texts.Select(text => " " + text).ToHashSet();
        var right = SentenceOrder.Score(new FakeModel(text => originals.Contains(text) ? -1 : -4), texts);
        var wrong = SentenceOrder.Score(new FakeModel(text => originals.Contains(text) ? -4 : -1), texts);
        var blind = SentenceOrder.Score(new FakeModel(text => -text.Length), texts);

        Assert.Equal((1, 1, 1), (right.Accuracy.Value, right.Best.Value, right.Skipped));
        Assert.Equal((3 / 3.0 + 3 / 4.0) / 2, right.Gain.Value, 12);
        Assert.Equal((0, 0), (wrong.Accuracy.Value, wrong.Best.Value));
        Assert.Equal((0.5, 0), (blind.Accuracy.Value, blind.Best.Value)); // ties
    }

    [Fact]
    public void Order_NothingToShuffle_IsRefused()
    {
        Assert.Throws<InvalidInputException>(() => SentenceOrder.Score(new FakeModel(_ => 0), ["One. One.", ""]));
        Assert.Throws<InvalidInputException>(() => SentenceOrder.Score(new FakeModel(_ => 0), ["One. Two."], shuffles: 0));
    }

    [Fact]
    public async Task Similarity_OfNeighbours_IsHigherWhereTheTopicStays()
    {
        var one = await SentenceSimilarity.OfAsync(["The pump is broken. The pump was replaced. The new pump is fine."]);
        var many = await SentenceSimilarity.OfAsync(["The pump is broken. Invoices arrive late. Marta likes tea."]);
        var same = await SentenceSimilarity.OfAsync(["Stop here. Stop here. Stop here.", "Alone."]);

        Assert.True(one.Neighbours.Value > many.Neighbours.Value + 0.2);
        Assert.Equal((1, 1, 1), (same.Neighbours.Value, same.Others, same.Skipped), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-5 && Math.Abs(a.Item2 - b.Item2) < 1e-5 && a.Item3 == b.Item3);
        Assert.True(double.IsNaN(same.ByText[1]));
        await Assert.ThrowsAsync<InvalidInputException>(() => SentenceSimilarity.OfAsync(["", "Alone."]));
    }
}
