namespace LlmLab.Data.Company;

/// <summary>Which part of the data a project belongs to: all its facts and documents go the same way.</summary>
public enum CompanySplit { Train, Validation, Test }

/// <summary>A fact of the company's knowledge graph, with what is needed to speak of it.</summary>
/// <param name="Id">Unique: project number, kind, number.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Frame">Values for the grammar.</param>
/// <param name="Subject">What it is about, as documents name it.</param>
/// <param name="Answer">Its value.</param>
sealed record Fact(string Id, FactKind Kind, Frame Frame, string Subject, string Answer);

/// <summary>
/// A project with its people, client, suppliers, components, decisions, incidents, rules, milestones and money: one connected part of
/// the company's knowledge graph. It is a function of the seed and its number alone, so any part of a company of any size can be
/// made without the others.
/// </summary>
sealed class Project
{
    public const int PeopleEach = 9;

    readonly List<Fact> facts = [];
    readonly List<Fact> unwritten = [];

    public Project(CompanyLanguage language, ulong seed, int number)
    {
        Language = language;
        Number = number;
        Seed = seed;
        Draw = Draw.For(seed, 1, (ulong)number);
        Names = new NameBook(language, seed);
        Domain = language.Domains[Draw.Below(language.Domains.Count)];
        Name = Names.Project(number);
        People = [.. Enumerable.Range(0, PeopleEach).Select(i => Names.Person((long)number * (PeopleEach + 3) + i))];
        Outsiders = [.. Enumerable.Range(PeopleEach, 3).Select(i => Names.Person((long)number * (PeopleEach + 3) + i))];
        Start = new DateOnly(2022, 1, 3).AddDays(Draw.Below(1400));
        DateStyle = Draw.Below(4);
        Split = (number % 10) switch { 2 or 7 => CompanySplit.Test, 4 => CompanySplit.Validation, _ => CompanySplit.Train };
        Frame = new Frame(language.Grammar);
        new KnowledgeGraph(this).Build();
    }

    public CompanyLanguage Language { get; }
    public int Number { get; }
    public ulong Seed { get; }
    public NameBook Names { get; }
    public Domain Domain { get; }
    public string Name { get; }
    public IReadOnlyList<Person> People { get; }
    /// <summary>People of suppliers.</summary>
    public IReadOnlyList<Person> Outsiders { get; }
    public DateOnly Start { get; }
    public int DateStyle { get; }
    public CompanySplit Split { get; }
    /// <summary>What every sentence of the project may speak of.</summary>
    public Frame Frame { get; }
    /// <summary>The facts that its documents state.</summary>
    public IReadOnlyList<Fact> Facts => facts;
    /// <summary>Facts that no document states: questions about them have no answer.</summary>
    public IReadOnlyList<Fact> Unwritten => unwritten;

    public Draw Draw;

    /// <summary>A short name for paths: amber-lantern.</summary>
    public string Slug => Name.ToLowerInvariant().Replace(' ', '-');

    public IEnumerable<Fact> Of(string kindOrEntity) => facts.Where(fact => fact.Kind.Name == kindOrEntity || fact.Kind.Entity == kindOrEntity);

    /// <summary>A date as this project's people write it.</summary>
    public string Format(DateOnly date) => date.ToString(DateStyle switch { 0 => "d MMMM yyyy", 1 => "MMMM d, yyyy", 2 => "yyyy-MM-dd", _ => "d MMM yyyy" }, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Adds the facts of all kinds of an entity; each is written down, or not, by its kind's probability.</summary>
    public void Add(string entity, Frame frame, int instance)
    {
        foreach (var kind in Language.Kinds.Where(kind => kind.Entity == entity))
        {
            var fact = new Fact($"p{Number:00000}/{kind.Name}/{instance}", kind, frame, string.Join(", ", kind.SubjectSlots.Select(slot => frame[slot])), frame[kind.AnswerSlot]);
            (Draw.Chance(kind.Probability) ? facts : unwritten).Add(fact);
        }
    }
}
