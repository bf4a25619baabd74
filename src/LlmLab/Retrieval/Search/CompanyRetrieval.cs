using LlmLab.Data;
using LlmLab.Data.Company;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Search;

/// <summary>The example company's questions as a test of retrieval: which passages of an index answer which question.</summary>
public static class CompanyRetrieval
{
    /// <summary>
    /// The documents of some projects, without those that another one has replaced, without copies and without those whose characters are
    /// broken: what a search should cover. (Cleaning finds them too, but changes texts; here ranges must fit the questions'.)
    /// </summary>
    public static Corpus Documents(string name, IReadOnlyList<CompanyPart> parts)
    {
        var left = parts.SelectMany(part => part.Faults).Where(fault => fault.Kind is FaultKind.Outdated or FaultKind.ExactDuplicate or FaultKind.NearDuplicate or FaultKind.BrokenEncoding).Select(fault => fault.DocumentId).ToHashSet(StringComparer.Ordinal);
        return new Corpus(name, "the example company: synthetic; MIT", () => parts.SelectMany(part => part.Documents).Where(document => !left.Contains(document.Id)));
    }

    /// <summary>
    /// Answerable questions with the ids of the passages that answer: those that hold the answer inside one of the paragraphs that the
    /// company's knowledge graph names, however the documents were cut. The asker has the roles that the answer asks for.
    /// </summary>
    /// <param name="questions">Questions about the documents; those that none answers are left out.</param>
    /// <param name="passages">All passages of the index.</param>
    public static IReadOnlyList<RetrievalQuestion> Questions(IEnumerable<CompanyQuestion> questions, IEnumerable<Passage> passages)
    {
        var byDocument = passages.ToLookup(passage => passage.DocumentId, StringComparer.Ordinal);
        var judged = new List<RetrievalQuestion>();
        foreach (var question in questions)
        {
            if (question.Answer is not { } answer) continue;
            string[] relevant = [.. question.Passages.SelectMany(paragraph => byDocument[paragraph.DocumentId].Where(passage => Answers(passage, paragraph, answer))).Select(passage => passage.Id).Distinct(StringComparer.Ordinal)];
            if (relevant.Length > 0)
                judged.Add(new RetrievalQuestion(question.Id, question.Question, relevant, FilterOf(question)));
        }
        return judged;
    }

    /// <summary>
    /// Measures search on projects that nothing was trained on: their documents in an index in memory, scored on the test projects' questions.
    /// With an embedding model both rankings are fused, by weights that are set on the validation projects' questions.
    /// </summary>
    /// <param name="seed">Seed of the company.</param>
    /// <param name="projects">Its projects; a tenth of them is validation, a fifth test.</param>
    /// <param name="embeddings">The search's embedding model; null: search by words alone (BM25).</param>
    /// <param name="most">Most questions of each split, drawn at random.</param>
    /// <exception cref="InvalidInputException">There are too few projects for a test split.</exception>
    public static async Task<RetrievalScores> MeasureAsync(ulong seed, int projects, IEmbeddingGenerator<string, Embedding<float>>? embeddings = null, int most = 1_500)
    {
        CompanyPart[] held = [.. Enumerable.Range(0, projects).AsParallel().AsOrdered().Select(number => CompanyGenerator.GeneratePart(seed, number)).Where(part => part.Split != CompanySplit.Train)];
        if (held.All(part => part.Split != CompanySplit.Test)) throw new InvalidInputException($"None of the {projects} projects of company {seed} is for testing: take more.");
        CompanyQuestion[] Of(CompanySplit split)
        {
            CompanyQuestion[] asked = [.. held.Where(part => part.Split == split).SelectMany(part => part.Questions).Where(question => question.Answer is not null)];
            new Random(unchecked((int)seed)).Shuffle(asked);
            return [.. asked.Take(most)];
        }
        using var search = await CompanySearch.OpenAsync(held, embeddings).ConfigureAwait(false);
        await search.TuneAsync(Of(CompanySplit.Validation)).ConfigureAwait(false);
        return await search.ScoreAsync(Of(CompanySplit.Test)).ConfigureAwait(false);
    }

    /// <summary>What an index finds for questions, each with the clearance that its answer needs: the passages for each question, best first.</summary>
    /// <param name="index">The index.</param>
    /// <param name="questions">The questions; those without an answer too.</param>
    /// <param name="options">How many passages, and how they are ranked; the clearance is the question's.</param>
    public static async Task<IReadOnlyList<IReadOnlyList<FoundPassage>>> FindAsync(PassageIndex index, IReadOnlyList<CompanyQuestion> questions, SearchOptions options)
    {
        var vectors = options.Mode == SearchMode.Keywords ? null : await index.EmbedAsync(questions.Select(question => question.Question)).ConfigureAwait(false);
        var found = new IReadOnlyList<FoundPassage>[questions.Count];
        await Parallel.ForAsync(0, questions.Count, Operation.Current.CancellationToken, async (i, cancellation) =>
            found[i] = await index.SearchAsync(questions[i].Question, vectors?[i], options with { Filter = options.Filter with { Clearance = FilterOf(questions[i]).Clearance } }, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        return found;
    }

    /// <summary>A search with the roles that a question's answer asks for.</summary>
    internal static SearchFilter FilterOf(CompanyQuestion question) => new() { Clearance = new Clearance(Sensitivity.Personal, question.Roles) };

    static bool Answers(Passage passage, CompanyPassage paragraph, string answer)
    {
        for (int at = paragraph.Text.IndexOf(answer, StringComparison.Ordinal); at >= 0; at = paragraph.Text.IndexOf(answer, at + 1, StringComparison.Ordinal))
            if (passage.Start <= paragraph.Start + at && passage.Start + passage.Text.Length >= paragraph.Start + at + answer.Length) return true;
        return false;
    }
}
