namespace LlmLab.Data.Company;

/// <summary>What the writers of documents share: a project's facts in turn, prose rules, dates.</summary>
abstract class Writer(Project project, Speaker speaker)
{
    static readonly string[] talk = ["talk.progress", "talk.risk", "talk.plan", "talk.reason", "talk.detail", "talk.people", "talk.numbers"];

    protected Project Project => project;
    protected Speaker Speaker => speaker;

    /// <summary>A rule of general prose, each sort in turn at random.</summary>
    protected object Talk() => talk[speaker.Draw.Below(talk.Length)];

    protected string Say(string rule) => speaker.Say(rule, project.Frame);

    protected int Between(int least, int most) => speaker.Draw.Between(least, most);

    protected bool Chance(double probability) => speaker.Draw.Chance(probability);

    protected DateOnly Day(int least, int most) => project.Start.AddDays(speaker.Draw.Between(least, most));

    /// <summary>Some of the public facts, drawn without repetition.</summary>
    protected List<Fact> Some(int count, Func<Fact, bool>? fit = null)
    {
        var open = project.Facts.Where(fact => fact.Kind.Sensitivity == Sensitivity.Internal && (fit?.Invoke(fact) ?? true)).ToList();
        speaker.Draw.Shuffle(open);
        return open.Count > count ? open[..count] : open;
    }

    /// <summary>Paragraphs that mix facts with prose: one or two facts each, so that a passage stays short.</summary>
    protected void Mixed(Draft draft, IEnumerable<Fact> facts, double proseBefore = 0.35, double proseAfter = 0.75)
    {
        foreach (var fact in facts)
        {
            List<object> parts = [];
            if (Chance(proseBefore))
                parts.Add(Talk());
            parts.Add(fact);
            if (Chance(proseAfter))
                parts.Add(Talk());
            draft.Paragraph([.. parts]);
        }
    }

    /// <summary>A paragraph of prose alone.</summary>
    protected void Prose(Draft draft, int sentences)
    {
        var parts = new object[sentences];
        for (var i = 0; i < sentences; i++)
            parts[i] = Talk();
        draft.Paragraph(parts);
    }

    protected Draft New(string file, string title, DocumentKind kind, DateOnly date, string phase) =>
        new(project, speaker, $"{project.Slug}/{file}", title, kind) { Date = date, Phase = phase };
}
