namespace LlmLab.Text.WordTokenization;

/// <summary>
/// spaCy's rule tokenizer for English (version 3, https://spacy.io/usage/linguistic-features#how-tokenizer-works): each stretch between
/// white space loses punctuation from both ends until an exception fits ("don't", "U.S.", ":-)"), then addresses stay whole and
/// the rest is cut at infixes. The rules are spaCy's; letters are taken by Unicode category where spaCy lists ranges of scripts.
/// </summary>
public sealed class SpacyTokenizer : IWordTokenizer
{
    /// <summary>
    /// True gives spaCy's tokens for white space too: every line end, and every space after the first of a run.
    /// </summary>
    public bool KeepWhitespace { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Tokenize(string text)
    {
        var tokens = new List<string>();
        var start = 0;
        while (start < text.Length)
        {
            var white = Whitespace.Is(text[start]);
            var end = start + 1;
            while (end < text.Length && Whitespace.Is(text[end]) == white) end++;
            var stretch = text[start..end];
            if (!white) tokens.AddRange(JoinExceptions(SplitAffixes(stretch, withExceptions: true)));
            // The one space after a word belongs to that word.
            else if (KeepWhitespace && (tokens.Count > 0 && stretch[0] == ' ' ? stretch[1..] : stretch) is { Length: > 0 } extra) tokens.Add(extra);
            start = end;
        }
        return tokens;
    }

    static List<string> SplitAffixes(string text, bool withExceptions)
    {
        var (first, last) = (new List<string>(), new List<string>());
        bool IsException(string part) => withExceptions && SpacyExceptions.Tokens.ContainsKey(part);
        while (text.Length > 0 && !IsException(text))
        {
            var prefix = SpacyRules.Prefix.Match(text);
            var rest = text[prefix.Length..];
            if (prefix.Length > 0 && rest.Length > 0 && IsException(rest))
            {
                first.Add(prefix.Value);
                text = rest;
                break;
            }
            var suffix = SpacyRules.Suffix.Match(rest);
            if (suffix.Length > 0 && IsException(text[..^suffix.Length]))
            {
                last.Add(suffix.Value);
                text = text[..^suffix.Length];
                break;
            }
            if (prefix.Length == 0 && suffix.Length == 0) break;
            if (prefix.Length > 0) first.Add(prefix.Value);
            if (suffix.Length > 0) last.Add(suffix.Value);
            text = rest[..^suffix.Length];
        }
        if (text.Length > 0) first.AddRange(IsException(text) ? SpacyExceptions.Tokens[text] : SpacyRules.Url.IsMatch(text) ? [text] : SplitInfixes(text));
        last.Reverse();
        first.AddRange(last);
        return first;
    }

    static IEnumerable<string> SplitInfixes(string text)
    {
        var start = 0;
        foreach (System.Text.RegularExpressions.Match infix in SpacyRules.Infix.Matches(text))
        {
            if (infix.Index == 0) continue; // nothing before it: not between two parts
            if (infix.Index > start) yield return text[start..infix.Index];
            if (infix.Length > 0) yield return infix.Value;
            start = infix.Index + infix.Length;
        }
        if (start < text.Length) yield return text[start..];
    }

    /// <summary>Puts together what the affix rules cut apart although it is an exception: the ":" and ")" of a smile inside punctuation.</summary>
    static IEnumerable<string> JoinExceptions(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var length = Math.Min(tokens.Count - i, SpacyExceptions.LongestInParts);
            while (length > 1 && !IsCutException(tokens, i, length)) length--;
            if (length <= 1)
            {
                yield return tokens[i];
                continue;
            }
            foreach (var part in SpacyExceptions.Tokens[string.Concat(tokens.Skip(i).Take(length))]) yield return part;
            i += length - 1;
        }
    }

    static bool IsCutException(List<string> tokens, int start, int count)
    {
        var joined = string.Concat(tokens.Skip(start).Take(count));
        return SpacyExceptions.Tokens.TryGetValue(joined, out var parts) && !parts.SequenceEqual(tokens.Skip(start).Take(count))
            && SplitAffixes(joined, withExceptions: false).SequenceEqual(tokens.Skip(start).Take(count));
    }
}
