using System.Collections;
using System.Reflection;
using LlmLab.Data.Company;
using LlmLab.Data.Pipeline;

namespace LlmLab.Tests.Data.Company;

/// <summary>
/// A detector that looks for the very words that were planted would measure nothing. These tests hold the wordings of planted faults
/// apart from the detectors' word lists.
/// </summary>
public sealed class CompanyWordingTests
{
    // What announces personal data in any English text, without which neither side could speak of it; and everyday nouns that
    // detectors list as signs of something else (a room's number is no telephone's).
    static readonly HashSet<string> common = new("mr mrs ms dr prof mobile password login secret key api token card email mail account account, refund pay paid parcel phone number street room ticket travel called gate place page reference about licence".Split(' '), StringComparer.OrdinalIgnoreCase);

    // Lists that tell languages and topics apart hold the language's ordinary words; no fault is found by them.
    static readonly string[] ordinary = ["LanguageIdentification", "DocumentTraits", "notNames", "functions", "precedence"];

    /// <summary>Every entry of the detectors' word lists: strings in static collections of the pipeline's types.</summary>
    static HashSet<string> DetectorEntries()
    {
        var entries = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var type in typeof(PipelineOptions).Assembly.GetTypes().Where(type => type.Namespace?.StartsWith("LlmLab.Data.Pipeline", StringComparison.Ordinal) == true && !type.ContainsGenericParameters && !ordinary.Any(type.FullName!.Contains)))
            foreach (var field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
                if (field.FieldType != typeof(string) && !ordinary.Contains(field.Name) && field.GetValue(null) is IEnumerable list)
                    foreach (var item in list)
                        if (item is string entry)
                            entries.Add(entry.Trim());
        return entries;
    }

    [Theory]
    [InlineData("private.")]
    [InlineData("boiler.")]
    [InlineData("licence.notice")]
    [InlineData("old.")]
    [InlineData("quality.")]
    public void FaultWordings_AgainstTheDetectorsLists_AreDisjoint(string rules)
    {
        var entries = DetectorEntries();
        Assert.True(entries.Count > 200, "The detectors' lists were not found.");
        var literals = CompanyLanguage.Shipped.Grammar.Literals(rules).ToArray();
        Assert.NotEmpty(literals);
        // Whole wordings of several words, and content words of five letters and more.
        var planted = literals.Where(literal => literal.Contains(' ')).Concat(literals.SelectMany(literal => literal.Split([' ', ',', '.', ';', ':', '(', ')', '“', '”'], StringSplitOptions.RemoveEmptyEntries)).Where(word => word.Length >= 5))
            .Where(wording => !common.Contains(wording)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var shared = planted.Where(entries.Contains).Order(StringComparer.Ordinal).ToArray();
        Assert.True(shared.Length == 0, $"Planted under {rules}* and listed by a detector: {string.Join(" | ", shared)}");
    }

    /// <summary>A list of insults finds the insults that it lists and no others, so only whole wordings must differ here; HateCheck measures that step.</summary>
    [Fact]
    public void Insults_WholeWordings_AreInNoDetectorsList()
    {
        var entries = DetectorEntries();
        Assert.DoesNotContain(CompanyLanguage.Shipped.Grammar.Literals("toxic.").Where(literal => literal.Count(c => c == ' ') >= 2), entries.Contains);
    }

    [Fact]
    public void Names_OfPrivatePersons_AreInNoDetectorsList()
    {
        var entries = DetectorEntries();
        var names = new NameBook(CompanyLanguage.Shipped, 1);
        Assert.All(Enumerable.Range(0, 2_000).Select(index => names.PrivatePerson(index)), person =>
        {
            Assert.DoesNotContain(person.Last, entries);
            Assert.DoesNotContain(person.First, entries);
        });
    }
}
