using LlmLab.Data.Company;
using LlmLab.Retrieval.Chunking;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Reading;
using LlmLab.Retrieval.Search;
using LlmLab.Retrieval.Stores;

namespace LlmLab.Tests.Retrieval.Reading;

/// <summary>What a search finds for the exercises and questions of a reader.</summary>
public sealed class SearchedFactsTests
{
    static readonly CompanyPart[] parts = [.. Enumerable.Range(0, 12).Select(number => CompanyGenerator.GeneratePart(1, number))];
    static readonly CompanyPart[] two = [.. parts.Where(part => part.Split == CompanySplit.Train).Take(2)];

    static LocalEmbeddingGenerator Embeddings() =>
        LatentSemanticAnalysis.Train([.. CompanyRetrieval.Documents("c", two).Documents.Select(document => document.Text)], dimensions: 8);

    static async Task<IReadOnlyList<SearchedFact>> Find(LocalEmbeddingGenerator? embeddings) =>
        await new SearchedFacts(embeddings).FindAsync(two, question => !question.HeldOut, most: 10, seed: 1);

    [Theory, InlineData(false), InlineData(true)]
    public async Task Find_Projects_SearchesForEachFactOnceAndTellsWhatAnswers(bool byMeaningToo)
    {
        using var embeddings = byMeaningToo ? Embeddings() : null;
        var facts = await Find(embeddings);
        Assert.Equal(two.SelectMany(part => part.Questions).Where(question => !question.HeldOut).Select(question => question.FactId).Distinct().Order(), facts.Select(fact => fact.Asked.FactId).Order());
        Assert.All(facts, fact =>
        {
            Assert.Contains(fact.Asked.Question, fact.Phrasings);
            Assert.InRange(fact.Found.Count, 0, 10);
            Assert.All(fact.Found.Where(passage => passage.Answers), passage => Assert.Contains(fact.Asked.Answer!, passage.Text, StringComparison.Ordinal));
        });
        // Words find most of what is asked; a search by lot would find one passage in some hundred.
        Assert.InRange(facts.Where(fact => fact.Asked.Answer is not null).Average(fact => fact.Found.Any(passage => passage.Answers) ? 1.0 : 0), 0.5, 1);
        Assert.Equal(facts.SelectMany(fact => fact.Found), (await Find(embeddings)).SelectMany(fact => fact.Found));
    }

    [Fact]
    public async Task Search_Questions_ReadsHeldOutProjectsAlone()
    {
        var questions = await ReadingQuestions.SearchAsync(parts, CompanySplit.Test, 60, embeddings: null, passages: 5, heldOut: true);
        var asked = parts.Where(part => part.Split == CompanySplit.Test).SelectMany(part => part.Questions).Where(question => question.HeldOut).ToDictionary(question => question.Id);
        Assert.Equal(60, questions.Count);
        Assert.All(questions, question => Assert.Equal((asked[question.Id].Question, asked[question.Id].Answer), (question.Question, question.Answer)));
        Assert.All(questions, question => Assert.InRange(question.Passages.Count, 1, 5));
        var training = CompanyRetrieval.Documents("t", [.. parts.Where(part => part.Split == CompanySplit.Train)]).Documents.Select(document => document.Text).ToArray();
        Assert.All(questions.SelectMany(question => question.Passages).Where(passage => passage.Length > 80), passage => Assert.DoesNotContain(training, text => text.Contains(passage, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task FindAmongKin_Questions_BringsTheBestAndWhatSaysTheSameOfOthers()
    {
        CompanyQuestion[] all = [.. two.SelectMany(part => part.Questions)], asked = [.. all.Where(question => question.Kind == "person.desk").Take(40)];
        using var embeddings = Embeddings();
        using var store = VectorStores.Open("memory:");
        using var index = await PassageIndex.OpenAsync(null, store, embeddings);
        await index.UpdateAsync(CompanyRetrieval.Documents("c", two), new StructureChunker());
        var best = await ReadingQuestions.FindAsync(asked, index, new SearchOptions { Most = 2, Depth = 400 });
        var found = await ReadingQuestions.FindAmongKinAsync(asked, index, all, best: 2, kin: 3);
        string[] Desks(CompanyQuestion of) => [.. all.Where(question => question.Kind == of.Kind && question.Answer is not null && question.FactId != of.FactId).Select(question => question.Answer!).Distinct()];
        Assert.Equal(best.Select(question => question.Passages), found.Select(question => question.Passages.Take(2)));
        Assert.All(asked.Zip(found), pair => Assert.InRange(pair.Second.Passages.Count, 3, 5));
        Assert.All(asked.Zip(found), pair => Assert.InRange(pair.Second.Passages.Count(passage => Desks(pair.First).Any(desk => passage.Contains(desk, StringComparison.Ordinal))), 3, 5));
    }
}
