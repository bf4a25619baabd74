namespace LlmLab.Data.Company;

/// <summary>Plans, wiki pages, minutes, status reports and budgets.</summary>
sealed class PlanningWriter(Project project, Speaker speaker) : Writer(project, speaker)
{
    public Draft Plan()
    {
        var draft = New("plan.md", $"Project plan {Project.Name}", DocumentKind.Planning, Day(5, 40), "planning");
        draft.Heading(1, draft.Title).HeadingBy(2, "plan.heading").Paragraph("plan.intro", Talk());
        Mixed(draft, Project.Of("project.goal").Concat(Project.Of("project.client")));
        Section(draft, "plan.heading5", ["project.lead", "project.sponsor", "milestone.owner"]);
        Section(draft, "plan.heading2", ["project.kickoff", "milestone.date", "project.golive"]);
        Section(draft, "plan.heading3", ["project.budget", "project.reserve", "budget.line"]);
        draft.HeadingBy(2, "plan.heading4").Items(Chance(0.5) ? "-" : "1", "talk.risk", "talk.risk", "talk.risk");
        draft.Paragraph("plan.close");
        return draft;
    }

    public Draft Wiki()
    {
        var draft = New("wiki.html", $"{Project.Name}: overview", DocumentKind.Wiki, Day(30, 200), "implementation");
        draft.Heading(0, draft.Title).Paragraph("wiki.intro");
        draft.Heading(0, Say("wiki.heading"));
        Mixed(draft, Some(4, fact => fact.Kind.Name is "contract.manager" or "project.site" or "project.meeting" or "project.channel" or "project.code" or "project.scribe"));
        draft.Heading(0, Say("wiki.heading2"));
        Mixed(draft, Project.Of("project.lead").Concat(Some(6, fact => fact.Kind.Entity == "person")), 0.15, 0.4);
        draft.Heading(0, Say("wiki.heading3"));
        for (var i = 0; i < 3; i++)
            Prose(draft, Between(2, 4));
        return draft;
    }

    public Draft People()
    {
        var draft = New("people.md", $"Team directory {Project.Name}", DocumentKind.Reference, Day(10, 300), "planning");
        draft.Heading(1, draft.Title).Paragraph(Talk());
        foreach (var group in Project.Of("person").Where(fact => fact.Kind.Sensitivity == Sensitivity.Internal).GroupBy(fact => fact.Subject))
        {
            draft.Heading(2, group.Key);
            Mixed(draft, group, 0.1, 0.35);
        }
        return draft;
    }

    public IEnumerable<Draft> Decisions()
    {
        var decisions = Project.Of("decision").ToArray();
        if (decisions.Length == 0)
            yield break;
        var draft = New("decisions.md", $"Decision log {Project.Name}", DocumentKind.Planning, Day(200, 320), "design");
        draft.Heading(1, draft.Title).Paragraph("decision.intro");
        foreach (var fact in decisions)
            draft.Paragraph(fact, "decision.why");
        yield return draft;
    }

    public Draft Minutes(int number)
    {
        var date = Day(20 + 60 * number, 70 + 60 * number);
        var draft = New($"minutes-{number + 1}.txt", $"Minutes {Project.Name}, {Project.Format(date)}", DocumentKind.Planning, date, number == 0 ? "planning" : "design");
        draft.Heading(0, draft.Title).Paragraph("minutes.present");
        var facts = Some(3, fact => fact.Kind.Entity is "decision").Concat(Some(3, fact => fact.Kind.Entity is "project" or "milestone" or "budget"));
        var top = 1;
        foreach (var fact in facts)
        {
            draft.Break().Add($"{top++}. ").Sentence("minutes.item").Add(" ").Sentence(fact);
            if (Chance(0.6))
                draft.Add(" ").Sentence("minutes.item");
        }
        draft.Items("*", "minutes.action", "minutes.action", "minutes.action");
        return draft;
    }

    public Draft Status(int number)
    {
        var date = Day(60 + 90 * number, 120 + 90 * number);
        var draft = New($"status-{number + 1}.md", $"Status report {Project.Name}, {Project.Format(date)}", DocumentKind.Planning, date, "implementation");
        draft.Heading(2, draft.Title);
        draft.Paragraph("talk.progress", "talk.numbers", "talk.progress");
        Mixed(draft, Some(4, fact => fact.Kind.Entity is "project" or "milestone" or "incident" or "supplier"));
        draft.Items("-", "talk.plan", "talk.risk", "talk.plan", "talk.people");
        return draft;
    }

    public IEnumerable<Draft> Budget()
    {
        var lines = Project.Of("budget.line").ToArray();
        if (lines.Length == 0)
            yield break;
        var date = Day(15, 60);
        var table = New("budget.csv", $"Budget {Project.Name}", DocumentKind.Budget, date, "planning");
        table.Add("project,line,planned,responsible,comment");
        foreach (var line in lines)
            table.Add("\n").Row(line, $"{Project.Name},{line.Frame["line"]},\"{line.Answer}\",{Project.People[Between(0, 8)].Name},\"{Say("budget.note").Replace('"', '\'')}\"");
        yield return table;
        var memo = New("budget-memo.md", $"Budget notes {Project.Name}", DocumentKind.Budget, date.AddDays(20), "planning");
        memo.Heading(1, memo.Title).Paragraph("budget.note", "budget.note");
        Mixed(memo, lines.Concat(Project.Of("project.spent")).Concat(Project.Of("project.reserve")), 0.2, 0.6);
        memo.Break().Add("| line | planned |\n| --- | ---: |");
        foreach (var line in lines)
            memo.Add("\n").Row(line, $"| {line.Frame["line"]} | {line.Answer} |");
        memo.Paragraph(Talk(), "budget.note");
        yield return memo;
    }

    void Section(Draft draft, string heading, string[] kinds)
    {
        var facts = kinds.SelectMany(Project.Of).ToArray();
        if (facts.Length == 0)
            return;
        draft.HeadingBy(2, heading);
        Mixed(draft, facts, 0.2, 0.6);
    }
}
