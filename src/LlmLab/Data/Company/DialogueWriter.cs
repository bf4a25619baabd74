namespace LlmLab.Data.Company;

/// <summary>Conversations: questions that documents answer, that none answers, and that the asker may not have answered.</summary>
sealed class DialogueWriter(Project project, Speaker speaker)
{
    const int Each = 8;

    public List<CompanyDialogue> Write(IReadOnlyList<CompanyQuestion> questions, IReadOnlyList<Document> documents)
    {
        var titles = documents.ToDictionary(document => document.Id, document => document.Metadata.Title ?? document.Id);
        var dialogues = new List<CompanyDialogue>();
        for (var i = 0; i < Each; i++)
            dialogues.Add(Dialogue(i, questions, titles));
        return dialogues;
    }

    CompanyDialogue Dialogue(int number, IReadOnlyList<CompanyQuestion> questions, Dictionary<string, string> titles)
    {
        ref var draw = ref speaker.Draw;
        string[] roles = draw.Chance(0.2) ? ["employee", "finance"] : ["employee"];
        List<CompanyTurn> turns = [];
        List<CompanyPassage> passages = [];
        if (draw.Chance(0.5))
            turns.Add(new("system", Say("chat.system", project.Frame)));
        if (draw.Chance(0.3))
        {
            turns.Add(new("user", Say("chat.hello", project.Frame)));
            turns.Add(new("assistant", Say("chat.welcome", project.Frame)));
        }
        var length = draw.Between(1, 4);
        for (var i = 0; i < length; i++)
        {
            var question = questions[draw.Below(questions.Count)];
            // Follow-ups stay with a subject where they can: that is what makes it a conversation.
            turns.Add(new("user", i > 0 && draw.Chance(0.4) ? $"{Say("chat.next", project.Frame)} {question.Question}" : question.Question));
            turns.Add(new("assistant", Answer(question, roles, titles, passages)));
        }
        if (draw.Chance(0.4))
        {
            turns.Add(new("user", Say("chat.thanks", project.Frame)));
            turns.Add(new("assistant", Say("chat.bye", project.Frame)));
        }
        return new CompanyDialogue($"p{project.Number:00000}/d{number}", project.Split, roles, turns, passages);
    }

    string Answer(CompanyQuestion question, string[] roles, Dictionary<string, string> titles, List<CompanyPassage> passages)
    {
        if (question.Answer is null)
            return Say("chat.unknown", project.Frame);
        if (question.Roles.Count > 0 && !question.Roles.Intersect(roles).Any())
            return Say("chat.closed", project.Frame.With(("readers", string.Join(" and ", question.Roles))));
        var passage = question.Passages[0];
        passages.Add(passage);
        return Say("chat.reply", project.Frame.With(("answer", question.Answer), ("source", titles[passage.DocumentId])));
    }

    string Say(string rule, Frame frame) => speaker.Say(rule, frame);
}
