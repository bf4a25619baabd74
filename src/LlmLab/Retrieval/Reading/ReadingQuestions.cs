using LlmLab.Data.Company;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Search;

namespace LlmLab.Retrieval.Reading;

/// <summary>A question put to a reader with its passages.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">The kind of fact it asks for.</param>
/// <param name="Question">The question.</param>
/// <param name="Answer">The right answer, or null where no document gives one.</param>
/// <param name="Passages">What was found for it, the most relevant first.</param>
public sealed record ReadingQuestion(string Id, string Kind, string Question, string? Answer, IReadOnlyList<string> Passages);

/// <summary>Questions of the company with passages that are drawn, not searched for: what a reader is measured on when search is not to matter.</summary>
public static class ReadingQuestions
{
    /// <summary>
    /// Questions in phrasings that no training question uses, about facts of a split; each with the paragraph that answers it (if one
    /// does), up to two others about its entity and four that say the same of other entities, shuffled.
    /// </summary>
    /// <param name="parts">Projects; those of other splits are ignored.</param>
    /// <param name="split">Whose facts are asked for.</param>
    /// <param name="count">Most questions.</param>
    /// <param name="seed">Decides which, and the passages.</param>
    /// <param name="heldOut">Phrasings kept for tests, or those of training questions.</param>
    public static IReadOnlyList<ReadingQuestion> Draw(IEnumerable<CompanyPart> parts, CompanySplit split, int count, int seed = 1, bool heldOut = true)
    {
        var pool = new ReadingPool(parts.Where(part => part.Split == split), question => question.HeldOut == heldOut);
        var exercises = new ReadingExercises(pool, seed);
        var all = pool.Facts.SelectMany((fact, index) => fact.Questions.Select(question => (index, question))).ToArray();
        exercises.Random.Shuffle(all);
        return [.. all.Take(count).Select(item => new ReadingQuestion(item.question.Id, item.question.Kind, item.question.Question, item.question.Answer,
            [.. exercises.Select(item.index, item.question.Answer is not null, 2, 4, 0).Select(p => pool.Paragraphs[p].Text)]))];
    }

    /// <summary>Questions with the passages that a search finds for each: what a reader is measured on in use.</summary>
    /// <param name="questions">Questions; those without an answer too.</param>
    /// <param name="index">Searched in each asker's clearance; its chunks should be about as long as a paragraph.</param>
    /// <param name="options">How many passages, and how they are ranked.</param>
    public static async Task<IReadOnlyList<ReadingQuestion>> FindAsync(IEnumerable<CompanyQuestion> questions, PassageIndex index, SearchOptions options)
    {
        var asked = questions.ToArray();
        return Of(asked, await CompanyRetrieval.FindAsync(index, asked, options).ConfigureAwait(false));
    }

