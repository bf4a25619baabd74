namespace LlmLab.Data.Pipeline;

/// <summary>Walks over a text's words (runs of letters, digits and inner apostrophes) without allocating.</summary>
ref struct WordScan(ReadOnlySpan<char> text)
{
    readonly ReadOnlySpan<char> text = text;
    int position;

    /// <summary>Start of the current word.</summary>
    public int Start { get; private set; }

    /// <summary>The current word as it stands in the text.</summary>
    public readonly ReadOnlySpan<char> Current => text[Start..position];

    public bool MoveNext()
    {
        while (position < text.Length && !IsWord(text[position])) position++;
        Start = position;
        while (position < text.Length && (IsWord(text[position]) || text[position] is '\'' or '’' && position > Start && position + 1 < text.Length && char.IsLetter(text[position + 1]))) position++;
        return position > Start;
    }

    static bool IsWord(char c) => c < 128 ? (uint)((c | 0x20) - 'a') <= 25 || (uint)(c - '0') <= 9 : char.IsLetterOrDigit(c);

    public readonly WordScan GetEnumerator() => this;
}
