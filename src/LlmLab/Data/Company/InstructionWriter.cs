using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmLab.Data.Company;

/// <summary>Small tasks on a project's documents, solved from its knowledge graph.</summary>
sealed class InstructionWriter(Project project, Speaker speaker)
{
    const int MostInput = 900;
    static readonly JsonSerializerOptions json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly List<CompanyInstruction> tasks = [];

    public List<CompanyInstruction> Write(IReadOnlyList<Draft> drafts, IReadOnlyList<Document> documents, IReadOnlyList<KnownFault> faults)
    {
        var bad = faults.Where(fault => fault.Value is null).Select(fault => fault.DocumentId).ToHashSet();
        var good = documents.Where(document => !bad.Contains(document.Id) && document.Metadata.Sensitivity == Sensitivity.Internal).ToArray();
        foreach (var fact in Some(4))
            Add("statement", $"kind: {fact.Kind.Name}\nsubject: {fact.Subject}\nvalue: {fact.Answer}", speaker.Say(fact.Kind.Say, fact.Frame) + ".");
        foreach (var fact in Some(4))
            Add("json", speaker.Say(fact.Kind.Say, fact.Frame) + ".", JsonSerializer.Serialize(new { kind = fact.Kind.Name, subject = fact.Subject, value = fact.Answer }, json));
        foreach (var mail in good.Where(document => document.Metadata.Kind == DocumentKind.Email && document.Metadata.Title!.StartsWith("Re:", StringComparison.Ordinal) == false).Take(2))
            Add("subject", Beginning(mail.Text), mail.Metadata.Title!);
        for (var i = 0; i < 3 && good.Length > 0; i++)
        {
            var document = good[speaker.Draw.Below(good.Length)];
            Add("kind", Beginning(document.Text), document.Metadata.Kind.ToString().ToLowerInvariant());
        }
        Order();
        Sum();
        foreach (var minutes in good.Where(document => document.Id.Contains("/minutes-", StringComparison.Ordinal)))
            Add("actions", minutes.Text, string.Join('\n', minutes.Text.Split('\n').Where(line => line.StartsWith("* ", StringComparison.Ordinal))));
        Redact(documents, faults);
        return tasks;
    }

    void Add(string task, string input, string output)
    {
        if (output.Length > 0)
            tasks.Add(new CompanyInstruction($"p{project.Number:00000}/t{tasks.Count}", project.Split, task, speaker.Say("task." + task, project.Frame), input, output));
    }

    List<Fact> Some(int count)
    {
        var facts = project.Facts.Where(fact => fact.Kind.Sensitivity == Sensitivity.Internal).ToList();
        speaker.Draw.Shuffle(facts);
        return facts.Count > count ? facts[..count] : facts;
    }

    void Order()
    {
        var dated = project.Of("milestone.date").Select(fact => (Line: $"{fact.Frame["milestone"]}: {fact.Answer}", Date: DateOnly.Parse(fact.Answer, CultureInfo.InvariantCulture))).ToList();
        if (dated.Count < 2)
            return;
        speaker.Draw.Shuffle(dated);
        Add("order", string.Join('\n', dated.Select(d => d.Line)), string.Join('\n', dated.OrderBy(d => d.Date).Select(d => d.Line)));
    }

    void Sum()
    {
        var lines = project.Of("budget.line").ToArray();
        if (lines.Length < 2)
            return;
        var total = lines.Sum(line => int.Parse(line.Answer.Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
        Add("sum", string.Join('\n', lines.Select(line => $"{line.Frame["line"]}: {line.Answer}")), total.ToString("N0", CultureInfo.InvariantCulture) + " euros");
    }

    void Redact(IReadOnlyList<Document> documents, IReadOnlyList<KnownFault> faults)
    {
        var whole = faults.Where(fault => fault.Value is null).Select(fault => fault.DocumentId).ToHashSet();
        foreach (var group in faults.Where(fault => fault.Kind == FaultKind.PersonalData && !whole.Contains(fault.DocumentId)).GroupBy(fault => fault.DocumentId).Take(3))
        {
            var text = documents.First(document => document.Id == group.Key).Text;
            var paragraph = text.Split("\n\n").First(p => group.Any(fault => p.Contains(fault.Value!, StringComparison.Ordinal)));
            // The longest first: an address may hold a name that is planted as well.
            var masked = group.OrderByDescending(fault => fault.Value!.Length).Aggregate(paragraph, (masked, fault) => masked.Replace(fault.Value!, $"[{fault.Detail!.ToUpperInvariant()}]", StringComparison.Ordinal));
            Add("redact", paragraph, masked);
        }
    }

    static string Beginning(string text)
    {
        if (text.Length <= MostInput)
            return text;
        var end = text.LastIndexOf('\n', MostInput);
        return text[..(end > 200 ? end : MostInput)].TrimEnd();
    }
}
