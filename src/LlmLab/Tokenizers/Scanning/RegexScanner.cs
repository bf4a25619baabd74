using System.Text.RegularExpressions;

namespace LlmLab.Tokenizers.Scanning;

/// <summary>
/// Pieces by any regular expression, on .NET's engine: the general route, several times slower than the hand-written scanners.
/// Text between two matches is a piece of its own, as with Hugging Face's "Isolated" splits. To .NET's engine a supplementary character
/// (most emoji, rare scripts) is two characters that are neither letters nor digits; the hand-written scanners know its category.
/// </summary>
public sealed class RegexScanner : PieceScanner
{
    readonly Regex regex;

    /// <summary>Compiles the expression.</summary>
    /// <exception cref="InvalidInputException">It is not a valid .NET regular expression.</exception>
    public RegexScanner(string pattern)
    {
        Pattern = pattern;
        try
        {
            regex = new Regex(Portable(pattern), RegexOptions.Compiled | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException e)
        {
            throw new InvalidInputException($"The pre-tokenization expression \"{pattern}\" is not a valid regular expression: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override string Pattern { get; }

    /// <inheritdoc/>
    public override bool SplitsBeforeSpace => false;

    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<char> text, int start)
    {
        foreach (var match in regex.EnumerateMatches(text, start))
        {
            if (match.Length == 0) continue;
            return match.Index > start ? match.Index : match.Index + match.Length;
        }
        return text.Length;
    }

    /// <summary>Possessive quantifiers, which .NET lacks, as atomic groups: <c>X++</c> as <c>(?>X+)</c>.</summary>
    internal static string Portable(string pattern) =>
        Regex.Replace(pattern, @"(\[(?:\\.|[^\]\\])*\]|\\p\{\w+\}|\\.|(?<![\\])[^\\()\[\]{}|?*+])(\?|\*|\+|\{[\d,]+\})\+", "(?>$1$2)");
}
