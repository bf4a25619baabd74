using LlmLab.Data;
using LlmLab.Data.Pipeline;
using LlmLab.Data.Pipeline.Steps;

namespace LlmLab.Tests.Data.Pipeline;

using Pipeline = LlmLab.Data.Pipeline.Pipeline;

public sealed class StepTests
{
    static Document Doc(string text, DocumentKind kind = DocumentKind.Other, string id = "d", string? title = null, string? date = null, string? version = null, string? licence = null) =>
        new(id, text, new DocumentMetadata { Source = id, Kind = kind, Title = title, Version = version, Licence = licence, Date = date is null ? null : DateTimeOffset.Parse(date + "T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture) });

    static string Broken(string text, int times)
    {
        var page = System.Text.CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
        for (; times > 0; times--)
            text = string.Concat(System.Text.Encoding.UTF8.GetBytes(text).Select(b => b is 0x81 or 0x8D or 0x8F or 0x90 or 0x9D ? ((char)b).ToString() : page.GetString([b])));
        return text;
    }

    [Theory]
    [InlineData("Die Prüfung „vor Ort“ kostet 5 € – für Zoë naïve Grüße", 1)]
    [InlineData("L’été dernier, le café coûtait 2 €.", 2)]
    [InlineData("Привет, мир", 1)]
    public void UnicodeRepair_Mojibake_IsUndone(string text, int times) => Assert.Equal(text, new UnicodeRepair().Apply(Doc(Broken(text, times))).Document.Text);

    [Theory]
    [InlineData("São Paulo, NÃO É – „Ü“ und Ä, naïve café, 20 °C, £5, Ångström")]
    [InlineData("Ελληνικά, русский, 日本語のテキスト")]
    public void UnicodeRepair_GoodText_IsKept(string text) => Assert.Equal(Decision.Kept, new UnicodeRepair().Apply(Doc(text)).Decision);

    [Fact]
    public void MailCleaning_Reply_KeepsWhatItsWriterWrote()
    {
        const string Mail = "Hi Bob,\n\nthe pump arrives on Monday.\n\nBest regards,\nAnn Miller\nField engineer\n\nOn Tue, 5 Mar 2024 at 10:12, Bob Stone <bob@example.org> wrote:\n> When does the pump arrive?\n> Bob\n\nThis e-mail is confidential and intended only for the addressee.";
        var outcome = new MailCleaning().Apply(Doc(Mail, DocumentKind.Email));
        Assert.Equal("Hi Bob,\n\nthe pump arrives on Monday.", outcome.Document.Text.TrimEnd());
        Assert.Equal(["notice", "quote", "signature"], outcome.Findings.Select(f => f.Type).Distinct().Order());
    }

    [Fact]
    public void MailCleaning_OtherDocuments_AreLeftAlone() => Assert.Equal(Decision.Kept, new MailCleaning().Apply(Doc("> a quotation\n\nBest regards,\nis how letters end.", DocumentKind.Wiki)).Decision);

    [Theory]
    [InlineData("ok", "too few words")]
    [InlineData("Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.", "placeholder text")]
    public void Quality_BadText_NamesTheRule(string text, string rule) => Assert.StartsWith(rule, new QualityFilter().Fault(text));

    [Fact]
    public void Quality_RepeatedLines_AreFound() => Assert.StartsWith("duplicate lines", new QualityFilter().Fault(string.Concat(Enumerable.Repeat("The same long line comes again here.\n", 12))));

    [Theory]
    [InlineData("MIT", "Some text.", false)]
    [InlineData("CC-BY-NC-4.0", "Some text.", true)]
    [InlineData(null, "Copyright 2019 by Some Publisher. All rights reserved.", true)]
    [InlineData(null, "No part of this book may be reproduced in any form.", true)]
    [InlineData(null, "We discussed which licence to choose and whether copyright matters.", false)]
    public void Licence_MetadataAndNotices_Decide(string? licence, string text, bool dropped) => Assert.Equal(dropped, new LicenceFilter().Apply(Doc(text, licence: licence)).Decision == Decision.Dropped);

    [Theory]
    [InlineData("The pump was replaced by the team because it had not been tested before.", "en")]
    [InlineData("Die Pumpe wurde von der Mannschaft ersetzt, weil sie nicht vorher geprüft worden war.", "de")]
    [InlineData("La pompe a été remplacée par l'équipe parce qu'elle n'avait pas été testée.", "fr")]
    [InlineData("La bomba fue sustituida por el equipo porque no se había probado antes.", "es")]
    [InlineData("Насос был заменён, потому что его не проверили.", "ru")]
    [InlineData("| 12 | 34 | 56 |", null)]
    public void Language_Sentences_AreIdentified(string text, string? code) => Assert.Equal(code, LanguageIdentification.Identify(text).Code);

    static string Prose(int seed) => string.Join(' ', Enumerable.Range(0, 120).Select(i => "word" + new Random(seed * 1000 + i).Next(5_000)));

    static IReadOnlyList<string> Left(PipelineStep step, params Document[] documents)
    {
        using var folder = new TemporaryFolder();
        return [.. new Pipeline([step]).Run(Corpus.FromDocuments("c", documents), folder.Path).Corpus.Documents.Select(d => d.Id)];
    }

    [Fact]
    public void Outdated_VersionsDatesAndNotices_LeaveTheNewest()
    {
        Assert.Equal(["v2"], Left(new OutdatedDocuments(), Doc(Prose(1), id: "v1", title: "Travel policy v1.9"), Doc(Prose(2), id: "v2", title: "Travel policy v1.10")));
        Assert.Equal(["new"], Left(new OutdatedDocuments(), Doc(Prose(1), id: "new", title: "Pump manual", date: "2024-05-01"), Doc(Prose(2), id: "old", title: "Pump manual", date: "2022-05-01")));
        Assert.Equal(["b"], Left(new OutdatedDocuments(), Doc("Status: superseded\n\n" + Prose(1), id: "a", title: "Leave rules"), Doc(Prose(2), id: "b", title: "Other rules")));
    }

    [Fact]
    public void Outdated_SeriesAndCopies_StayAsTheyAre()
    {
        Assert.Equal(["m1", "m2"], Left(new OutdatedDocuments(), Doc(Prose(1), id: "m1", title: "Minutes 5 May 2023", date: "2023-05-05"), Doc(Prose(2), id: "m2", title: "Minutes 2 June 2023", date: "2023-06-02")));
        Assert.Equal(["r1", "r2"], Left(new OutdatedDocuments(), Doc(Prose(1), id: "r1", title: "README", date: "2020-01-01"), Doc(Prose(2), id: "r2", title: "README", date: "2023-01-01")));
        Assert.Equal(["c1", "c2"], Left(new OutdatedDocuments(), Doc(Prose(1), id: "c1", title: "Pump manual", date: "2024-05-01"), Doc(Prose(1) + " x", id: "c2", title: "Pump manual", date: "2024-05-03")));
    }

    [Fact]
    public void Decontamination_ThirteenSharedWords_DropTheDocument()
    {
        string question = "what is the pressure that the second pump of the northern station needs at night";
        Assert.Equal(["clean"], Left(new Decontamination([question]), Doc("We wondered: " + question.ToUpperInvariant() + "? Nobody knew.", id: "dirty"), Doc("What is the pressure that the first pump needs?", id: "clean")));
    }

    [Fact]
    public void Toxicity_Insults_AreFlaggedNotDropped()
    {
        Assert.Equal(Decision.Flagged, new ToxicityFlags().Apply(Doc("Thanks for nothing, you idiot.")).Decision);
        Assert.Equal(Decision.Kept, new ToxicityFlags().Apply(Doc("The food was fine and the foolproof plan held.")).Decision);
    }

    [Fact]
    public void RepeatedLines_BannersOfManyDocuments_AreRemoved()
    {
        using var folder = new TemporaryFolder();
        var documents = Enumerable.Range(0, 30).Select(i => Doc($"Visit the intranet for more news today\n\n{Prose(i)}\n\nPage {i} of 30 printed by the system", id: $"d{i}")).ToArray();
        var result = new Pipeline([new RepeatedLines()]).Run(Corpus.FromDocuments("c", documents), folder.Path);
        Assert.Equal(Enumerable.Range(0, 30).Select(Prose), result.Corpus.Documents.Select(d => d.Text));
    }

    [Fact]
    public void Comparison_TwoVersions_NamesWhatChanged()
    {
        using TemporaryFolder first = new(), second = new();
        var pipeline = new Pipeline([new Normalisation()]);
        pipeline.Run(Corpus.FromDocuments("c", [Doc("one", id: "a"), Doc("two", id: "b"), Doc("three", id: "c")]), first.Path);
        pipeline.Run(Corpus.FromDocuments("c", [Doc("one", id: "a"), Doc("TWO", id: "b"), Doc("four", id: "e")]), second.Path);
        var comparison = VersionComparison.Of(first.Path, second.Path);
        Assert.Equal(["e"], comparison.Added);
        Assert.Equal(["c"], comparison.Removed);
        Assert.Equal(["b"], comparison.Changed);
        Assert.Equal(1, comparison.Unchanged);
    }

    [Fact]
    public void Labels_CompanyWithoutItsKinds_LearnsThemFromTheRest()
    {
        using var folder = new TemporaryFolder();
        var parts = LlmLab.Data.Company.CompanyGenerator.Generate(77, 1_200_000).SelectMany(p => p.Documents).ToArray();
        // Every tenth document loses its kind and what its name tells of it.
        var documents = parts.Select((d, i) => i % 10 != 0 ? d : d with { Id = $"unknown/{i}", Metadata = d.Metadata with { Kind = DocumentKind.Other, Source = $"unknown/{i}", Title = null } }).ToArray();
        var result = new Pipeline([new Labels()]).Run(Corpus.FromDocuments("c", documents), folder.Path);
        var after = result.Corpus.Documents.ToDictionary(d => d.Id, d => d.Metadata.Kind);
        var judged = parts.Select((d, i) => (Kind: d.Metadata.Kind, Given: after.GetValueOrDefault(i % 10 == 0 ? $"unknown/{i}" : d.Id), i)).Where(x => x.i % 10 == 0 && x.Given != DocumentKind.Other).ToArray();
        Assert.True(judged.Length >= 0.5 * parts.Length / 10, $"{judged.Length} of {parts.Length / 10} were labelled; {result.Steps[0].Remark}");
        Assert.True(judged.Count(j => j.Kind == j.Given) >= 0.9 * judged.Length, $"{judged.Count(j => j.Kind == j.Given)} of {judged.Length} labels are right");
    }

    [Fact]
    public void Labels_Rules_ReadPathAndTitle()
    {
        var metadata = Labels.ByRules(new DocumentMetadata { Source = "north-station/docs/travel-policy.md", Title = "Lessons learned" });
        Assert.Equal((DocumentKind.Policy, "north-station", "closure"), (metadata.Kind, metadata.Project, metadata.Phase));
    }
}
