using System.Collections.Frozen;

namespace LlmLab.Text;

/// <summary>
/// Splits text into sentences by rules, for English and languages that punctuate like it. (NLTK's Punkt learns abbreviations from a
/// corpus and needs its model file; this one has a list, so its result can be explained rule by rule.)
/// <list type="bullet">
/// <item>A sentence ends after . ! ? … (and quotes or brackets that close there), where white space follows; after 。！？ anywhere.</item>
/// <item>Not after a period of an abbreviation that introduces something ("Dr.", "e.g."), of an initial ("J. Smith"), of a reference
/// before a number ("No. 5"), or before a word in lower case.</item>
/// <item>After an abbreviation that may end a sentence ("Inc.", "p.m.", "U.S.") only if a word follows that often begins one.</item>
/// <item>A blank line always ends a sentence: headings and list items have no period.</item>
/// </list>
/// </summary>
public sealed class SentenceSplitter
{
    static readonly FrozenSet<string> introducing = Words(
        "mr mrs ms mx dr prof sr sra st mt ft gen col lt sgt capt cmdr adm rev hon gov sen rep pres supt messrs mme mlle fr br " +
        "e.g i.e eg ie cf viz vs v al resp approx ca incl excl esp");

    static readonly FrozenSet<string> beforeNumbers = Words(
        "no nos nr num p pp pg fig figs eq eqs sec secs ch chap vol vols art ref refs tab ver app para ext " +
        "jan feb mar apr jun jul aug sep sept oct nov dec");

    static readonly FrozenSet<string> mayEnd = Words(
        "inc ltd co corp llc plc gmbh ag bros dept univ assn est etc jr sr phd ph.d m.d b.a m.a m.sc b.sc d.c u.s u.k u.n e.u u.s.a " +
        "a.m p.m a.d b.c min max hr hrs mon tue tues wed thu thurs fri sat sun st ave blvd rd al et ed eds tel");

    static readonly FrozenSet<string> starters = Words(
        "the a an this that these those it he she we they i you his her our their its there here in on at by for from with as if when while after before " +
        "since because although but and so however therefore then what who where why how no not all some many most each every please also one");

    readonly FrozenSet<string> ownAbbreviations;

    /// <summary>Makes a splitter.</summary>
    /// <param name="abbreviations">Further abbreviations of the field, without their last period, after which no sentence ends.</param>
    public SentenceSplitter(IEnumerable<string>? abbreviations = null) =>
        ownAbbreviations = (abbreviations ?? []).Select(one => one.TrimEnd('.').ToLowerInvariant()).ToFrozenSet();

    /// <summary>The sentences, without white space around them; line ends inside stay.</summary>
    public IReadOnlyList<string> Split(string text) => [.. Spans(text).Select(span => text[span])];

    /// <summary>Where the sentences are: ranges of characters without the white space around, in order.</summary>
    public IReadOnlyList<Range> Spans(string text)
    {
        var spans = new List<Range>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var end = text[i] is '。' or '！' or '？' ? AfterClosing(text, i + 1)
                : text[i] is '.' or '!' or '?' or '…' ? EndAfter(text, start, i)
                : IsBlankLine(text, i) ? i
                : -1;
            if (end < 0) continue;
            Add(spans, text, start, end);
            start = end;
            i = Math.Max(i, end - 1);
        }
        Add(spans, text, start, text.Length);
        return spans;
    }

    static FrozenSet<string> Words(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();

    static void Add(List<Range> spans, string text, int start, int end)
    {
        while (start < end && Whitespace.Is(text[start])) start++;
        while (end > start && Whitespace.Is(text[end - 1])) end--;
        if (end > start) spans.Add(start..end);
    }

    /// <summary>The end of the sentence whose mark stands at <paramref name="mark"/>, or −1 if none ends there.</summary>
    int EndAfter(string text, int start, int mark)
    {
        var last = mark;
        while (last + 1 < text.Length && text[last + 1] is '.' or '!' or '?' or '…') last++;
        var end = AfterClosing(text, last + 1);
        if (end == text.Length) return end;
        if (!Whitespace.Is(text[end])) return -1;
        var next = end;
        while (next < text.Length && Whitespace.Is(text[next])) next++;
        if (next == text.Length) return end;
        var opening = next;
        while (opening < text.Length && text[opening] is '"' or '\'' or '(' or '[' or '“' or '‘' or '«' or '„' or '¿' or '¡' or '*' or '_') opening++;
        var follower = opening < text.Length ? text[opening] : ' ';
        if (char.IsLower(follower) || follower is '.') return -1; // ". . ." is an ellipsis
        if (text[mark] != '.' || last > mark) return end;
        return EndsAtPeriod(text, start, mark, follower, text.AsSpan(Math.Min(opening, text.Length))) ? end : -1;
    }

    bool EndsAtPeriod(string text, int start, int period, char follower, ReadOnlySpan<char> rest)
    {
        var begin = period;
        while (begin > start && !Whitespace.Is(text[begin - 1]) && text[begin - 1] is not ('(' or '[' or '"' or '“' or '\'')) begin--;
        var word = text[begin..period];
        var lower = word.ToLowerInvariant();
        if (word.Length == 1 && char.IsUpper(word[0]) && word != "I" && begin > start) return false; // an initial
        if (word.Length > 0 && word.All(char.IsAsciiDigit) && OnlyWhitespace(text, start, begin)) return false; // the number of a list item
        if (ownAbbreviations.Contains(lower)) return false;
        if (beforeNumbers.Contains(lower)) return !char.IsAsciiDigit(follower) && !introducing.Contains(lower);
        if (mayEnd.Contains(lower)) return starters.Contains(FirstWord(rest).ToLowerInvariant());
        return !introducing.Contains(lower);
    }

    static string FirstWord(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && char.IsLetter(text[length])) length++;
        return text[..length].ToString();
    }

    static bool OnlyWhitespace(string text, int start, int end)
    {
        for (var i = start; i < end; i++)
            if (!Whitespace.Is(text[i])) return false;
        return true;
    }

    static int AfterClosing(string text, int index)
    {
        while (index < text.Length && text[index] is '"' or '\'' or ')' or ']' or '”' or '’' or '»' or '」' or '』' or '）') index++;
        return index;
    }

    /// <summary>Whether a line end stands here and nothing but white space up to the next one.</summary>
    static bool IsBlankLine(string text, int index)
    {
        if (text[index] != '\n') return false;
        for (var i = index + 1; i < text.Length && Whitespace.Is(text[i]); i++)
            if (text[i] == '\n') return true;
        return false;
    }
}
