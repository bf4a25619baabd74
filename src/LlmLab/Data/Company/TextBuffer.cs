namespace LlmLab.Data.Company;

/// <summary>A growing text whose characters can be read and changed in place.</summary>
sealed class TextBuffer
{
    char[] chars = new char[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<char> this[Range range] => chars.AsSpan(0, Length)[range];

    public void Clear() => Length = 0;

    public void Append(char c)
    {
        if (Length == chars.Length)
            Array.Resize(ref chars, 2 * Length);
        chars[Length++] = c;
    }

    public void Append(ReadOnlySpan<char> text)
    {
        if (Length + text.Length > chars.Length)
            Array.Resize(ref chars, Math.Max(2 * chars.Length, Length + text.Length));
        text.CopyTo(chars.AsSpan(Length));
        Length += text.Length;
    }

    public void Insert(int at, ReadOnlySpan<char> text)
    {
        var end = Length;
        Append(text);
        chars.AsSpan(at, end - at).CopyTo(chars.AsSpan(at + text.Length));
        text.CopyTo(chars.AsSpan(at));
    }

    /// <summary>Where a text begins at or after a place; −1 if nowhere.</summary>
    public int IndexOf(ReadOnlySpan<char> text, int from) => chars.AsSpan(from, Length - from).IndexOf(text) is >= 0 and var at ? from + at : -1;

    /// <summary>
    /// Finishes what a grammar has produced from <paramref name="start"/> on: "~a" becomes "a" or "an" by the next letter, sentences begin
    /// with a capital, doubled spaces and a space before punctuation (left by empty alternatives) go.
    /// </summary>
    public void Polish(int start)
    {
        var write = start;
        var sentence = true;
        for (var read = start; read < Length; read++)
        {
            var c = chars[read];
            if (c == ' ' && (write == start || chars[write - 1] is ' ' or '\n'))
                continue;
            if (c is '.' or ',' or ';' or ':' or '?' or '!' && write > start && chars[write - 1] == ' ' && (read + 1 == Length || chars[read + 1] is ' ' or '\n'))
                write--;
            if (c is '~' or '^' && read + 1 < Length && chars[read + 1] is 'a')
            {
                var next = read + 2;
                while (next < Length && chars[next] is ' ' or '"')
                    next++;
                chars[write++] = sentence ? 'A' : 'a';
                if (next < Length && chars[next] is 'a' or 'e' or 'i' or 'o' or 'u' or 'A' or 'E' or 'I' or 'O' or '8')
                {
                    // "n" overwrites the marker's own letter: the text never grows.
                    chars[write++] = 'n';
                }
                sentence = false;
                read++;
                continue;
            }
            if (sentence && char.IsLetterOrDigit(c))
            {
                c = char.ToUpperInvariant(c);
                sentence = false;
            }
            else if (c is '\n' || c == ' ' && write > start && chars[write - 1] is '.' or '?' or '!')
            {
                sentence = true;
            }
            chars[write++] = c;
        }
        while (write > start && chars[write - 1] == ' ')
            write--;
        Length = write;
    }

    public override string ToString() => new(chars, 0, Length);

    public string ToString(int start) => new(chars, start, Length - start);
}
