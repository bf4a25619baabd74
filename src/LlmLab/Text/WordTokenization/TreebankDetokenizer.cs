using System.Text.RegularExpressions;

namespace LlmLab.Text.WordTokenization;

/// <summary>
/// Puts the tokens of <see cref="TreebankTokenizer"/> together again. White space of the original is lost, and not every text comes
/// back: equal to NLTK 3.8's <c>TreebankWordDetokenizer</c>, whose rules these are.
/// </summary>
public static class TreebankDetokenizer
{
    const string Space = $"[{CharacterClasses.SpaceSet}]";

    static readonly Substitution[] steps =
    [
        .. TreebankContractions.Apostrophes.Concat(TreebankContractions.Words).Select(pair => new Substitution(pair.Pattern(Space), "$1$2", RegexOptions.IgnoreCase)),
        new($"([^' ]){Space}('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", "$1$2 "),
        new($"([^' ]){Space}('[sS]|'[mM]|'[dD]|') ", "$1$2 "),
        new($"([^{CharacterClasses.SpaceSet}]){Space}('')", "$1$2"),
        new($"(''){Space}([.,:)\\]>}};%])", "$1$2"),
        new("''", "\""),
    ];

    static readonly Substitution[] parentheses =
        [new("-LRB-", "("), new("-RRB-", ")"), new("-LSB-", "["), new("-RSB-", "]"), new("-LCB-", "{"), new("-RCB-", "}")];

    static readonly Substitution[] laterSteps =
    [
        new($@"([\[\(\{{\<]){Space}", "$1"),
        new($@"{Space}([\]\)\}}\>])", "$1"),
        new($@"([\]\)\}}\>]){Space}([:;,.])", "$1$2"),
        new($"([^']){Space}'{Space}", "$1' "),
        new($"{Space}([?!])", "$1"),
        new($@"([^\.]){Space}(\.)([\]\)}}>""']*){Space}*$", "$1$2$3"),
        new($"([#$]){Space}", "$1"),
        new($"{Space}([;%])", "$1"),
        new($@"{Space}\.\.\.{Space}", "..."),
        new($"{Space}([:,])", "$1"),
        new($@"([ (\[{{<]){Space}``", "$1``"),
        new($"(``){Space}", "$1"),
        new("``", "\""),
    ];

    /// <summary>The text of the tokens.</summary>
    /// <param name="tokens">Tokens of one sentence.</param>
    /// <param name="convertParentheses">Read -LRB- as ( and so on.</param>
    public static string Detokenize(IEnumerable<string> tokens, bool convertParentheses = false)
    {
        var text = Whitespace.Trim(Substitution.Apply(steps, " " + string.Join(' ', tokens) + " ")).Replace(" -- ", "--");
        if (convertParentheses) text = Substitution.Apply(parentheses, text);
        return Whitespace.Trim(Substitution.Apply(laterSteps, text));
    }
}
