using System.Collections.Frozen;

namespace LlmLab.Data.Company;

/// <summary>
/// Rules that expand to text, read from <c>data/company/*.grammar</c>. A name at the start of a line begins a rule; the indented lines
/// below are its alternatives. In an alternative, <c>(a|b|)</c> chooses, <c>@rule</c> expands another rule, <c>$slot</c> takes a value
/// of the frame, <c>%list</c> a phrase of the current domain, <c>\</c> takes the next character as it is, and <c>~a</c> becomes
/// "a" or "an".
/// </summary>
sealed class Grammar
{
    readonly FrozenDictionary<string, int> rules;
    readonly FrozenDictionary<string, int> slots;
    readonly FrozenDictionary<string, int> lists;

    public Grammar(IEnumerable<(string File, string Text)> sources)
    {
        var parser = new GrammarParser();
        foreach (var (file, text) in sources)
            parser.Read(file, text);
        Alternatives = parser.Finish();
        rules = parser.Rules.ToFrozenDictionary();
        slots = parser.Slots.ToFrozenDictionary();
        lists = parser.Lists.ToFrozenDictionary();
    }

    /// <summary>Each rule's alternatives.</summary>
    public GrammarNode[][] Alternatives { get; }

    public IEnumerable<string> RuleNames => rules.Keys;

    public IEnumerable<string> SlotNames => slots.Keys;

    public IReadOnlyDictionary<string, int> Lists => lists;

    public int SlotCount => slots.Count;

    public bool Has(string rule) => rules.ContainsKey(rule);

    public int Rule(string name) => rules.TryGetValue(name, out var rule) ? rule : throw new InvalidInputException($"The company's grammar has no rule \"{name}\" (data/company).");

    /// <summary>The literal pieces of the rules whose names begin with a prefix: what a text can be recognised by, were one to look for it.</summary>
    public IEnumerable<string> Literals(string prefix)
    {
        static IEnumerable<string> Of(GrammarNode node) => node.Kind == GrammarNodeKind.Text ? [node.Text.Trim()] : node.Choices.SelectMany(choice => choice).SelectMany(Of);
        return rules.Where(rule => rule.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(rule => rule.Key, StringComparer.Ordinal)
            .SelectMany(rule => Alternatives[rule.Value]).SelectMany(Of).Where(text => text.Length > 0).Distinct();
    }

    /// <summary>The index of a slot, or −1 where no rule names it.</summary>
    public int Slot(string name) => slots.GetValueOrDefault(name, -1);
}

enum GrammarNodeKind { Text, Slot, Rule, List, Choice }

/// <summary>A part of an alternative: text, or something to expand.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The text of a text.</param>
/// <param name="Index">Index of the slot, rule or list.</param>
/// <param name="Choices">The choices, each a sequence; an alternative is a choice of one.</param>
sealed record GrammarNode(GrammarNodeKind Kind, string Text, int Index, GrammarNode[][] Choices);
