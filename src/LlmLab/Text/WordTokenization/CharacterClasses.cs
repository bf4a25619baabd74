using System.Text;
using System.Text.RegularExpressions;

namespace LlmLab.Text.WordTokenization;

/// <summary>
/// Python's character classes written for .NET: <c>\w</c> there has all letters and numbers (² and ½ too) but no combining marks,
/// and one character is one code point, never half of a surrogate pair.
/// </summary>
static class CharacterClasses
{
    /// <summary>Letters, numbers and the underscore; to be put between brackets.</summary>
    public const string WordSet = @"\p{L}\p{N}_";

    /// <summary>White space; to be put between brackets.</summary>
    public const string SpaceSet = @"\s\x1c-\x1f";

    /// <summary>A character beyond U+FFFF, which .NET stores as two.</summary>
    public const string Astral = @"[\uD800-\uDBFF][\uDC00-\uDFFF]";

    /// <summary>Any one code point that is not white space.</summary>
    public const string NotSpace = $@"(?:{Astral}|[^{SpaceSet}])";

    /// <summary>A word ends or begins here.</summary>
    public const string Boundary = $@"(?:(?<=[{WordSet}])(?![{WordSet}])|(?<![{WordSet}])(?=[{WordSet}]))";

    /// <summary>Rewrites the classes \w, \W, \s, \S, \b of a pattern in Python's syntax to the same classes for .NET.</summary>
    /// <exception cref="InvalidInputException">A negated class stands inside brackets, for which .NET has no equal.</exception>
    public static string Translate(string pattern)
    {
        var translated = new StringBuilder();
        var bracketed = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '\\' || i + 1 == pattern.Length)
            {
                if (pattern[i] == '[') bracketed = true;
                else if (pattern[i] == ']') bracketed = false;
                translated.Append(pattern[i]);
                continue;
            }
            var letter = pattern[++i];
            if (bracketed && (letter is 'W' or 'S'))
                throw new InvalidInputException($"The pattern {pattern} has \\{letter} between brackets; write it as an alternative outside of them.");
            translated.Append(letter switch
            {
                'w' => bracketed ? WordSet : $"[{WordSet}]",
                's' => bracketed ? SpaceSet : $"[{SpaceSet}]",
                'W' => $"(?:{Astral}|[^{WordSet}])",
                'S' => NotSpace,
                'b' when !bracketed => Boundary,
                _ => "\\" + letter,
            });
        }
        return translated.ToString();
    }

    /// <summary>A regular expression for many uses on short texts, independent of the machine's culture.</summary>
    public static Regex Compile(string pattern, RegexOptions options = RegexOptions.None) =>
        new(pattern, options | RegexOptions.CultureInvariant | RegexOptions.Compiled);
}
