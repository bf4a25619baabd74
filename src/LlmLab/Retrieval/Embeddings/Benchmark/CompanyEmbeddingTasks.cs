using LlmLab.Data;
using LlmLab.Data.Company;

namespace LlmLab.Retrieval.Embeddings.Benchmark;

/// <summary>Tasks made from the example company: the shipped data sets of the comparison.</summary>
public static class CompanyEmbeddingTasks
{
    /// <summary>All four uses. Scored texts are those of one part of the data; the classifier learns from the training part.</summary>
    /// <param name="seed">The company's seed.</param>
    /// <param name="bytes">The company's size.</param>
    /// <param name="split">The part that is scored.</param>
    /// <param name="mostQueries">Questions, pairs and texts of each task at most, evenly drawn.</param>
    public static IReadOnlyList<EmbeddingTask> All(ulong seed, long bytes, CompanySplit split = CompanySplit.Test, int mostQueries = 1_000)
    {
        var parts = CompanyGenerator.Generate(seed, bytes).ToArray();
        CompanyPart[] scored = [.. parts.Where(p => p.Split == split)], training = [.. parts.Where(p => p.Split == CompanySplit.Train)];
        var retrieval = Retrieval(scored);
        return
        [
            retrieval with { Queries = Sample(retrieval.Queries, mostQueries) },
            Similarity(scored, mostQueries),
            new ClassificationTask("kind of document", Sample(Documents(training), 2 * mostQueries), Sample(Documents(scored), mostQueries)),
            new ClusteringTask("questions by what is asked", Sample([.. scored.SelectMany(p => p.Questions).Select(q => new LabelledText(q.Question, q.Kind))], mostQueries)),
        ];
    }

    /// <summary>Questions and the paragraphs that answer them, among all paragraphs of those projects.</summary>
    /// <param name="parts">The projects.</param>
    /// <param name="which">Only those questions; null: all that have an answer.</param>
    public static RetrievalTask Retrieval(IEnumerable<CompanyPart> parts, Func<CompanyQuestion, bool>? which = null)
    {
        var listed = parts.ToArray();
        string[] paragraphs = [.. listed.SelectMany(p => p.Documents).SelectMany(d => d.Text.Split("\n\n")).Where(t => !string.IsNullOrWhiteSpace(t)).Distinct(StringComparer.Ordinal)];
        var known = paragraphs.ToHashSet(StringComparer.Ordinal);
        return new RetrievalTask("company questions", [.. paragraphs.Select(t => KeyValuePair.Create(t, t))],
        [
            .. listed.SelectMany(p => p.Questions).Where(q => q.Answer is not null && (which?.Invoke(q) ?? true))
                .Select(q => new RetrievalQuery(q.Id, q.Question, [.. q.Passages.Select(p => p.Text).Where(known.Contains).Distinct(StringComparer.Ordinal)])).Where(q => q.Relevant.Count > 0),
        ]);
    }

    // Grades: 3 the same fact in other words, 2 another fact of the same subject, 1 the same sort of fact of another subject, 0 neither.
    static SimilarityTask Similarity(IReadOnlyList<CompanyPart> parts, int most)
    {
        var random = new Random(1);
        var facts = parts.SelectMany(p => p.Facts).ToDictionary(f => f.Id, StringComparer.Ordinal);
        CompanyQuestion[] questions = [.. parts.SelectMany(p => p.Questions).Where(q => facts.ContainsKey(q.FactId))];
        string Subject(CompanyQuestion q) => facts[q.FactId].Subject;
        ILookup<string, CompanyQuestion> byFact = questions.ToLookup(q => q.FactId), bySubject = questions.ToLookup(Subject), byKind = questions.ToLookup(q => q.Kind);
        var pairs = new List<SimilarPair>();
        foreach (var question in Sample(questions, most))
        {
            int grade = pairs.Count % 4;
            CompanyQuestion[] others =
            [
                .. (grade switch { 3 => byFact[question.FactId], 2 => bySubject[Subject(question)], 1 => byKind[question.Kind], _ => questions.Skip(random.Next(questions.Length)).Take(20) })
                    .Where(q => q.Question != question.Question && grade == ((q.FactId == question.FactId ? 3 : Subject(q) == Subject(question) ? 2 : q.Kind == question.Kind ? 1 : 0))),
            ];
            if (others.Length > 0) pairs.Add(new SimilarPair(question.Question, others[random.Next(others.Length)].Question, grade));
        }
        return new SimilarityTask("similar questions", pairs);
    }

    static LabelledText[] Documents(IEnumerable<CompanyPart> parts) =>
        [.. parts.SelectMany(p => p.Documents).SelectMany(d => d.Text.Split("\n\n").Where(t => t.Length >= 80).Skip(1).Take(2).Select(t => new LabelledText(t, d.Metadata.Kind.ToString())))];

    static T[] Sample<T>(IReadOnlyList<T> items, int most) => items.Count <= most ? [.. items] : [.. Enumerable.Range(0, most).Select(i => items[(int)((long)i * items.Count / most)])];
}
