namespace LlmLab.Data.Company;

/// <summary>
/// Adds older versions of a project's living documents (plans, pages, rules): other values, an older date, and one of three signs that
/// they no longer hold: a version mark, the date alone, or a sentence.
/// </summary>
sealed class OlderVersions(Project project, Speaker speaker)
{
    // Values that make sense only in their own project, and facts of events that do not change.
    static readonly string[] lasting = ["project.goal", "project.code", "project.channel", "project.kickoff", "person.role", "person.joined", "supplier.item"];

    public void Add(List<Draft> drafts, List<KnownFault> faults)
    {
        var living = drafts.Where(draft => draft.Sensitivity == Sensitivity.Internal && !draft.Path.Contains("incident", StringComparison.Ordinal) && draft.Path.EndsWith(".md", StringComparison.Ordinal)
            && draft.Kind is DocumentKind.Planning or DocumentKind.Policy or DocumentKind.Technical or DocumentKind.Reference && !draft.Path.Contains("status", StringComparison.Ordinal) && !draft.Path.Contains("decisions", StringComparison.Ordinal) && draft.Statements.Count > 0).ToList();
        speaker.Draw.Shuffle(living);
        foreach (var current in living.Where(draft => draft.Sensitivity == Sensitivity.Internal).Take(speaker.Draw.Between(1, 3)))
            if (Older(current) is { } older)
            {
                var sign = Sign(current, older);
                drafts.Add(older);
                faults.Add(new KnownFault(FaultKind.Outdated, older.Path, null, current.Path, sign));
            }
    }

    /// <summary>The document as it was: either written anew, or the same sentences with the old values.</summary>
    Draft? Older(Draft current)
    {
        var changes = new Dictionary<Fact, Fact>();
        var other = new Project(project.Language, project.Seed, project.Number ^ 1 << 28);
        foreach (var fact in current.Statements.Select(statement => statement.Fact).Distinct())
            if (!lasting.Contains(fact.Kind.Name) && other.Facts.FirstOrDefault(there => there.Kind == fact.Kind) is { } there && there.Answer != fact.Answer && (changes.Count == 0 || speaker.Draw.Chance(0.6)))
                changes[fact] = fact with { Frame = fact.Frame.With((fact.Kind.AnswerSlot, there.Answer)), Answer = there.Answer };
        if (changes.Count == 0)
            return null;
        var date = current.Date.AddDays(-speaker.Draw.Between(90, 700));
        var slash = current.Path.LastIndexOf('/');
        var path = $"{current.Path[..slash]}/{date.Year}{current.Path[slash..]}";
        return speaker.Draw.Chance(0.5) ? WithOldValues(current, path, date, changes) : Rewritten(current, path, date, changes);
    }

    static Draft WithOldValues(Draft current, string path, DateOnly date, Dictionary<Fact, Fact> changes)
    {
        var text = current.Text.ToString();
        foreach (var (now, then) in changes)
            text = text.Replace(now.Answer, then.Answer, StringComparison.Ordinal);
        var older = current.Copy(path, text);
        older.Date = date;
        older.Marks.RemoveAll(mark => mark.Value is { } value && !text.Contains(value, StringComparison.Ordinal));
        return older;
    }

    Draft Rewritten(Draft current, string path, DateOnly date, Dictionary<Fact, Fact> changes)
    {
        var older = current.Copy(path, "");
        older.Marks.Clear();
        older.Date = date;
        older.Heading(1, current.Title).Paragraph("talk.any");
        foreach (var fact in current.Statements.Select(statement => statement.Fact).Distinct())
            older.Paragraph(changes.GetValueOrDefault(fact, fact), "talk.any");
        older.Items("-", "talk.any", "talk.any");
        older.Statements.Clear();
        return older;
    }

    string Sign(Draft current, Draft older)
    {
        switch (speaker.Draw.Below(4))
        {
            case 0:
                var major = speaker.Draw.Between(1, 4);
                older.Version = $"{major}.{speaker.Draw.Below(9)}";
                current.Version = $"{major + 1}.{speaker.Draw.Below(9)}";
                if (speaker.Draw.Chance(0.3))
                    current.Supersedes = older.Path;
                return "version mark";
            case 1:
                var line = project.Frame.With(("olddate", project.Format(older.Date)), ("docdate", project.Format(older.Date)));
                if (speaker.Draw.Chance(0.5))
                    AfterHeading(older, speaker.Say("old.replaced", line));
                else
                    AfterHeading(current, speaker.Say("old.replaces", line));
                return "wording";
            case 2:
                foreach (var draft in new[] { current, older })
                    AfterHeading(draft, speaker.Say("old.asof", project.Frame.With(("docdate", project.Format(draft.Date)))));
                return "date in the text";
            default:
                return "date only";
        }
    }

    static void AfterHeading(Draft draft, string sentence)
    {
        var at = draft.Text.IndexOf("\n\n", 0);
        draft.Insert(at < 0 ? draft.Text.Length : at, "\n\n" + sentence + ".");
    }
}
