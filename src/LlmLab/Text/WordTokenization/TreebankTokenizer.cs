using System.Text.RegularExpressions;

namespace LlmLab.Text.WordTokenization;

/// <summary>
/// Splits a sentence as the Penn Treebank does: "don't" is "do n't", double quotes become `` and '', a final period stands alone.
/// After Robert MacIntyre's sed script (1995), in the two forms that NLTK 3.8 has.
/// </summary>
public sealed class TreebankTokenizer : IWordTokenizer
{
    static readonly Substitution[] parentheses =
    [
        new(@"\(", "-LRB-"), new(@"\)", "-RRB-"), new(@"\[", "-LSB-"), new(@"\]", "-RSB-"), new(@"\{", "-LCB-"), new(@"\}", "-RCB-"),
    ];

    static readonly Substitution doubleDash = new("--", " -- ");
    static readonly Substitution brackets = new(@"[\]\[\(\)\{\}\<\>]", " $0 ");

    static readonly Substitution[] closingQuotes =
    [
        new("''", " '' "),
        new("\"", " '' "),
        new("([^' ])('[sS]|'[mM]|'[dD]|') ", "$1 $2 "),
        new("([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", "$1 $2 "),
    ];

    static readonly Substitution[] contractions =
        [.. TreebankContractions.Pairs.Select(pair => new Substitution(pair.Pattern(""), " $1 $2 ", RegexOptions.IgnoreCase))];

    readonly Substitution[] openingSteps;
    readonly Substitution[] closingSteps;
    readonly bool convertParentheses;

    TreebankTokenizer(Substitution[] openingSteps, Substitution[] closingSteps, bool convertParentheses)
    {
        this.openingSteps = openingSteps;
        this.closingSteps = closingSteps;
        this.convertParentheses = convertParentheses;
    }

    /// <summary>The classic rules: NLTK's <c>TreebankWordTokenizer</c>.</summary>
    /// <param name="convertParentheses">Write ( as -LRB- and so on.</param>
    public static TreebankTokenizer Classic(bool convertParentheses = false) => new(
        [
            new("^\"", "``"),
            new("(``)", " $1 "),
            new("([ \\(\\[{<])(\"|'{2})", "$1 `` "),
            new(@"([:,])([^\d])", " $1 $2"),
            new("([:,])$", " $1 "),
            new(@"\.\.\.", " ... "),
            new("[;@#$%&]", " $0 "),
            FinalPeriod,
            new("[?!]", " $0 "),
            new("([^'])' ", "$1 ' "),
        ],
        closingQuotes, convertParentheses);

    /// <summary>
    /// The extended rules, with typographic quotes and more punctuation: what NLTK's <c>word_tokenize</c> does to each sentence.
    /// </summary>
    /// <param name="convertParentheses">Write ( as -LRB- and so on.</param>
    public static TreebankTokenizer Extended(bool convertParentheses = false) => new(
        [
            new("([«“‘„]|[`]+)", " $1 "),
            new("^\"", "``"),
            new("(``)", " $1 "),
            new("([ \\(\\[{<])(\"|'{2})", "$1 `` "),
            new($@"(')(?!re|ve|ll|m|t|s|d|n)([{CharacterClasses.WordSet}])(?![{CharacterClasses.WordSet}])", "$1 $2", RegexOptions.IgnoreCase),
            new($@"([^\.])(\.)([\]\)}}>""'»”’ ]*)[{CharacterClasses.SpaceSet}]*$", "$1 $2 $3 "),
            new(@"([:,])([^\d])", " $1 $2"),
            new("([:,])$", " $1 "),
            new(@"\.{2,}", " $0 "),
            new("[;@#$%&]", " $0 "),
            FinalPeriod,
            new("[?!]", " $0 "),
            new("([^'])' ", "$1 ' "),
            new("[*]", " $0 "),
        ],
        [new("([»”’])", " $1 "), .. closingQuotes], convertParentheses);

    static Substitution FinalPeriod => new($@"([^\.])(\.)([\]\)}}>""']*)[{CharacterClasses.SpaceSet}]*$", "$1 $2$3 ");

    /// <summary>The tokens of one sentence. Only the last period of the text is split off: split into sentences first.</summary>
    public IReadOnlyList<string> Tokenize(string text)
    {
        text = brackets.Pattern.Replace(Substitution.Apply(openingSteps, text), brackets.Replacement);
        if (convertParentheses) text = Substitution.Apply(parentheses, text);
        text = " " + doubleDash.Pattern.Replace(text, doubleDash.Replacement) + " ";
        return Whitespace.Split(Substitution.Apply(contractions, Substitution.Apply(closingSteps, text)));
    }
}
