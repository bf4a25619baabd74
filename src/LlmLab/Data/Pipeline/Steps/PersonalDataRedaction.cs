using LlmLab.Data.Pipeline.PersonalData;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="PersonalDataRedaction"/>.</summary>
public sealed record PersonalDataOptions
{
    /// <summary>What is taken out, of: email, phone, iban, card, account, national id, birth date, ip, address, secret, person.</summary>
    public IReadOnlyList<string> Types { get; init; } = ["email", "phone", "iban", "card", "account", "national id", "birth date", "ip", "address", "secret", "person"];
    /// <summary>E-mail addresses of these domains are the company's own and stay, as do those whose name is a function's (info@, support@).</summary>
    public IReadOnlyList<string> OwnDomains { get; init; } = [];
    /// <summary>True: a name is taken out only in a document that has other personal data too. Either way only names that a title or a phrase announces are found, so who does what in the company stays known.</summary>
    public bool NamesOnlyBesideOtherData { get; init; }
    /// <summary>Documents with more pieces than this per 1,000 characters (a list of customers, a key store) are dropped whole.</summary>
    public double MaximumPiecesPerThousand { get; init; } = 40;
}

/// <summary>
/// Finds personal data and secrets and puts "[EMAIL]", "[PHONE]", "[PERSON]" … in their place. What was found is counted and its
/// place recorded; the data itself is written nowhere.
/// </summary>
public sealed class PersonalDataRedaction(PersonalDataOptions? options = null) : DocumentStep
{
    // In order of precedence where pieces overlap.
    static readonly string[] precedence = ["secret", "email", "iban", "card", "national id", "birth date", "account", "ip", "phone", "address", "person"];
    static readonly string[] labels = [.. precedence.Select(t => $"[{t.ToUpperInvariant()}]")];
    static readonly IPersonalDataDetector[] detectors = [new EmailDetector(), new NumberDetector(), new SecretDetector(), new AddressDetector(), new NameDetector()];
    static readonly string[] functions = ["info", "support", "contact", "sales", "help", "helpdesk", "office", "admin", "noreply", "no-reply", "donotreply", "postmaster", "webmaster", "abuse", "security", "hr", "jobs", "careers", "press", "legal", "billing", "accounts", "team", "hello", "service", "privacy", "example", "user", "name"];
    readonly PersonalDataOptions options = options ?? new PersonalDataOptions();

    /// <inheritdoc/>
    public override string Name => "personal data";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.PersonalData];
    /// <inheritdoc/>
    public override bool JudgedByPieces => true;

    /// <inheritdoc/>
    public override StepOutcome Apply(Document document)
    {
        string text = document.Text;
        var findings = Search(text);
        if (findings.Count == 0) return StepOutcome.Keep(document);
        if (findings.Count >= 20 && findings.Count * 1000.0 / text.Length > options.MaximumPiecesPerThousand)
            return StepOutcome.Drop(document, "mostly personal data") with { Findings = findings };
        return StepOutcome.Change(document with { Text = Redact(text, findings) }, Reason(findings), findings);
    }

    static string Redact(string text, List<Finding> findings)
    {
        int length = text.Length;
        foreach (var finding in findings) length += labels[Array.IndexOf(precedence, finding.Type)].Length - finding.Length;
        return string.Create(length, (text, findings), static (to, from) =>
        {
            int copied = 0;
            foreach (var finding in from.findings)
            {
                from.text.AsSpan(copied, finding.Start - copied).CopyTo(to);
                to = to[(finding.Start - copied)..];
                string label = labels[Array.IndexOf(precedence, finding.Type)];
                label.CopyTo(to);
                to = to[label.Length..];
                copied = finding.End;
            }
            from.text.AsSpan(copied).CopyTo(to);
        });
    }

    static string Reason(List<Finding> findings)
    {
        if (findings.TrueForAll(f => f.Type == findings[0].Type)) return findings[0].Type;
        return string.Join(", ", findings.Select(f => f.Type).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>The pieces of personal data in a text, in order, without overlaps.</summary>
    public IReadOnlyList<Finding> Find(string text) => Search(text);

    List<Finding> Search(string text)
    {
        var all = new List<Finding>();
        foreach (var detector in detectors) detector.Find(text, all);
        if (all.Count == 0) return all;
        all.RemoveAll(f => !options.Types.Contains(f.Type) || f.Type == "email" && IsOwn(text.AsSpan(f.Start, f.Length)));
        if (options.NamesOnlyBesideOtherData && all.TrueForAll(f => f.Type == "person")) return [];
        if (all.Count < 2) return all;
        // The first of those that overlap, by precedence, then by place, then the longest.
        (long Key, Finding Finding)[] order = [.. all.Select(f => ((long)Array.IndexOf(precedence, f.Type) << 56 | (long)f.Start << 24 | (uint)Math.Max(0, 0xFFFFFF - f.Length), f))];
        Array.Sort(order, static (a, b) => a.Key.CompareTo(b.Key));
        all.Clear();
        foreach (var (_, finding) in order)
        {
            // Kept in the order of the text: only the neighbours can overlap.
            int at = all.Count;
            while (at > 0 && all[at - 1].Start >= finding.End) at--;
            if (at == 0 || all[at - 1].End <= finding.Start) all.Insert(at, finding);
        }
        return all;
    }

    bool IsOwn(ReadOnlySpan<char> address)
    {
        int at = address.LastIndexOf('@');
        if (at < 0) return false;
        foreach (string function in functions)
            if (address[..at].Equals(function, StringComparison.OrdinalIgnoreCase)) return true;
        foreach (string domain in options.OwnDomains)
            if (address[(at + 1)..].Equals(domain, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}
