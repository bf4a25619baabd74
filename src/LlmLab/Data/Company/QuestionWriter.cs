namespace LlmLab.Data.Company;

/// <summary>Asks about a project's facts, in several phrasings each, and finds the passages that answer.</summary>
sealed class QuestionWriter(Project project, Speaker speaker)
{
    const int PhrasingsEach = 4;

    public List<CompanyQuestion> Write(IReadOnlyList<Draft> drafts, IReadOnlyList<Document> documents)
    {
        var passages = new Dictionary<Fact, List<(CompanyPassage Passage, string Sentence)>>();
        for (var i = 0; i < drafts.Count; i++)
            foreach (var statement in drafts[i].Statements)
                // What everyone may ask must not be answered from a paper that only some may read.
                if ((drafts[i].Sensitivity == Sensitivity.Internal || statement.Fact.Kind.Sensitivity != Sensitivity.Internal) && Passage(documents[i], statement) is { } found)
                    (passages.TryGetValue(statement.Fact, out var list) ? list : passages[statement.Fact] = []).Add(found);
        var questions = new List<CompanyQuestion>();
        foreach (var fact in project.Facts)
            if (passages.TryGetValue(fact, out var answers))
                Ask(fact, answers, questions);
        foreach (var fact in project.Unwritten)
            Ask(fact, [], questions);
        return questions;
    }

    void Ask(Fact fact, List<(CompanyPassage Passage, string Sentence)> answers, List<CompanyQuestion> questions)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        void Add(int rule, bool heldOut)
        {
            var question = speaker.Say(rule, fact.Frame);
            if (!asked.Add(question))
                return;
            var shared = answers.Count == 0 ? 0 : ContentWords.Shared(question, answers[0].Sentence, fact.Subject, fact.Answer);
            questions.Add(new CompanyQuestion($"{fact.Id}/q{asked.Count}", fact.Id, fact.Kind.Name, question, answers.Count == 0 ? null : fact.Answer,
                [.. answers.Select(answer => answer.Passage)], heldOut, shared, project.Split, fact.Kind.Sensitivity, fact.Kind.Roles));
        }
        for (var i = 0; i < PhrasingsEach; i++)
            Add(fact.Kind.Ask, heldOut: false);
        // Phrasings kept for tests are never asked about facts that may be trained on.
        if (project.Split != CompanySplit.Train)
            for (var i = 0; i < PhrasingsEach; i++)
                Add(fact.Kind.Held, heldOut: true);
    }

    static (CompanyPassage, string)? Passage(Document document, Statement statement)
    {
        var text = document.Text;
        var sentence = text.Substring(statement.Start, statement.Length);
        if (!sentence.Contains(statement.Fact.Answer, StringComparison.Ordinal))
            return null;
        var before = text.LastIndexOf("\n\n", statement.Start, StringComparison.Ordinal);
        var start = before < 0 ? 0 : before + 2;
        var after = text.IndexOf("\n\n", statement.Start + statement.Length, StringComparison.Ordinal);
        return (new CompanyPassage(document.Id, start, text[start..(after < 0 ? text.Length : after)]), sentence);
    }
}
