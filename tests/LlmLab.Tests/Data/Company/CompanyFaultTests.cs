using LlmLab.Data;
using LlmLab.Data.Company;
using LlmLab.Data.Pipeline.Similarity;

namespace LlmLab.Tests.Data.Company;

public sealed class CompanyFaultTests
{
    static readonly Lazy<CompanyPart[]> parts = new(() => [.. CompanyGenerator.Generate(3, 2_000_000)]);
    static readonly Lazy<Dictionary<string, Document>> documents = new(() => parts.Value.SelectMany(part => part.Documents).ToDictionary(document => document.Id));

    static IEnumerable<KnownFault> Faults(FaultKind kind) => parts.Value.SelectMany(part => part.Faults).Where(fault => fault.Kind == kind);

    [Theory]
    [InlineData(FaultKind.ExactDuplicate, 20)]
    [InlineData(FaultKind.NearDuplicate, 40)]
    [InlineData(FaultKind.Outdated, 50)]
    [InlineData(FaultKind.PersonalData, 300)]
    [InlineData(FaultKind.BrokenEncoding, 10)]
    [InlineData(FaultKind.Boilerplate, 300)]
    [InlineData(FaultKind.Licence, 10)]
    [InlineData(FaultKind.LowQuality, 10)]
    [InlineData(FaultKind.ForeignLanguage, 10)]
    [InlineData(FaultKind.Toxic, 10)]
    public void Faults_OfEachKind_ArePlantedInKnownDocuments(FaultKind kind, int least)
    {
        var faults = Faults(kind).ToArray();
        Assert.True(faults.Length >= least, $"{faults.Length} of {kind}");
        Assert.All(faults, fault =>
        {
            var document = documents.Value[fault.DocumentId];
            if (fault.Value is { } value)
                Assert.Contains(value, document.Text, StringComparison.Ordinal);
            if (fault.Related is { } related)
                Assert.True(documents.Value.ContainsKey(related));
        });
    }

    [Fact]
    public void Duplicates_MeasuredAgainstTheirOriginals_AreWhatTheyClaim()
    {
        Assert.All(Faults(FaultKind.ExactDuplicate), fault => Assert.Equal(documents.Value[fault.Related!].Text, documents.Value[fault.DocumentId].Text));
        Assert.All(Faults(FaultKind.NearDuplicate), fault =>
        {
            var similarity = Similarity(fault.DocumentId, fault.Related!);
            Assert.InRange(similarity, DocumentFaults.LeastSimilarity, 0.9999);
            Assert.Contains($"Jaccard {similarity.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture)}", fault.Detail);
        });
    }

    static double Similarity(string a, string b) => WordShingles.Jaccard(WordShingles.Of(documents.Value[a].Text, 5), WordShingles.Of(documents.Value[b].Text, 5));

    [Fact]
    public void Documents_NotPlantedAsCopies_AreNotSimilarOnceBoilerplateIsGone()
    {
        var boilerplate = Faults(FaultKind.Boilerplate).ToLookup(fault => fault.DocumentId, fault => fault.Value!);
        string Bare(Document document) => boilerplate[document.Id].Aggregate(document.Text, (text, piece) => text.Replace(piece, "", StringComparison.Ordinal));
        var known = parts.Value.SelectMany(part => part.Faults).Where(fault => fault.Kind is FaultKind.ExactDuplicate or FaultKind.NearDuplicate or FaultKind.Outdated or FaultKind.LowQuality).Select(fault => fault.DocumentId).ToHashSet();
        foreach (var part in parts.Value.Take(20))
        {
            var shingles = part.Documents.Where(document => !known.Contains(document.Id)).Select(document => (document.Id, Set: WordShingles.Of(Bare(document), 5))).ToArray();
            for (var i = 0; i < shingles.Length; i++)
                for (var j = 0; j < i; j++)
                    Assert.True(WordShingles.Jaccard(shingles[i].Set, shingles[j].Set) < 0.6, $"{shingles[i].Id} and {shingles[j].Id}");
        }
    }

    [Fact]
    public void Outdated_Documents_AreOlderThanWhatReplacesThem()
    {
        Assert.All(Faults(FaultKind.Outdated), fault => Assert.True(documents.Value[fault.DocumentId].Metadata.Date < documents.Value[fault.Related!].Metadata.Date));
        Assert.Contains(Faults(FaultKind.Outdated), fault => fault.Detail == "date only" && documents.Value[fault.DocumentId].Metadata.Version is null);
    }

    [Fact]
    public void PersonalData_AccountsAndCards_HaveValidChecksums()
    {
        var ibans = Faults(FaultKind.PersonalData).Where(fault => fault.Detail == "iban").Select(fault => fault.Value!.Replace(" ", "")).ToArray();
        var cards = Faults(FaultKind.PersonalData).Where(fault => fault.Detail == "card").Select(fault => new string([.. fault.Value!.Where(char.IsAsciiDigit)])).ToArray();
        Assert.NotEmpty(ibans);
        Assert.NotEmpty(cards);
        Assert.All(ibans, iban => Assert.Equal(1, PersonalData.Modulo97(iban[4..] + iban[..4])));
        Assert.All(cards, card => Assert.Equal(0, PersonalData.LuhnSum(card) % 10));
    }

    [Theory]
    // The examples of ISO 13616's registry, and the test numbers that card schemes publish.
    [InlineData("DE89370400440532013000", "4111111111111111")]
    [InlineData("BE68539007547034", "378282246310005")]
    [InlineData("CH9300762011623852957", "5555555555554444")]
    public void Checksums_PublishedNumbers_AreValid(string iban, string card)
    {
        Assert.Equal(1, PersonalData.Modulo97(iban[4..] + iban[..4]));
        Assert.Equal(0, PersonalData.LuhnSum(card) % 10);
    }

    [Fact]
    public void BrokenEncoding_Utf8ReadAsWindows1252_GivesTheKnownForms()
    {
        Assert.Equal("Ã©", Mojibake.Utf8AsWindows1252("é"));
        Assert.Equal("â€™", Mojibake.Utf8AsWindows1252("’"));
        Assert.Equal("ÃƒÂ©", Mojibake.Utf8AsWindows1252(Mojibake.Utf8AsWindows1252("é")));
    }

    [Fact]
    public void Questions_NeverRestOnFaultyDocuments()
    {
        var dropped = parts.Value.SelectMany(part => part.Faults).Where(fault => fault.Kind is FaultKind.ExactDuplicate or FaultKind.NearDuplicate or FaultKind.Outdated or FaultKind.BrokenEncoding or FaultKind.Licence or FaultKind.LowQuality or FaultKind.ForeignLanguage)
            .Select(fault => fault.DocumentId).ToHashSet();
        Assert.All(parts.Value.SelectMany(part => part.Questions).SelectMany(question => question.Passages), passage => Assert.DoesNotContain(passage.DocumentId, dropped));
    }
}
