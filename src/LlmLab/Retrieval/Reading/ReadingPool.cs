using LlmLab.Data.Company;

namespace LlmLab.Retrieval.Reading;

/// <summary>A paragraph of the company's documents that states facts.</summary>
/// <param name="DocumentId">Its document.</param>
/// <param name="Text">Its text.</param>
/// <param name="Facts">Indices of the facts that it states.</param>
sealed record ReadingParagraph(string DocumentId, string Text, List<int> Facts);

/// <summary>A fact that may be asked for.</summary>
/// <param name="Id">Its id in the company.</param>
/// <param name="Kind">Its kind, such as component.port.</param>
/// <param name="Entity">What it is about: the same for all facts of one person, component, ….</param>
/// <param name="Answer">Its value, or null where no document states it.</param>
/// <param name="Questions">Its questions.</param>
/// <param name="Paragraphs">Indices of the paragraphs that state it.</param>
sealed record ReadingFact(string Id, string Kind, string Entity, string? Answer, IReadOnlyList<CompanyQuestion> Questions, IReadOnlyList<int> Paragraphs);

/// <summary>Facts of some of the company's projects with their paragraphs, from which reading exercises are drawn.</summary>
sealed class ReadingPool
{
    readonly List<ReadingFact> facts = [];
    readonly List<ReadingParagraph> paragraphs = [];
    readonly Dictionary<string, List<int>> byKind = new(StringComparer.Ordinal), byEntity = new(StringComparer.Ordinal);

    /// <param name="parts">The projects.</param>
    /// <param name="asks">Which questions are asked about their facts.</param>
    public ReadingPool(IEnumerable<CompanyPart> parts, Func<CompanyQuestion, bool> asks)
    {
        var known = new Dictionary<(string, int), int>();
        foreach (var part in parts)
            foreach (var group in part.Questions.GroupBy(question => question.FactId))
            {
                var first = group.First();
                CompanyQuestion[] questions = [.. group.Where(asks)];
                if (questions.Length == 0) continue;
                var stated = new List<int>();
                foreach (var passage in first.Passages)
                {
                    if (!known.TryGetValue((passage.DocumentId, passage.Start), out int at))
                    {
                        known[(passage.DocumentId, passage.Start)] = at = paragraphs.Count;
                        paragraphs.Add(new ReadingParagraph(passage.DocumentId, passage.Text, []));
                    }
                    stated.Add(at);
                    paragraphs[at].Facts.Add(facts.Count);
                }
                var fact = new ReadingFact(first.FactId, first.Kind, EntityOf(first.FactId), first.Answer, questions, stated);
                (byKind.TryGetValue(fact.Kind, out var kin) ? kin : byKind[fact.Kind] = []).Add(facts.Count);
                (byEntity.TryGetValue(fact.Entity, out var same) ? same : byEntity[fact.Entity] = []).Add(facts.Count);
                facts.Add(fact);
            }
        if (facts.Count == 0) throw new InvalidInputException("The company's projects hold no questions to read for: take more projects.");
    }

    public IReadOnlyList<ReadingFact> Facts => facts;
    public IReadOnlyList<ReadingParagraph> Paragraphs => paragraphs;
    public IReadOnlyList<string> Kinds => [.. byKind.Keys];
    public IReadOnlyList<int> OfKind(string kind) => byKind[kind];
    public IReadOnlyList<int> OfEntity(string entity) => byEntity[entity];

    /// <summary>What a fact is about: "p00012/person.joined/3" is about person 3 of project 12.</summary>
    public static string EntityOf(string factId)
    {
        string[] parts = factId.Split('/');
        return $"{parts[0]}/{parts[1][..parts[1].IndexOf('.')]}/{parts[2]}";
    }
}
