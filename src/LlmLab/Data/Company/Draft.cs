namespace LlmLab.Data.Company;

/// <summary>Where a document states a fact.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="Start">Where the sentence starts, in characters.</param>
/// <param name="Length">Its length.</param>
sealed record Statement(Fact Fact, int Start, int Length);

/// <summary>A document in the making: its text, what is known of it, and where it states which fact.</summary>
sealed class Draft(Project project, Speaker speaker, string path, string title, DocumentKind kind)
{
    public Project Project => project;
    public string Path { get; set; } = path;
    public string Title { get; set; } = title;
    public DocumentKind Kind => kind;
    public DateOnly Date { get; set; } = project.Start;
    /// <summary>Time of day, in minutes after midnight; documents other than mail have none.</summary>
    public int Minute { get; set; }
    public string? Phase { get; set; }
    public string? Version { get; set; }
    public string? Supersedes { get; set; }
    public string? Licence { get; set; } = "MIT";
    /// <summary>Of a broken, copied or older text no sentence counts as the statement of a fact.</summary>
    public Draft Copy(string path, string text)
    {
        var copy = new Draft(project, speaker, path, Title, kind) { Date = Date, Minute = Minute, Phase = Phase, Version = Version, Licence = Licence, Sensitivity = Sensitivity, Roles = Roles };
        foreach (var (name, value) in Other)
            copy.Other[name] = value;
        copy.Marks.AddRange(Marks);
        copy.Add(text);
        return copy;
    }

    /// <summary>Puts another text in place of this one; nothing it stated counts any more.</summary>
    public void Replace(string text)
    {
        Text.Clear();
        Statements.Clear();
        Add(text);
    }

    public Sensitivity Sensitivity { get; set; } = Sensitivity.Internal;
    public IReadOnlyList<string> Roles { get; set; } = [];
    public Dictionary<string, string> Other { get; } = new(StringComparer.Ordinal);
    public TextBuffer Text { get; } = new();
    public List<Statement> Statements { get; } = [];
    /// <summary>Faults planted in it: the kind, the exact text (null for the whole document) and the sort.</summary>
    public List<(FaultKind Kind, string? Value, string Detail)> Marks { get; } = [];
    /// <summary>In a mail: where the closing begins.</summary>
    public int BodyEnd { get; set; }

    /// <summary>Appends text as it is.</summary>
    public Draft Add(string text)
    {
        Text.Append(text);
        return this;
    }

    /// <summary>Starts a new paragraph unless the document is empty.</summary>
    public Draft Break()
    {
        if (Text.Length > 0)
            Text.Append("\n\n");
        return this;
    }

    /// <summary>A Markdown heading of a level; 0 writes an underlined heading as plain text has it.</summary>
    public Draft Heading(int level, string heading)
    {
        Break();
        Add(level == 0 ? $"{heading}\n{new string('-', heading.Length)}" : $"{new string('#', level)} {heading}");
        return this;
    }

    public Draft HeadingBy(int level, string rule) => Heading(level, speaker.Say(rule, project.Frame));

    /// <summary>A paragraph of its own from rules and facts, in the given order.</summary>
    public Draft Paragraph(params ReadOnlySpan<object> parts)
    {
        Break();
        var first = true;
        foreach (var part in parts)
        {
            if (!first)
                Text.Append(' ');
            first = false;
            Sentence(part);
        }
        return this;
    }

    /// <summary>List items, one a line.</summary>
    public Draft Items(string bullet, params ReadOnlySpan<object> parts)
    {
        Break();
        var number = 0;
        foreach (var part in parts)
        {
            if (number++ > 0)
                Text.Append('\n');
            Add(bullet == "1" ? $"{number}. " : bullet + " ");
            Sentence(part);
        }
        return this;
    }

    /// <summary>Appends a sentence: a rule's expansion, or the statement of a fact.</summary>
    public Draft Sentence(object part)
    {
        var start = part switch
        {
            Fact fact => speaker.Say(fact.Kind.Say, fact.Frame, Text),
            string rule => speaker.Say(rule, project.Frame, Text),
            _ => throw new ArgumentException("A sentence is a rule or a fact.", nameof(part)),
        };
        if (Text.Length > start && Text[^1..][0] is not ('.' or '?' or '!' or ':' or ',' or ';'))
            Text.Append('.');
        if (part is Fact stated)
            Statements.Add(new Statement(stated, start, Text.Length - start));
        return this;
    }

    /// <summary>Appends the row of a table that states a fact.</summary>
    public Draft Row(Fact fact, string row)
    {
        Statements.Add(new Statement(fact, Text.Length, row.Length));
        return Add(row);
    }

    /// <summary>Appends text and records it as a planted fault.</summary>
    public Draft Mark(FaultKind fault, string text, string detail)
    {
        Marks.Add((fault, text, detail));
        return Add(text);
    }

    /// <summary>Inserts text; statements behind it move along.</summary>
    public void Insert(int at, string text)
    {
        Text.Insert(at, text);
        for (var i = 0; i < Statements.Count; i++)
            if (Statements[i].Start >= at)
                Statements[i] = Statements[i] with { Start = Statements[i].Start + text.Length };
        if (BodyEnd >= at)
            BodyEnd += text.Length;
    }

    /// <summary>Where paragraphs end.</summary>
    public List<int> Breaks()
    {
        var breaks = new List<int>();
        for (var at = Text.IndexOf("\n\n", 0); at >= 0; at = Text.IndexOf("\n\n", at + 2))
            breaks.Add(at);
        return breaks;
    }
}
