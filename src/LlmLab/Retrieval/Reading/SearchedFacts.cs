using LlmLab.Data.Company;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Search;

namespace LlmLab.Retrieval.Reading;

/// <summary>A fact and the passages that a search found for a question about it.</summary>
/// <param name="Asked">The question that was searched for.</param>
/// <param name="Phrasings">All that ask for the fact.</param>
/// <param name="Found">What was found, best first.</param>
sealed record SearchedFact(CompanyQuestion Asked, IReadOnlyList<string> Phrasings, IReadOnlyList<ReadingPassage> Found);

/// <summary>A passage of an exercise.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Answers">Whether it states the fact.</param>
sealed record ReadingPassage(string Text, bool Answers);

/// <summary>
/// Asks a search about the projects that it covers. A reader that learns from what a search really confuses (another fact of the same
/// project, the same fact of another one) is not surprised by it in use: DPR's reader learns from retrieved passages too (Karpukhin et al.
/// 2020, arXiv:2004.04906).
/// </summary>
/// <param name="embeddings">The search's embedding model; null: it searches by words alone (BM25).</param>
sealed class SearchedFacts(LocalEmbeddingGenerator? embeddings)
{
    // Projects that one search covers: about as many as those that readers are tested on. Every third search goes by meaning too, the others
    // by words alone: they take half the time, and a reader should not depend on one search. Questions that weigh words against meaning.
    const int Together = 24, ByMeaning = 3, TuningQuestions = 300;

    RankFusion? fusion;

    /// <summary>Searches for all facts of some projects that have a question to ask, each once.</summary>
    /// <param name="parts">The projects.</param>
    /// <param name="asks">Which questions are asked.</param>
    /// <param name="most">How many passages for each.</param>
    /// <param name="seed">Decides which of a fact's questions is searched for.</param>
    public async Task<IReadOnlyList<SearchedFact>> FindAsync(IReadOnlyList<CompanyPart> parts, Func<CompanyQuestion, bool> asks, int most, int seed)
    {
        var facts = new List<SearchedFact>();
        foreach (var (number, group) in parts.Chunk(Together).Index())
        {
            Operation.Current.Report("searching for exercises", number * Together, parts.Count, "projects");
            facts.AddRange(await FindInAsync(group, number % ByMeaning == 0 ? embeddings : null, asks, most, new Random(seed + number)).ConfigureAwait(false));
        }
        Operation.Current.Report("searching for exercises", parts.Count, parts.Count, "projects");
        return facts;
    }

    async Task<IEnumerable<SearchedFact>> FindInAsync(CompanyPart[] group, LocalEmbeddingGenerator? model, Func<CompanyQuestion, bool> asks, int most, Random random)
    {
        var facts = group.SelectMany(part => part.Questions.Where(asks).GroupBy(question => question.FactId).Select(fact => fact.ToArray())).ToArray();
        CompanyQuestion[] asked = [.. facts.Select(questions => questions[random.Next(questions.Length)])];
        using var search = await CompanySearch.OpenAsync(group, model).ConfigureAwait(false);
        if (model is not null && fusion is null) await search.TuneAsync(asked.Take(TuningQuestions)).ConfigureAwait(false);
        else if (fusion is not null) search.SetFusion(fusion);
        fusion ??= search.Fusion;
        var answering = search.Judged(asked).ToDictionary(question => question.Id, question => question.Relevant, StringComparer.Ordinal);
        var found = await search.FindAsync(asked, most).ConfigureAwait(false);
        return asked.Select((question, i) => new SearchedFact(question, [.. facts[i].Select(q => q.Question)],
            [.. found[i].Select(passage => new ReadingPassage(passage.Passage.Text, answering.GetValueOrDefault(question.Id)?.Contains(passage.Passage.Id) ?? false))]));
    }
}
