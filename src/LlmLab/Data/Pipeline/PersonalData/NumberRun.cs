namespace LlmLab.Data.Pipeline.PersonalData;

/// <summary>
/// Digits that belong together: groups with single separators between them, as phone, card and account numbers are written.
/// </summary>
ref struct NumberRun
{
    public const int MaximumGroups = 12;

    /// <summary>The text's units [Start, End), a leading plus sign or parenthesis included.</summary>
    public int Start, End;
    /// <summary>Digits in all.</summary>
    public int Digits;
    /// <summary>Groups of digits.</summary>
    public int Groups;
    /// <summary>A leading plus sign.</summary>
    public bool Plus;
    /// <summary>A parenthesis somewhere.</summary>
    public bool Parenthesis;
    /// <summary>An extension ("x123", "ext. 12") at the end.</summary>
    public bool Extension;
    /// <summary>The separators between groups, where they are all the same; else '\0'.</summary>
    public char Separator;
    /// <summary>Start of each group.</summary>
    public Span<int> GroupStart;
    /// <summary>Digits of each group.</summary>
    public Span<int> GroupLength;

    /// <summary>Reads the run whose first digit is at <paramref name="digit"/>.</summary>
    public static NumberRun Read(string text, int digit, Span<int> starts, Span<int> lengths)
    {
        var run = new NumberRun { Start = digit, GroupStart = starts, GroupLength = lengths };
        if (digit > 0 && text[digit - 1] == '(') (run.Start, run.Parenthesis) = (digit - 1, true);
        if (run.Start > 0 && text[run.Start - 1] == '+') (run.Start, run.Plus) = (run.Start - 1, true);
        int at = digit;
        bool mixed = false;
        while (run.Groups < MaximumGroups)
        {
            int start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            starts[run.Groups] = start;
            lengths[run.Groups++] = at - start;
            run.Digits += at - start;
            run.End = at;
            if (at < text.Length && text[at] == ')' && run.Parenthesis) run.End = ++at;
            int next = at;
            while (next < text.Length && next - at < 3 && text[next] is ' ' or '-' or '.' or '/' or '(' or ')' or '\u2011' or '\u2013') next++;
            if (next < text.Length && char.IsAsciiDigit(text[next]) && (next - at <= 1 || IsParenthesised(text.AsSpan(at, next - at)) || text.AsSpan(at, next - at) is " - " or " / " or " – "))
            {
                var between = text.AsSpan(at, next - at);
                if (between.IndexOfAny('(', ')') >= 0) run.Parenthesis = true;
                char separator = between.Length == 0 ? '\0' : between.Length == 1 ? between[0] : between.Trim(" ").Length > 0 ? between.Trim(" ")[0] : ' ';
                if (run.Groups == 1) run.Separator = separator;
                else if (run.Separator != separator) mixed = true;
                at = next;
                continue;
            }
            int extension = ExtensionAt(text, at);
            if (extension > 0)
            {
                run.Extension = true;
                run.End = extension;
            }
            break;
        }
        if (mixed) run.Separator = '\0';
        return run;
    }

    static bool IsParenthesised(ReadOnlySpan<char> between) => between.IndexOfAny('(', ')') >= 0 && between.IndexOfAny('.', '/') < 0;

    // "x123", " ext. 123", " extension 123": returns the end, or 0.
    static int ExtensionAt(string text, int at)
    {
        int p = at;
        if (p < text.Length && text[p] == ' ') p++;
        if (p < text.Length && text[p] is 'x' or 'X') p++;
        else if (text.AsSpan(p).StartsWith("ext", StringComparison.OrdinalIgnoreCase))
        {
            p += 3;
            if (text.AsSpan(p).StartsWith("ension", StringComparison.OrdinalIgnoreCase)) p += 6;
            while (p < text.Length && text[p] is '.' or ' ' or ':') p++;
        }
        else return 0;
        int digits = p;
        while (p < text.Length && char.IsAsciiDigit(text[p])) p++;
        return p - digits is >= 1 and <= 6 ? p : 0;
    }
}
