namespace LlmLab.Data.Readers;

/// <summary>Reads texts of any length in bounded memory: pieces of at most a given number of characters, cut where it hurts least.</summary>
static class TextSplitting
{
    /// <summary>The reader's text in pieces of at most <paramref name="maximum"/> characters; one empty text gives none.</summary>
    public static IEnumerable<string> Pieces(TextReader reader, int maximum)
    {
        if (maximum < 1_000) throw new InvalidInputException($"A document's limit of {maximum} characters is too small: give at least 1,000.");
        char[] buffer = new char[Math.Min(maximum, 1 << 16)];
        int filled = 0;
        while (true)
        {
            int read = reader.ReadBlock(buffer, filled, buffer.Length - filled);
            filled += read;
            if (filled < buffer.Length) break;
            if (buffer.Length < maximum)
            {
                Array.Resize(ref buffer, (int)Math.Min(maximum, buffer.Length * 4L));
                continue;
            }
            int end = CutBefore(buffer);
            yield return new string(buffer, 0, end);
            Array.Copy(buffer, end, buffer, 0, filled - end);
            filled -= end;
        }
        if (filled > 0) yield return new string(buffer, 0, filled);
    }

    /// <summary>The pieces of a text in memory.</summary>
    public static IEnumerable<string> Pieces(string text, int maximum) =>
        text.Length <= maximum ? [text] : Pieces(new StringReader(text), maximum);

    // A paragraph's end in the second half, else a line's, a sentence's, a word's, else anywhere but inside a surrogate pair.
    static int CutBefore(ReadOnlySpan<char> text)
    {
        int half = text.Length / 2;
        var tail = text[half..];
        foreach (string mark in (ReadOnlySpan<string>)["\n\n", "\n", ". ", " "])
            if (tail.LastIndexOf(mark) is >= 0 and var at) return half + at + mark.Length;
        return char.IsHighSurrogate(text[^1]) ? text.Length - 1 : text.Length;
    }
}
