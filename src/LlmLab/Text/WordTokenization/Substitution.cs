using System.Text.RegularExpressions;

namespace LlmLab.Text.WordTokenization;

/// <summary>One step of a tokenizer that works by rewriting the text: what to find and what to put there.</summary>
sealed record Substitution(Regex Pattern, string Replacement)
{
    /// <summary>Makes one from a pattern in .NET's syntax.</summary>
    public Substitution(string pattern, string replacement, RegexOptions options = RegexOptions.None)
        : this(CharacterClasses.Compile(pattern, options), replacement) { }

    /// <summary>The text after all steps, in order.</summary>
    public static string Apply(IEnumerable<Substitution> steps, string text) =>
        steps.Aggregate(text, (rewritten, step) => step.Pattern.Replace(rewritten, step.Replacement));
}
