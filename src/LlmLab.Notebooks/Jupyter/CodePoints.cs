namespace LlmLab.Notebooks.Jupyter;

/// <summary>Jupyter counts cursor positions in Unicode code points, .NET in UTF-16 units: 😀 is one of the former, two of the latter.</summary>
static class CodePoints
{
    /// <summary>The UTF-16 index of a code point; positions outside the text go to its ends.</summary>
    public static int ToUtf16(string text, int codePoint)
    {
        int index = 0;
        for (; codePoint > 0 && index < text.Length; codePoint--) index += Width(text, index);
        return index;
    }

    /// <summary>How many code points stand before a UTF-16 index.</summary>
    public static int FromUtf16(string text, int index)
    {
        int count = 0;
        for (int at = 0; at < index && at < text.Length; count++) at += Width(text, at);
        return count;
    }

    static int Width(string text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;
}
