using LlmLab.Data.Company;
using LlmLab.Retrieval.Chunking;
using LlmLab.Retrieval.Search;
using LlmLab.Training.Tasks;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>Question–passage pairs of the example company, for contrastive learning.</summary>
public static class CompanyPairs
{
    /// <summary>
    /// The answerable questions of one part of the data with the passages that answer them, written as an index embeds them: title and
    /// headings first. Each brings passages of its project that share its words and do not answer (hard negatives by BM25, as in
    /// Karpukhin et al. 2020, DPR): the greeting of a mail, the first line of a report, another fact about the same person; and sentences
    /// that say the same of others. Texts are whole passages and single sentences, so that either can be searched. Questions about one
    /// project are a family.
    /// </summary>
    /// <param name="seed">The company's seed.</param>
    /// <param name="bytes">The company's size.</param>
    /// <param name="split">The part; a model that will be tested learns from <see cref="CompanySplit.Train"/> alone.</param>
    /// <param name="negatives">Hard negatives a question, at most; 0: none are looked for.</param>
    public static IReadOnlyList<ContrastiveExample> Of(ulong seed, long bytes, CompanySplit split = CompanySplit.Train, int negatives = 8) =>
        [.. CompanyGenerator.Generate(seed, bytes).Where(part => part.Split == split).AsParallel().AsOrdered().SelectMany(part => OfPart(part, negatives))];

    static List<ContrastiveExample> OfPart(CompanyPart part, int most)
    {
        var chunker = new StructureChunker();
        var passages = CompanyRetrieval.Documents(part.Project, [part]).Documents.SelectMany(chunker.Split).ToDictionary(passage => passage.Id, StringComparer.Ordinal);
        var sentences = passages.Values.ToDictionary(passage => passage.Id, StoredPassage.SentenceTexts, StringComparer.Ordinal);
        var asked = part.Questions.ToDictionary(question => question.Id, StringComparer.Ordinal);
        using var index = KeywordIndex.InMemory();
        if (most > 0) index.Update(passages.Values, _ => "", []);
        var examples = new List<ContrastiveExample>();
        var facts = CompanyRetrieval.Questions(part.Questions, passages.Values).GroupBy(question => asked[question.Id].FactId).ToArray();
        var kinds = facts.ToLookup(fact => asked[fact.First().Id].Kind, fact => fact.First(), StringComparer.Ordinal);
        foreach (var phrasings in facts)
        {
            var first = phrasings.First();
            string answer = asked[first.Id].Answer!;
            Passage[] right = [.. first.Relevant.Select(id => passages[id])];
            string[] positives = [.. right.Select(StoredPassage.SearchText).Concat(right.SelectMany(SentencesOf).Where(Holds)).Distinct(StringComparer.Ordinal)];
            string[] negatives = most == 0 ? [] : [.. Negatives().Distinct(StringComparer.Ordinal)];
            examples.AddRange(phrasings.Select(question => new ContrastiveExample(question.Text, positives, part.Project, negatives)));

            // What holds the answer might answer after all.
            bool Holds(string text) => text.Contains(answer, StringComparison.Ordinal);

            IEnumerable<string> Negatives()
            {
                foreach (string text in right.SelectMany(SentencesOf).Where(text => !Holds(text))) yield return text;
                foreach (var other in kinds[asked[first.Id].Kind].Where(other => other != first).Take(most))
                    if (SentencesOf(passages[other.Relevant.First()]).FirstOrDefault(text => !Holds(text) && text.Contains(asked[other.Id].Answer!, StringComparison.Ordinal)) is { } same) yield return same;
                // One search for all phrasings of a fact: it is the subject's name that most of them share with passages.
                var found = index.Search(first.Text, most + right.Length, first.Filter).Select(found => found.Passage).Where(passage => !Holds(passage.Text)).Take(most);
                foreach (var passage in found)
                {
                    yield return StoredPassage.SearchText(passage);
                    var several = SentencesOf(passage);
                    yield return several[examples.Count % several.Count];
                }
            }
        }
        return examples;

        IReadOnlyList<string> SentencesOf(Passage passage) => sentences[passage.Id];
    }
}
