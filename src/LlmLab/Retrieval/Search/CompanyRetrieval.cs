using LlmLab.Data;
using LlmLab.Data.Company;

namespace LlmLab.Retrieval.Search;

/// <summary>The example company's questions as a test of retrieval: which passages of an index answer which question.</summary>
public static class CompanyRetrieval
{
    /// <summary>
    /// The documents of some projects, without those that another one has replaced: what a search should cover. (Cleaning finds them too,
    /// but changes texts; here ranges must fit the questions'.)
    /// </summary>
    public static Corpus Documents(string name, IReadOnlyList<CompanyPart> parts)
    {
        var outdated = parts.SelectMany(part => part.Faults).Where(fault => fault.Kind == FaultKind.Outdated).Select(fault => fault.DocumentId).ToHashSet(StringComparer.Ordinal);
        return new Corpus(name, "the example company: synthetic; MIT", () => parts.SelectMany(part => part.Documents).Where(document => !outdated.Contains(document.Id)));
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
                judged.Add(new RetrievalQuestion(question.Id, question.Question, relevant, new SearchFilter { Clearance = new Clearance(Sensitivity.Personal, question.Roles) }));
        }
        return judged;
    }

    static bool Answers(Passage passage, CompanyPassage paragraph, string answer)
    {
        for (int at = paragraph.Text.IndexOf(answer, StringComparison.Ordinal); at >= 0; at = paragraph.Text.IndexOf(answer, at + 1, StringComparison.Ordinal))
            if (passage.Start <= paragraph.Start + at && passage.Start + passage.Text.Length >= paragraph.Start + at + answer.Length) return true;
        return false;
    }
}
