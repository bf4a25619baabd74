using LlmLab.Data.Pipeline.Similarity;

namespace LlmLab.Data.Company;

/// <summary>
/// Adds documents that should not be there: copies, near copies, older versions, texts of others, scribbles, other languages; and
/// breaks the characters of some. Each is recorded.
/// </summary>
sealed class DocumentFaults(Project project, Speaker speaker)
{
    static readonly Lazy<(string, string)[]> exchanges = new(() => [.. ShippedData.ReadText("company/edits.txt").Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(';', 2)).Select(pair => (pair[0].Trim(), pair[1].Trim()))]);

    /// <summary>Least similarity of a near duplicate to its original, on sets of 5-word shingles.</summary>
    public const double LeastSimilarity = 0.8;
    const int ShingleWords = 5;

    /// <summary>The exchanges that near duplicates make.</summary>
    public static IReadOnlyList<(string From, string To)> Exchanges => exchanges.Value;

    /// <summary>Adds faulty documents to those of a project, and their faults to a list.</summary>
    public void Add(List<Draft> drafts, List<KnownFault> faults)
    {
        var originals = drafts.Where(draft => draft.Sensitivity == Sensitivity.Internal).ToList();
        speaker.Draw.Shuffle(originals);
        new OlderVersions(project, speaker).Add(drafts, faults);
        Break(originals, faults);
        foreach (var original in originals.Take(speaker.Draw.Between(0, 2)))
            Copy(original, drafts, faults);
        foreach (var original in originals.Skip(2).Where(draft => draft.Text.Length > 700).Take(speaker.Draw.Between(1, 2)))
            NearCopy(original, drafts, faults);
        if (speaker.Draw.Chance(0.5))
            Foreign(drafts, faults, speaker.Draw.Pick(["de", "fr", "es"]));
        if (speaker.Draw.Chance(0.5))
            Scribble(drafts, faults);
        if (speaker.Draw.Chance(0.6))
            OthersText(drafts, faults);
    }

    void Break(List<Draft> originals, List<KnownFault> faults)
    {
        // A broken text no longer holds the exact pieces that were planted in it, so only texts without any are broken.
        foreach (var draft in originals.Where(draft => draft.Marks.Count == 0 && Mojibake.Count(draft.Text.ToString()) >= 2).Take(1))
        {
            var text = draft.Text.ToString();
            var (broken, sort) = speaker.Draw.Below(3) switch
            {
                0 => (Mojibake.Utf8AsWindows1252(text), "utf-8 read as windows-1252"),
                1 => (Mojibake.Utf8AsWindows1252(Mojibake.Utf8AsWindows1252(text)), "utf-8 read as windows-1252 twice"),
                _ => (Mojibake.Replaced(text), "replacement characters"),
            };
            draft.Replace(broken);
            faults.Add(new KnownFault(FaultKind.BrokenEncoding, draft.Path, null, null, sort));
        }
    }

    void Copy(Draft original, List<Draft> drafts, List<KnownFault> faults)
    {
        var copy = original.Copy(Beside(original.Path, speaker.Draw.Pick(["archive", "backup", "shared", "old laptop"])), original.Text.ToString());
        copy.Date = original.Date.AddDays(speaker.Draw.Between(0, 90));
        drafts.Add(copy);
        faults.Add(new KnownFault(FaultKind.ExactDuplicate, copy.Path, null, original.Path, "copy"));
        if (faults.FirstOrDefault(fault => fault.Kind == FaultKind.BrokenEncoding && fault.DocumentId == original.Path) is { } broken)
            faults.Add(broken with { DocumentId = copy.Path });
    }

    void NearCopy(Draft original, List<Draft> drafts, List<KnownFault> faults)
    {
        var text = original.Text.ToString();
        var shingles = WordShingles.Of(text, ShingleWords);
        for (var edits = Math.Max(1, text.Length / 420); edits >= 1; edits--)
        {
            var edited = Edit(text, edits, [.. original.Marks.Select(mark => mark.Value).OfType<string>()]);
            var similarity = WordShingles.Jaccard(shingles, WordShingles.Of(edited, ShingleWords));
            if (similarity is < LeastSimilarity or 1)
                continue;
            var copy = original.Copy(Beside(original.Path, speaker.Draw.Pick(["copies", "print", "review", "sent"])), edited);
            copy.Date = original.Date.AddDays(speaker.Draw.Between(0, 9));
            drafts.Add(copy);
            faults.Add(new KnownFault(FaultKind.NearDuplicate, copy.Path, null, original.Path, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{edits} edits, Jaccard {similarity:0.000}")));
            if (faults.FirstOrDefault(fault => fault.Kind == FaultKind.BrokenEncoding && fault.DocumentId == original.Path) is { } broken)
                faults.Add(broken with { DocumentId = copy.Path });
            return;
        }
    }

    /// <summary>Makes a number of small edits: words exchanged, dropped or doubled, a case or a mark changed, a note added.</summary>
    string Edit(string text, int edits, string[] untouched)
    {
        ref var draw = ref speaker.Draw;
        for (var i = 0; i < edits; i++)
        {
            var at = text.IndexOf(' ', draw.Below(text.Length));
            if (at < 0)
                continue;
            var end = text.IndexOf(' ', at + 1);
            if (end < 0)
                continue;
            var edited = draw.Below(5) switch
            {
                0 => text.Remove(at, end - at),
                1 => text.Insert(end, text[at..end]),
                2 => text[..at] + text[at..end].ToUpperInvariant() + text[end..],
                3 => text.Contains("\n\n", StringComparison.Ordinal) ? $"{text}\n\n{speaker.Say("near.note", project.Frame)}" : text,
                _ => Exchange(text, at, ref draw),
            };
            // What is recorded piece by piece stays as it was recorded.
            if (untouched.All(piece => edited.Contains(piece, StringComparison.Ordinal)))
                text = edited;
        }
        return text;
    }

    static string Exchange(string text, int from, ref Draw draw)
    {
        var start = draw.Below(Exchanges.Count);
        for (var i = 0; i < Exchanges.Count; i++)
        {
            var (a, b) = Exchanges[(start + i) % Exchanges.Count];
            var at = text.IndexOf($" {a} ", from, StringComparison.Ordinal);
            if (at >= 0)
                return text[..(at + 1)] + b + text[(at + 1 + a.Length)..];
        }
        return text;
    }

    void Foreign(List<Draft> drafts, List<KnownFault> faults, string language)
    {
        var draft = New($"notes/site-{language}.txt", speaker.Draw.Pick(["Notiz", "Note", "Nota"]), DocumentKind.Other);
        for (var i = speaker.Draw.Between(5, 9); i > 0; i--)
            draft.Add(draft.Text.Length == 0 ? "" : i % 3 == 0 ? "\n\n" : " ").Sentence("foreign." + language);
        drafts.Add(draft);
        faults.Add(new KnownFault(FaultKind.ForeignLanguage, draft.Path, null, null, language));
    }

    void Scribble(List<Draft> drafts, List<KnownFault> faults)
    {
        var draft = New($"notes/scratch-{speaker.Draw.Between(1, 99)}.txt", "scratch", DocumentKind.Other);
        var sort = speaker.Draw.Below(3);
        if (sort == 2)
            draft.Add($"{speaker.Draw.Pick(["ok", "test", "see above", "later", "nope"])} {speaker.Draw.Digits(4)}");
        for (var i = sort == 2 ? 0 : speaker.Draw.Between(4, 9); i > 0; i--)
            draft.Add(draft.Text.Length == 0 ? "" : "\n").Add(speaker.Say(sort == 0 ? "quality.placeholder" : "quality.soup", project.Frame));
        if (sort == 0)
            draft.Add($"\n{speaker.Draw.Digits(5)}");
        drafts.Add(draft);
        faults.Add(new KnownFault(FaultKind.LowQuality, draft.Path, null, null, sort switch { 0 => "placeholder", 1 => "symbols", _ => "too short" }));
    }

    void OthersText(List<Draft> drafts, List<KnownFault> faults)
    {
        var draft = New($"library/article-{speaker.Draw.Between(1, 99)}.md", $"{speaker.Draw.Pick(["Field report", "Trade article", "Study", "Handbook chapter"])}: {project.Domain.Name}", DocumentKind.Reference);
        draft.Heading(1, draft.Title);
        for (var i = speaker.Draw.Between(3, 6); i > 0; i--)
            draft.Paragraph("licence.body", "talk.detail", "licence.body");
        var sort = speaker.Draw.Below(3);
        if (sort != 0)
            draft.Paragraph("licence.notice");
        draft.Licence = sort == 1 ? null : speaker.Draw.Pick(["CC-BY-NC-4.0", "CC-BY-NC-ND-4.0", "All rights reserved", "LicenseRef-Proprietary"]);
        drafts.Add(draft);
        faults.Add(new KnownFault(FaultKind.Licence, draft.Path, null, null, sort switch { 0 => "metadata", 1 => "text", _ => "metadata and text" }));
    }

    Draft New(string file, string title, DocumentKind kind) =>
        new(project, speaker, $"{project.Slug}/{file}", title, kind) { Date = project.Start.AddDays(speaker.Draw.Between(0, 400)) };

    static string Beside(string path, string folder)
    {
        var slash = path.LastIndexOf('/');
        // A mail that is filed a second time is a text: it has lost its headers' form.
        return $"{path[..slash]}/{folder}{path[slash..].Replace(".eml", ".txt", StringComparison.Ordinal)}";
    }
}
