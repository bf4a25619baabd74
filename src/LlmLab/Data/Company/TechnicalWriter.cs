namespace LlmLab.Data.Company;

/// <summary>Technical pages, incident reports, supplier sheets, house rules and the restricted records.</summary>
sealed class TechnicalWriter(Project project, Speaker speaker) : Writer(project, speaker)
{
    public IEnumerable<Draft> Components()
    {
        foreach (var group in Project.Of("component").GroupBy(fact => fact.Subject))
        {
            var frame = group.First().Frame;
            var draft = New($"tech/{group.Key.ToLowerInvariant().Replace(' ', '-')}.md", $"{group.Key}: operation", DocumentKind.Technical, Day(60, 300), "implementation");
            draft.Heading(1, draft.Title);
            In(draft, "tech.intro", frame);
            foreach (var fact in group)
            {
                draft.Paragraph(fact);
                if (Chance(0.7))
                    draft.Add(" ").Sentence("tech.detail");
            }
            draft.Heading(2, Say("tech.heading")).Items("1", "tech.step", "tech.step", "tech.step", "tech.step");
            Prose(draft, 2);
            yield return draft;
        }
    }

    public IEnumerable<Draft> Incidents()
    {
        var number = 0;
        foreach (var group in Project.Of("incident").GroupBy(fact => fact.Subject))
        {
            var draft = New($"incidents/{group.Key.ToLowerInvariant()}.md", $"Incident report {group.Key}", DocumentKind.Technical, Day(150 + 60 * number, 200 + 60 * number++), "operation");
            draft.Heading(1, draft.Title).Paragraph("incident.story", "incident.story");
            foreach (var fact in group)
                draft.Paragraph(fact, Chance(0.6) ? "incident.story" : "incident.lesson");
            draft.HeadingBy(2, "incident.heading").Items("-", "incident.lesson", "incident.lesson", "incident.lesson");
            yield return draft;
        }
    }

    public IEnumerable<Draft> Suppliers()
    {
        foreach (var group in Project.Of("supplier").GroupBy(fact => fact.Subject))
        {
            var draft = New($"suppliers/{group.Key.ToLowerInvariant().Replace(' ', '-')}.txt", $"Supplier sheet {group.Key}", DocumentKind.Reference, Day(30, 200), "design");
            draft.Heading(0, draft.Title);
            Mixed(draft, group, 0.2, 0.6);
            Prose(draft, 2);
            yield return draft;
        }
    }

    public IEnumerable<Draft> Policies()
    {
        foreach (var group in Project.Of("policy").GroupBy(fact => fact.Subject))
        {
            var draft = New($"policies/{group.Key.ToLowerInvariant().Replace(' ', '-')}.md", group.Key, DocumentKind.Policy, Day(-300, 100), "operation");
            draft.Heading(1, draft.Title);
            In(draft, "policy.intro", group.First().Frame);
            foreach (var fact in group)
                draft.Paragraph(fact, "policy.body");
            draft.Items("-", "policy.body", "policy.body", "policy.body", "policy.body");
            yield return draft;
        }
    }

    public IEnumerable<Draft> Restricted()
    {
        var contract = Project.Of("contract").ToArray();
        if (contract.Length > 0)
        {
            var draft = New("restricted/contract.txt", $"Contract summary {contract[0].Subject}", DocumentKind.Reference, Day(-60, 20), "planning");
            draft.Sensitivity = Sensitivity.Confidential;
            draft.Roles = ["legal", "account-management", "finance"];
            draft.Heading(0, draft.Title);
            foreach (var fact in contract)
                draft.Paragraph(fact, "contract.note");
            yield return draft;
        }
        var salaries = Project.Of("person.salary").ToArray();
        if (salaries.Length > 0)
        {
            var draft = New("restricted/salaries.md", $"Salary round {Project.Name}", DocumentKind.Policy, Day(100, 300), "operation");
            draft.Sensitivity = Sensitivity.Personal;
            draft.Roles = ["people-operations", "finance"];
            draft.Heading(1, draft.Title).Paragraph("salary.note");
            foreach (var fact in salaries)
                draft.Paragraph(fact, "salary.note");
            yield return draft;
        }
    }

    // A rule that speaks of one entity wants that entity's frame, not the project's.
    void In(Draft draft, string rule, Frame frame)
    {
        draft.Break();
        Speaker.Say(rule, frame, draft.Text);
        draft.Add(". ").Sentence(Talk());
    }
}
