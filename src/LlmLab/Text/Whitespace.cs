namespace LlmLab.Text;

/// <summary>White space and lines as Python's <c>str</c> counts them, which most reference tools rely on.</summary>
public static class Whitespace
{
    /// <summary>Unicode white space and the four ASCII separators U+001C to U+001F.</summary>
    public static bool Is(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';

    /// <summary>The runs of other characters: Python's <c>str.split()</c>.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var words = new List<string>();
        var start = -1;
        for (var i = 0; i < text.Length; i++)
        {
            if (!Is(text[i]))
            {
                if (start < 0) start = i;
            }
            else if (start >= 0)
            {
                words.Add(text[start..i]);
                start = -1;
            }
        }
        if (start >= 0) words.Add(text[start..]);
        return words;
    }

    /// <summary>Without white space at both ends.</summary>
    public static string Trim(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && Is(text[start])) start++;
        while (end > start && Is(text[end - 1])) end--;
        return text[start..end];
    }

    /// <summary>Without white space at the end.</summary>
    public static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && Is(text[end - 1])) end--;
        return text[..end];
    }

    /// <summary>The lines, without their ends: Python's <c>str.splitlines()</c>, which knows ten kinds of line end.</summary>
    public static IReadOnlyList<string> Lines(string text)
    {
        var lines = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('\n' or '\r' or '\v' or '\f' or '\u001C' or '\u001D' or '\u001E' or '\u0085' or '\u2028' or '\u2029')) continue;
            lines.Add(text[start..i]);
            if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n') i++;
            start = i + 1;
        }
        if (start < text.Length) lines.Add(text[start..]);
        return lines;
    }
}