    /// <summary>
    /// Questions with passages of a search's ranking, among which some are sure to mislead: the best, and the best of those that state the
    /// same kind of fact about something else (another project's budget, another person's room), all in the order of their ranks.
    /// </summary>
    /// <param name="questions">Questions; those without an answer too.</param>
    /// <param name="index">Searched in each asker's clearance.</param>
    /// <param name="all">Questions about all that the index holds: they tell which passage states which kind of fact, about what.</param>
    /// <param name="best">How many of the best.</param>
    /// <param name="kin">How many of the same kind about something else, those among the best included; questions for which the search finds fewer are left out.</param>
    public static async Task<IReadOnlyList<ReadingQuestion>> FindAmongKinAsync(IEnumerable<CompanyQuestion> questions, PassageIndex index, IEnumerable<CompanyQuestion> all, int best = 4, int kin = 4)
    {
        var asked = questions.ToArray();
        var known = all.DistinctBy(question => question.FactId).ToDictionary(question => question.Id, StringComparer.Ordinal);
        var stated = CompanyRetrieval.Questions(known.Values, index.Keywords.All()).SelectMany(question => question.Relevant.Select(passage => (Fact: known[question.Id], Passage: passage)))
            .ToLookup(pair => (pair.Fact.Kind, pair.Passage), pair => ReadingPool.EntityOf(pair.Fact.FactId));
        var chosen = new Dictionary<string, IReadOnlyList<FoundPassage>>(StringComparer.Ordinal);
        foreach (int depth in (int[])[100, 1_000])   // most need no long ranking
        {
            CompanyQuestion[] left = [.. asked.Where(question => !chosen.ContainsKey(question.Id))];
            var found = await CompanyRetrieval.FindAsync(index, left, new SearchOptions { Most = depth, Depth = depth }).ConfigureAwait(false);
            foreach (var (question, ranking) in left.Zip(found))
            {
                FoundPassage[] alike = [.. ranking.Where(passage => IsKin(question, passage)).Take(kin)];
                if (alike.Length == kin) chosen[question.Id] = [.. ranking.Take(best).Union(alike)];   // the best come before all others
            }
        }
        CompanyQuestion[] kept = [.. asked.Where(question => chosen.ContainsKey(question.Id))];
        return Of(kept, [.. kept.Select(question => chosen[question.Id])]);

        bool IsKin(CompanyQuestion question, FoundPassage passage)
        {
            string entity = ReadingPool.EntityOf(question.FactId);
            var entities = stated[(question.Kind, passage.Passage.Id)];
            return entities.Any() && !entities.Contains(entity, StringComparer.Ordinal);
        }
    }

    /// <summary>
    /// What a search over the validation and test projects finds (<see cref="CompanySearch"/>), whose words and meaning are weighed against
    /// each other on the validation split.
    /// </summary>
    /// <param name="parts">Projects; those of the training split are ignored.</param>
    /// <param name="split">Whose facts are asked for.</param>
    /// <param name="count">Most questions.</param>
    /// <param name="embeddings">The search's embedding model; null: it searches by words alone.</param>
    /// <param name="passages">Passages found for each.</param>
    /// <param name="seed">Decides which questions.</param>
    /// <param name="heldOut">Phrasings kept for tests, or those of training questions; null: all.</param>
    public static async Task<IReadOnlyList<ReadingQuestion>> SearchAsync(IEnumerable<CompanyPart> parts, CompanySplit split, int count, LocalEmbeddingGenerator? embeddings, int passages = 8, int seed = 1, bool? heldOut = null)
    {
        CompanyPart[] held = [.. parts.Where(part => part.Split != CompanySplit.Train)];
        CompanyQuestion[] Some(CompanySplit of, int most, Func<CompanyQuestion, bool> asks)
        {
            CompanyQuestion[] all = [.. held.Where(part => part.Split == of).SelectMany(part => part.Questions).Where(asks)];
            new Random(seed).Shuffle(all);
            return all[..Math.Min(most, all.Length)];
        }
        using var search = await CompanySearch.OpenAsync(held, embeddings).ConfigureAwait(false);
        await search.TuneAsync(Some(CompanySplit.Validation, 1_500, question => question.Answer is not null)).ConfigureAwait(false);
        var asked = Some(split, count, question => heldOut is null || question.HeldOut == heldOut);
        return Of(asked, await search.FindAsync(asked, passages).ConfigureAwait(false));
    }

    /// <summary>Questions with what was found for each.</summary>
    static IReadOnlyList<ReadingQuestion> Of(IReadOnlyList<CompanyQuestion> questions, IReadOnlyList<IReadOnlyList<FoundPassage>> found) =>
        [.. questions.Zip(found, (question, passages) => new ReadingQuestion(question.Id, question.Kind, question.Question, question.Answer, [.. passages.Select(passage => passage.Passage.Text)]))];

    /// <summary>The same questions without any passage: a reader that still answers them has learned facts by heart.</summary>
    public static IReadOnlyList<ReadingQuestion> WithoutPassages(IEnumerable<ReadingQuestion> questions) => [.. questions.Select(question => question with { Passages = [] })];
}
