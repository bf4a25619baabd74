using System.Collections.Frozen;

namespace LlmLab.Data.Company;

/// <summary>
/// Everything that the example company says, read once from the shipped <c>data/company</c>: grammars, domains, word lists and kinds
/// of facts. It never changes after it is read.
/// </summary>
sealed class CompanyLanguage
{
    static readonly Lazy<CompanyLanguage> shipped = new(() => new CompanyLanguage());

    readonly FrozenDictionary<string, string[]> words;

    CompanyLanguage()
    {
        var grammars = ShippedData.List("company/").Where(path => path.EndsWith(".grammar", StringComparison.Ordinal));
        Grammar = new Grammar(grammars.Select(path => (Path.GetFileName(path), ShippedData.ReadText(path))));
        Domains = Domain.Parse(ShippedData.ReadText("company/domains.txt"), Grammar);
        words = ReadLists(ShippedData.ReadText("company/names.txt"));
        Kinds = [.. Lines(ShippedData.ReadText("company/facts.txt")).Select(line => FactKind.Parse(line, Grammar))];
    }

    /// <summary>The shipped language.</summary>
    public static CompanyLanguage Shipped => shipped.Value;

    public Grammar Grammar { get; }

    public IReadOnlyList<Domain> Domains { get; }

    public IReadOnlyList<FactKind> Kinds { get; }

    /// <summary>The words of a list of <c>names.txt</c>.</summary>
    public string[] Words(string list) => words[list];

    /// <summary>Names of all word lists.</summary>
    public IEnumerable<string> Lists => words.Keys;

    static FrozenDictionary<string, string[]> ReadLists(string text) => Lines(text).Select(line => line.Split(':', 2)).ToFrozenDictionary(
        parts => parts[0].Trim(),
        parts => parts[1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    static IEnumerable<string> Lines(string text) => text.Split('\n').Where(line => !string.IsNullOrWhiteSpace(line) && line[0] != '#');
}

/// <summary>A kind of fact: "who leads a project".</summary>
/// <param name="Name">Its name, such as project.lead.</param>
/// <param name="AnswerSlot">The slot that holds the answer.</param>
/// <param name="SubjectSlots">The slots that name what the fact is about.</param>
/// <param name="Probability">How likely the company has written it down, 0 to 1; where it has not, questions about it have no answer.</param>
/// <param name="Sensitivity">Who may see it at all.</param>
/// <param name="Roles">The roles that may read it; empty means everyone.</param>
/// <param name="Say">The rule that states it.</param>
/// <param name="Ask">The rule that asks for it.</param>
/// <param name="Held">The rule that asks for it in tests only.</param>
sealed record FactKind(string Name, string AnswerSlot, string[] SubjectSlots, double Probability, Sensitivity Sensitivity, string[] Roles, int Say, int Ask, int Held)
{
    /// <summary>What it is a fact about: project, person, component …</summary>
    public string Entity { get; } = Name[..Name.IndexOf('.')];

    public static FactKind Parse(string line, Grammar grammar)
    {
        var parts = line.Split('|', StringSplitOptions.TrimEntries);
        return new FactKind(parts[0], parts[1], Split(parts[2]), double.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture),
            Enum.Parse<Sensitivity>(parts[4], ignoreCase: true), Split(parts[5]),
            grammar.Rule(parts[0] + ".say"), grammar.Rule(parts[0] + ".ask"), grammar.Rule(parts[0] + ".held"));
    }

    static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
