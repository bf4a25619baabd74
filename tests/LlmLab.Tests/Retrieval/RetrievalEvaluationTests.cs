using LlmLab.Data.Company;
using LlmLab.Retrieval.Chunking;
using LlmLab.Retrieval.Search;

namespace LlmLab.Tests.Retrieval;

public class RetrievalEvaluationTests
{
    static RetrievalQuestion Ask(string id, params string[] relevant) => new(id, id, relevant, SearchFilter.Default);

    static Task<RetrievalScores> Score(string name, Dictionary<string, string[]> found) =>
        RetrievalEvaluation.ScoreAsync(name, [Ask("1", "a"), Ask("2", "b", "c"), Ask("3", "z")], question => Task.FromResult<IReadOnlyList<string>>(found[question.Id]));

    [Fact]
    public async Task Score_KnownRankings_AreTheDefinitionsNumbers()
    {
        var scores = await Score("s", new() { ["1"] = ["x", "a"], ["2"] = ["b", "x", "c"], ["3"] = [.. Enumerable.Range(0, 10).Select(i => $"{i}"), "z"] });
        Assert.Equal((0.5 + 1 + 0) / 3, scores.ReciprocalRank.Value, 1e-12);   // rank 11 is beyond ten
        double ideal = 1 + 1 / Math.Log2(3);
        Assert.Equal((1 / Math.Log2(3) + (1 + 0.5) / ideal + 0) / 3, scores.Gain.Value, 1e-12);
        Assert.Equal((0 + 0.5 + 0) / 3, scores.Recall[1].Value, 1e-12);
        Assert.Equal((1 + 1 + 1) / 3.0, scores.Recall[20].Value, 1e-12);
        Assert.InRange(scores.ReciprocalRank.Value, scores.ReciprocalRank.Low, scores.ReciprocalRank.High);
    }

    [Fact]
    public async Task Compare_SystemWithItselfAndWithAWorse_IntervalSaysWhich()
    {
        var good = await Score("good", new() { ["1"] = ["a"], ["2"] = ["b"], ["3"] = ["z"] });
        var bad = await Score("bad", new() { ["1"] = ["x"], ["2"] = ["x"], ["3"] = ["x"] });
        var same = RetrievalEvaluation.Compare(good, good);
        Assert.False(same.IsBetter || same.IsWorse);
        Assert.True(RetrievalEvaluation.Compare(good, bad).IsBetter);
        Assert.True(RetrievalEvaluation.Compare(bad, good).IsWorse);
    }

    [Fact]
    public void Questions_OfTheCompany_RelevantPassagesHoldTheAnswerWhateverTheChunks()
    {
        var part = CompanyGenerator.GeneratePart(1, 3);
        foreach (IChunker chunker in new IChunker[] { new StructureChunker(), new SentenceChunker(2, 1) })
        {
            var passages = CompanyRetrieval.Documents("c", [part]).Documents.SelectMany(chunker.Split).ToDictionary(p => p.Id);
            var questions = CompanyRetrieval.Questions(part.Questions, passages.Values);
            Assert.True(questions.Count > 0.95 * part.Questions.Count(q => q.Answer is not null));
            var answers = part.Questions.ToDictionary(q => q.Id, q => q.Answer!);
            Assert.All(questions, q => Assert.All(q.Relevant, id => Assert.Contains(answers[q.Id], passages[id].Text, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Measure_Company_GivesTheTargetsMetricsOfTestProjectsOnly()
    {
        var scores = await CompanyRetrieval.MeasureAsync(seed: 1, projects: 12, most: 40);
        var tests = Enumerable.Range(0, 12).Select(number => CompanyGenerator.GeneratePart(1, number)).Where(part => part.Split == CompanySplit.Test).Sum(part => part.Questions.Count(q => q.Answer is not null));
        Assert.InRange(scores.ByQuestion.Count, 1, Math.Min(40, tests));
        // Words alone find most; a ranking drawn by lot would find one in hundreds.
        Assert.InRange(scores.Measured["mrr_at_10"].Value, 0.4, 1);
        Assert.Equal(scores.ReciprocalRank, scores.Measured["mrr_at_10"]);
        Assert.All(scores.Measured.Keys, metric => Assert.True(RetrievalScores.Judges(metric)));
        Assert.False(RetrievalScores.Judges("exact_match"));
        Assert.Equal(scores.ByQuestion, (await CompanyRetrieval.MeasureAsync(seed: 1, projects: 12, most: 40)).ByQuestion);
    }

    [Fact]
    public async Task Measure_WithAnEmbeddingModel_FusesBothRankings()
    {
        var texts = CompanyRetrieval.Documents("c", [CompanyGenerator.GeneratePart(1, 3)]).Documents.Select(document => document.Text).ToArray();
        using var embeddings = LlmLab.Retrieval.Embeddings.LatentSemanticAnalysis.Train(texts, dimensions: 8);
        var scores = await CompanyRetrieval.MeasureAsync(seed: 1, projects: 12, embeddings, most: 40);
        var words = await CompanyRetrieval.MeasureAsync(seed: 1, projects: 12, most: 40);
        Assert.Equal("BM25 and tfidf-lsa", scores.System);
        Assert.Equal(words.ByQuestion.Count, scores.ByQuestion.Count);
        // Eight dimensions say little: the weights leave the search about as good as words alone make it.
        Assert.InRange(scores.ReciprocalRank.Value, words.ReciprocalRank.Value - 0.1, 1);
        await Assert.ThrowsAsync<InvalidInputException>(() => CompanyRetrieval.MeasureAsync(seed: 1, projects: 1));
    }
}
