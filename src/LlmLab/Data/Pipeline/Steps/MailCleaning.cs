using System.Buffers;
using System.Text.RegularExpressions;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="MailCleaning"/>.</summary>
public sealed record MailCleaningOptions
{
    /// <summary>True to take out quoted replies.</summary>
    public bool RemoveQuotes { get; init; } = true;
    /// <summary>True to take out signatures.</summary>
    public bool RemoveSignatures { get; init; } = true;
    /// <summary>True to take out disclaimers and banners.</summary>
    public bool RemoveNotices { get; init; } = true;
    /// <summary>Lines that a signature after a closing formula may have.</summary>
    public int MaximumSignatureLines { get; init; } = 10;
}

/// <summary>
/// Takes out of mail what its writer did not write for this message: quoted replies (their header line and the lines marked "&gt;",
/// or all below an "original message" rule), signatures (from "-- " or a closing formula), legal notices and gateway banners.
/// Thunderbird's, Gmail's and Outlook's forms in English, German, French, Spanish and Dutch.
/// </summary>
public sealed partial class MailCleaning(MailCleaningOptions? options = null) : DocumentStep
{
    readonly MailCleaningOptions options = options ?? new MailCleaningOptions();

    /// <inheritdoc/>
    public override string Name => "mail cleaning";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.Boilerplate];
    /// <inheritdoc/>
    public override bool JudgedByPieces => true;

    /// <inheritdoc/>
    public override StepOutcome Apply(Document document)
    {
        if (document.Metadata.Kind != DocumentKind.Email && !LooksLikeMail(document.Text)) return StepOutcome.Keep(document);
        var lines = TextLines.Of(document.Text);
        string?[] part = new string?[lines.Count];
        int body = SkipHeaders(lines);
        if (options.RemoveQuotes) MarkQuotes(lines, part, body);
        if (options.RemoveNotices) MarkNotices(lines, part, body);
        if (options.RemoveSignatures && MarkSignature(lines, part, body) is >= 0 and var signature && options.RemoveNotices) MarkTrailing(lines, part, signature);
        var findings = lines.Pieces(part);
        if (findings.Count == 0) return StepOutcome.Keep(document);
        string text = lines.Without(part);
        return StepOutcome.Change(document with { Text = text }, string.Join(" and ", findings.Select(f => f.Type).Distinct()), findings);
    }

    static bool LooksLikeMail(string text) =>
        (text.StartsWith("From: ", StringComparison.Ordinal) || text.StartsWith("Subject: ", StringComparison.Ordinal)) && text.AsSpan(0, Math.Min(text.Length, 600)).Contains("\nTo: ", StringComparison.Ordinal);

    static int SkipHeaders(TextLines lines)
    {
        if (lines.Count == 0 || !IsHeader(lines[0])) return 0;
        int line = 0;
        while (line < lines.Count && !lines[line].IsWhiteSpace()) line++;
        return line;
    }

    static bool IsHeader(ReadOnlySpan<char> line) => line.IndexOf(':') is > 0 and < 10 && Header().IsMatch(line);

    [GeneratedRegex(@"^(From|To|Cc|Date|Sent|Subject|Von|An|Betreff|Gesendet|De|À|Objet):\s", RegexOptions.IgnoreCase)]
    private static partial Regex Header();

    [GeneratedRegex(@"^\s*(On .{6,120}\bwrote:|Am .{6,120}\bschrieb.{0,80}:|Le .{6,120}\ba écrit\s?:|El .{6,120}\bescribió:|Op .{6,120}\bschreef.{0,60}:)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex QuoteHeader();

    [GeneratedRegex(@"^\s*(-{2,}\s*(Original|Forwarded|Ursprüngliche|Weitergeleitete|Message d'origine|Mensaje original|Oorspronkelijk)[^\n]{0,40}-{2,}|_{20,}|Begin forwarded message:)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex QuoteRule();

    static void MarkQuotes(TextLines lines, string?[] part, int body)
    {
        for (int i = body; i < lines.Count; i++)
        {
            var line = lines[i];
            if (line.TrimStart().StartsWith(">")) part[i] = "quote";
            else if (line.Length > 4 && (line[0] is '-' or '_' or ' ' or 'B') && QuoteRule().IsMatch(line) || i > body + 1 && IsInnerHeader(lines, i))
            {
                for (; i < lines.Count; i++) part[i] = "quote";
                return;
            }
            else if (line.TrimEnd().EndsWith(":") && QuoteHeader().IsMatch(line)) MarkBelow(lines, part, i);
            else if (i + 1 < lines.Count && !lines[i + 1].IsWhiteSpace() && lines[i + 1].TrimEnd().EndsWith(":") && line.Length < 120 && QuoteHeader().IsMatch($"{line} {lines[i + 1]}")) MarkBelow(lines, part, i);
        }
    }

    // A quote header stands above marked lines; where none follow, the whole rest is quoted (Outlook marks nothing).
    static void MarkBelow(TextLines lines, string?[] part, int header)
    {
        part[header] = "quote";
        int next = header + 1;
        while (next < lines.Count && (lines[next].IsWhiteSpace() || lines[next].TrimEnd().EndsWith(":") && next == header + 1)) part[next++] = "quote";
        if (next < lines.Count && lines[next].TrimStart().StartsWith(">")) return;
        for (; next < lines.Count; next++) part[next] = "quote";
    }

    static bool IsInnerHeader(TextLines lines, int at)
    {
        if (!IsHeader(lines[at].TrimStart(" *"))) return false;
        int headers = 0;
        for (int i = at; i < Math.Min(lines.Count, at + 5); i++)
            if (IsHeader(lines[i].TrimStart(" *"))) headers++;
        return headers >= 3;
    }

    [GeneratedRegex(@"^\s*((best|kind|warm|many|with( kind| best| warm)?)\s+(regards|wishes|thanks|greetings)|regards|sincerely( yours)?|yours (sincerely|faithfully|truly)|cheers|thanks( again| in advance| a lot| so much)?|thank you|many thanks|all the best|best|take care|respectfully|mit (freundlichen|besten|herzlichen) gr(ü|ue)(ß|ss)en|(viele|liebe|beste|freundliche|herzliche) gr(ü|ue)(ß|ss)e|mfg|vg|lg|cordialement|bien (cordialement|à vous)|saludos( cordiales)?|atentamente|met vriendelijke groet(en)?)\s*[,.!–-]?\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Closing();

    // Returns the signature's last line, or -1.
    int MarkSignature(TextLines lines, string?[] part, int body)
    {
        // The signature is the last thing the writer wrote: below it are only quotes and notices, each a short paragraph.
        for (int i = lines.Count - 1; i > body; i--)
        {
            if (part[i] is not null || lines[i].IsWhiteSpace()) continue;
            bool rule = lines[i].Length <= 3 && lines[i].TrimEnd() is "--" or "—" or "–";
            int end = i;
            while (end + 1 < lines.Count && !lines[end + 1].IsWhiteSpace() && part[end + 1] is null) end++;
            bool closing = lines[i].Length < 60 && (Closing().IsMatch(lines[i]) || IsShortWord(lines, i, end));
            if (!rule && !(closing && end - i <= options.MaximumSignatureLines && IsSignatureBlock(lines, i + 1, end) && IsLast(lines, part, end))) continue;
            // A name may stand below an empty line.
            if (end == i && !rule && end + 2 < lines.Count && part[end + 2] is null && lines[end + 2].Length is > 0 and < 40 && (end + 3 == lines.Count || lines[end + 3].IsWhiteSpace())) end += 2;
            if (rule) end = LastOwn(lines, part, i);
            for (int j = i; j <= end; j++) part[j] ??= "signature";
            return end;
        }
        return -1;
    }

    static int LastOwn(TextLines lines, string?[] part, int from)
    {
        int last = from;
        for (int i = from; i < lines.Count && part[i] is null; i++)
            if (!lines[i].IsWhiteSpace()) last = i;
        return last;
    }

    // Below a signature stand at most three paragraphs of one to three lines that are not quotes.
    static bool IsLast(TextLines lines, string?[] part, int end)
    {
        int paragraphs = 0, length = 0;
        for (int i = end + 1; i < lines.Count; i++)
        {
            if (part[i] is not null || lines[i].IsWhiteSpace())
            {
                length = 0;
                continue;
            }
            if (length++ == 0) paragraphs++;
            if (length > 3 || paragraphs > 3) return false;
        }
        return true;
    }

    static void MarkTrailing(TextLines lines, string?[] part, int signature)
    {
        for (int i = signature + 1; i < lines.Count; i++)
            if (!lines[i].IsWhiteSpace()) part[i] ??= "notice";
    }

    // Any other last word ("See you there,") with nothing below it but a name, or a name and a few lines of a card.
    static bool IsShortWord(TextLines lines, int at, int last)
    {
        var line = lines[at].TrimEnd();
        if (line.Length is < 3 or > 45 || line[^1] is not (',' or '!') || at == last || at > 0 && !lines[at - 1].IsWhiteSpace() || last - at > 7) return false;
        var name = lines[at + 1].Trim();
        if (name.IsEmpty || name.Length > 40 || name[^1] is '.' or '?' or ':' or ',') return false;
        int words = 0;
        foreach (var word in new WordScan(name))
            if (++words > 4 || !char.IsUpper(word[0])) return false;
        return words > 0;
    }

    static bool IsSignatureBlock(TextLines lines, int from, int to)
    {
        for (int i = from; i <= to; i++)
            if (lines[i].Length > 110) return false;
        return true;
    }

    [GeneratedRegex(@"intended (solely |only |exclusively )?(for|recipient)|received this (e-?mail|message) in error|(e-?mail|message|communication)s?( and any (attachments?|files))?( transmitted)?[^.]{0,60}\b(confidential|privileged)|unauthori[sz]ed (use|disclosure|copying|review)|consider the environment|think before you print|sent from (my|mail for|outlook|yahoo)|get outlook for|diese e-?mail (enthält|kann)[^.]{0,40}vertraulich|(external|caution|warning)[^a-z\n]{1,4}[^\n]{0,40}(e-?mail|message|sender|outside|organi[sz]ation)|do not click (on )?(any )?links|this (e-?mail|message) (originated|came) from outside|scanned (for|by)[^.\n]{0,40}(virus|malware|antivirus)|virus-free|unsubscribe|registered (office|in england)|company (number|registration)", RegexOptions.IgnoreCase)]
    private static partial Regex Notice();

    // Any of these words is in every notice; looking for them first is fast, and most mail has none.
    static readonly SearchValues<string> noticeWords = SearchValues.Create(["intended", "in error", "confidential", "privileged", "unauthori", "environment", "you print", "sent from", "get outlook", "vertraulich", "external", "caution", "warning", "click", "came from outside", "originated", "scanned", "virus", "unsubscribe", "registered", "company number", "company registration"], StringComparison.OrdinalIgnoreCase);

    static bool IsNotice(ReadOnlySpan<char> line) => line.IndexOfAny(noticeWords) >= 0 && Notice().IsMatch(line);

    // What a mail gateway puts above a message: a line between stars or signs, or after a word in brackets and capitals.
    [GeneratedRegex(@"^\s*([*=#!~-]{2,}.{8,160}[*=#!~-]{2,}|\[[A-Z][A-Z /-]{3,30}\].{0,160}|(EXTERNAL|CAUTION|WARNING|ATTENTION)\b.{8,200})\s*$")]
    private static partial Regex GatewayBanner();

    static void MarkNotices(TextLines lines, string?[] part, int body)
    {
        int first = body;
        while (first < lines.Count && lines[first].IsWhiteSpace()) first++;
        if (first < lines.Count && GatewayBanner().IsMatch(lines[first])) part[first] = "banner";
        if (lines.Text.AsSpan().IndexOfAny(noticeWords) < 0) return;
        for (int i = body; i < lines.Count; i++)
        {
            if (lines[i].IsWhiteSpace() || part[i] is not null) continue;
            int end = i;
            while (end + 1 < lines.Count && !lines[end + 1].IsWhiteSpace() && part[end + 1] is null) end++;
            int hits = 0;
            for (int j = i; j <= end; j++)
                if (IsNotice(lines[j])) hits++;
            // A whole paragraph goes if it is a notice; single lines go by themselves.
            if (hits > 0)
                for (int j = i; j <= end; j++)
                    if (hits * 2 > end - i || IsNotice(lines[j])) part[j] = "notice";
            i = end;
        }
    }
}
