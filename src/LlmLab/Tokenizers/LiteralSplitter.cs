using System.Buffers;

namespace LlmLab.Tokenizers;

/// <summary>Cuts text at literal strings (special tokens, phrases): the leftmost first, of those the longest.</summary>
sealed class LiteralSplitter
{
    readonly SearchValues<string> values;
    readonly (string Literal, int Id)[] byLength;

    public LiteralSplitter(IReadOnlyDictionary<string, int> literals)
    {
        byLength = [.. literals.Select(p => (p.Key, p.Value)).OrderByDescending(p => p.Key.Length).ThenBy(p => p.Key, StringComparer.Ordinal)];
        values = SearchValues.Create([.. byLength.Select(p => p.Literal)], StringComparison.Ordinal);
    }

    /// <summary>The parts of the text in order: an id for a literal, null for what lies between (never empty).</summary>
    public List<(int Start, int End, int? Id)> Split(ReadOnlySpan<char> text)
    {
        var parts = new List<(int, int, int?)>();
        int start = 0;
        while (start < text.Length)
        {
            int found = text[start..].IndexOfAny(values);
            if (found < 0) break;
            if (found > 0) parts.Add((start, start + found, null));
            start += found;
            foreach (var (literal, id) in byLength)
            {
                if (!text[start..].StartsWith(literal, StringComparison.Ordinal)) continue;
                parts.Add((start, start + literal.Length, id));
                start += literal.Length;
                break;
            }
        }
        if (start < text.Length) parts.Add((start, text.Length, null));
        return parts;
    }
}
