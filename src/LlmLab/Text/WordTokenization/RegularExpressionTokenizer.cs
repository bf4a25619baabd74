using System.Text.RegularExpressions;

namespace LlmLab.Text.WordTokenization;

/// <summary>Tokens are the matches of a pattern, or what lies between them. Equal to NLTK's <c>RegexpTokenizer</c>.</summary>
public sealed class RegularExpressionTokenizer : IWordTokenizer
{
    readonly Regex pattern;
    readonly bool gaps;

    /// <summary>Makes a tokenizer from a pattern.</summary>
    /// <param name="pattern">A regular expression without capturing groups; \w, \s and \b mean what they mean in Python.</param>
    /// <param name="gaps">True if the pattern matches the separators; empty tokens are then left out.</param>
    /// <exception cref="InvalidInputException">The pattern is no regular expression.</exception>
    public RegularExpressionTokenizer(string pattern, bool gaps = false)
    {
        this.gaps = gaps;
        try
        {
            this.pattern = CharacterClasses.Compile(CharacterClasses.Translate(pattern), RegexOptions.Multiline | RegexOptions.Singleline);
        }
        catch (ArgumentException problem)
        {
            throw new InvalidInputException($"\"{pattern}\" is no regular expression: {problem.Message}", problem);
        }
    }

    /// <summary>NLTK's <c>WordPunctTokenizer</c>: runs of letters and digits, and runs of anything else but white space.</summary>
    public static RegularExpressionTokenizer WordsAndPunctuation { get; } =
        new($@"\w+|(?:{CharacterClasses.Astral}|[^\w\s\uD800-\uDFFF])+");

    /// <summary>NLTK's <c>WhitespaceTokenizer</c>: separated by spaces, tabs and line ends.</summary>
    public static RegularExpressionTokenizer WhitespaceSeparated { get; } = new(@"\s+", gaps: true);

    /// <summary>NLTK's <c>BlanklineTokenizer</c>: paragraphs, separated by blank lines.</summary>
    public static RegularExpressionTokenizer Paragraphs { get; } = new(@"\s*\n\s*\n\s*", gaps: true);

    /// <inheritdoc/>
    public IReadOnlyList<string> Tokenize(string text) => gaps
        ? [.. pattern.Split(text).Where(token => token.Length > 0)]
        : [.. pattern.Matches(text).Select(match => match.Value)];
}
