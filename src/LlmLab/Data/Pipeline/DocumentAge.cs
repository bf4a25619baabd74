using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace LlmLab.Data.Pipeline;

/// <summary>What tells which of two documents is the newer: the family they belong to, their version marks and dates.</summary>
/// <param name="IsSeries">True if the title bears a date or number of its own, as minutes and reports do: then documents of one family do not replace one another.</param>
/// <param name="Family">Hash of the title (else the file's name) without version marks, dates and words such as "draft"; documents of one family may replace one another. 0: none.</param>
/// <param name="Version">The version as numbers, or null.</param>
/// <param name="Date">When it was written, or null.</param>
/// <param name="Retired">Why the document says itself that it is out of date, or null.</param>
sealed partial record DocumentAge(bool IsSeries, ulong Family, IReadOnlyList<int>? Version, DateTimeOffset? Date, string? Retired)
{
    public static DocumentAge Of(Document document)
    {
        var m = document.Metadata;
        string title = m.Title is { Length: > 0 } given ? given : Path.GetFileNameWithoutExtension(m.Source);
        string head = document.Text.Length > 700 ? document.Text[..700] : document.Text;
        string tail = document.Text.Length > 1_200 ? document.Text[^500..] : "";
        var version = ParseVersion(m.Version) ?? MarkIn(title) ?? MarkIn(Path.GetFileNameWithoutExtension(m.Source)) ?? HeadVersion(head);
        string key = Key(title) + "|" + m.Project?.ToLowerInvariant() + "|" + m.Kind;
        var date = m.Date ?? HeadDate(head);
        string stem = Path.GetFileNameWithoutExtension(m.Source);
        return new DocumentAge(IsPart(title) || IsPart(stem) || IsGeneric(title), key.Length < 6 ? 0 : XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key.AsSpan())), version, date, RetiredBy(m, head, tail));
    }

    /// <summary>True if this document is newer than the other; version marks come before dates. Null where nothing tells.</summary>
    public bool? IsNewerThan(DocumentAge other)
    {
        if (Version is not null && other.Version is not null && Compare(Version, other.Version) is not 0 and var order) return order > 0;
        return Date is { } mine && other.Date is { } theirs && mine != theirs ? mine > theirs : null;
    }

    static int Compare(IReadOnlyList<int> a, IReadOnlyList<int> b)
    {
        for (int i = 0; i < Math.Max(a.Count, b.Count); i++)
        {
            int order = (i < a.Count ? a[i] : 0).CompareTo(i < b.Count ? b[i] : 0);
            if (order != 0) return order;
        }
        return 0;
    }

    [GeneratedRegex(@"(?:\bversion|\bver\.?|\bv\.?|\brevision|\brev\.?|\bissue|\bedition|\brelease|_v|-v)\s*[:.#]?\s*(\d+(?:[.-]\d+){0,3}|[a-h])(?![a-z0-9])|\b(\d+(?:st|nd|rd|th) edition)", RegexOptions.IgnoreCase)]
    private static partial Regex Mark();

    [GeneratedRegex(@"\b(draft|final|old|new|current|latest|copy|archived?|superseded|obsolete|outdated|previous|former|revised|updated|deprecated|withdrawn|neu|alt|entwurf|aktuell)\b", RegexOptions.IgnoreCase)]
    private static partial Regex State();

    static bool IsPart(string text) => text.AsSpan().IndexOfAnyInRange('0', '9') < 0 && text.AsSpan().IndexOfAny(series) < 0 ? false : Dates().IsMatch(text) || Number().IsMatch(Mark().Replace(text, " "));

    [GeneratedRegex(@"\d|\b(weekly|monthly|quarterly|daily|annual|minutes|diary|log|journal|newsletter)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Number();

    static readonly System.Collections.Frozen.FrozenSet<string> generic = System.Collections.Frozen.FrozenSet.ToFrozenSet("readme index overview introduction about home contents notes note document documentation untitled template changelog license licence contributing main summary page general faq the a an of and to for in on".Split(' '), StringComparer.OrdinalIgnoreCase);

    // "README" and "Overview" name no document: every folder has one.
    static bool IsGeneric(string title)
    {
        int told = 0;
        foreach (var word in new WordScan(title))
            if (word.Length > 1 && !generic.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word)) told++;
        return told < 2;
    }

    [GeneratedRegex(@"\d{4}-\d{2}(-\d{2})?|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b(\d{1,2}(st|nd|rd|th)?\s+)?(january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?\s+(\d{1,2}(st|nd|rd|th)?,?\s+)?\d{4}\b|\bq[1-4]\b|\b(19|20)\d{2}\b", RegexOptions.IgnoreCase)]
    private static partial Regex Dates();

    static readonly SearchValues<string> series = SearchValues.Create(["weekly", "monthly", "quarterly", "daily", "annual", "minutes", "diary", "log", "journal", "newsletter"], StringComparison.OrdinalIgnoreCase);
    static readonly SearchValues<string> retirement = SearchValues.Create(["supersed", "replaced", "obsolete", "withdrawn", "archived", "retired", "outdated", "out of date", "no longer", "do not use"], StringComparison.OrdinalIgnoreCase);
    static readonly SearchValues<string> marks = SearchValues.Create(["v", "issue", "edition", "release", "rev"], StringComparison.OrdinalIgnoreCase);

    static string Key(string title)
    {
        string bare = title.AsSpan().IndexOfAnyInRange('0', '9') < 0 ? State().Replace(title, " ") : State().Replace(Dates().Replace(Mark().Replace(title, " "), " "), " ");
        var key = new StringBuilder();
        foreach (var word in new WordScan(bare)) key.Append(word.ToString().ToLowerInvariant()).Append(' ');
        return key.ToString();
    }

    static IReadOnlyList<int>? ParseVersion(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        int[] numbers = [.. Regex.Matches(text, @"\d+").Take(4).Select(m => int.TryParse(m.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : int.MaxValue)];
        return numbers.Length > 0 ? numbers : text.Trim() is [var letter] && char.IsAsciiLetter(letter) ? [char.ToLowerInvariant(letter) - 'a' + 1] : null;
    }

    static IReadOnlyList<int>? MarkIn(string text) => text.AsSpan().IndexOfAnyInRange('0', '9') < 0 && text.AsSpan().IndexOfAny(marks) < 0 ? null : Mark().Match(text) is { Success: true } match ? ParseVersion(match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value) : null;

    // In running text "version 3" is mostly somebody else's: only a line that says nothing but the version counts.
    static IReadOnlyList<int>? HeadVersion(string head)
    {
        foreach (var line in head.AsSpan().EnumerateLines())
            if (line.Length is > 3 and < 60 && (line.Contains("ersion", StringComparison.Ordinal) || line.Contains("evision", StringComparison.Ordinal)) && LineVersion().Match(line.ToString()) is { Success: true } match)
                return ParseVersion(match.Groups[1].Value);
        return null;
    }

    [GeneratedRegex(@"^[\W_]*(?:document\s+)?(?:version|revision|rev\.)\s*(?:no\.?|number)?[\s:*.|]*(\d+(?:\.\d+){0,3}|[a-h])\b", RegexOptions.IgnoreCase)]
    private static partial Regex LineVersion();

    static DateTimeOffset? HeadDate(string head)
    {
        foreach (var line in head.AsSpan().EnumerateLines())
            if (line.Length is > 8 and < 90 && line.IndexOfAnyInRange('0', '9') >= 0 && LineDate().Match(line.ToString()) is { Success: true } match && Readers.MetadataFields.ParseDate(match.Groups[1].Value) is { } date)
                return date;
        return null;
    }

    [GeneratedRegex(@"(?:date|updated|revised|issued|effective|valid from|as of|in force from|last reviewed|stand|status)[\s:*|]*(?:on|from)?\s*(\d{4}-\d{2}-\d{2}|\d{1,2}\s+[A-Za-z]+\s+\d{4}|[A-Za-z]+\s+\d{1,2},?\s+\d{4})", RegexOptions.IgnoreCase)]
    private static partial Regex LineDate();

    static string? RetiredBy(DocumentMetadata metadata, string head, string tail)
    {
        if (metadata.Other.TryGetValue("status", out string? status) && RetiredStatus().IsMatch(status)) return $"status {status}";
        return head.AsSpan().IndexOfAny(retirement) >= 0 && Retirement().IsMatch(head) || tail.AsSpan().IndexOfAny(retirement) >= 0 && Retirement().IsMatch(tail) ? "says so itself" : null;
    }

    [GeneratedRegex(@"^\s*(superseded|obsolete|withdrawn|archived|deprecated|replaced|retired|expired|out of date)", RegexOptions.IgnoreCase)]
    private static partial Regex RetiredStatus();

    [GeneratedRegex(@"\b(this|the present|the following)\s+(document|version|page|policy|plan|edition|procedure|guide|note|text|file|budget)\b[^.\n]{0,30}?\b((is|was|has been)\s+(now\s+)?(superseded|replaced|obsolete|withdrawn|archived|retired|outdated|out of date|no longer)|no longer (valid|applies|in force|current|maintained))|^[\W_]*(status\s*[:|]\s*)?(superseded|obsolete|withdrawn|out of date|outdated|archived copy|no longer valid|no longer in force)(\s*$|\s*[-–—:(,.!*]|\s+(since|on|as of|by|from)\b)|^[\W_]*(superseded|replaced|obsoleted) by\b|^superseded-by:|^[\W_]*do not use this version", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Retirement();
}
