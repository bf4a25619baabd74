namespace LlmLab.Data.Pipeline.PersonalData;

/// <summary>What stands around a piece of text: detectors decide by it where form alone does not.</summary>
static class Surroundings
{
    /// <summary>True if one of the words stands at most <paramref name="reach"/> characters before the position, in the same paragraph.</summary>
    public static bool Before(string text, int position, int reach, ReadOnlySpan<string> words)
    {
        var window = text.AsSpan(Math.Max(0, position - reach), Math.Min(reach, position));
        int paragraph = window.LastIndexOf("\n\n");
        if (paragraph >= 0) window = window[(paragraph + 2)..];
        return ContainsWord(window, words);
    }

    /// <summary>True if one of the words stands at most <paramref name="reach"/> characters after the position, on the same line.</summary>
    public static bool After(string text, int position, int reach, ReadOnlySpan<string> words)
    {
        var window = text.AsSpan(position, Math.Min(reach, text.Length - position));
        int line = window.IndexOf('\n');
        return ContainsWord(line >= 0 ? window[..line] : window, words);
    }

    /// <summary>True if the span holds one of the words, case aside, not inside a longer word.</summary>
    public static bool ContainsWord(ReadOnlySpan<char> text, ReadOnlySpan<string> words)
    {
        foreach (string word in words)
        {
            var rest = text;
            while (rest.IndexOf(word, StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
            {
                int end = at + word.Length;
                bool clearStart = at == 0 || !char.IsLetterOrDigit(rest[at - 1]) || !char.IsLetter(word[0]);
                bool clearEnd = end == rest.Length || !char.IsLetter(rest[end]) || !char.IsLetter(word[^1]);
                if (clearStart && clearEnd) return true;
                rest = rest[(at + 1)..];
            }
        }
        return false;
    }
}
