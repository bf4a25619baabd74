using System.Text.RegularExpressions;

namespace LlmLab.Retrieval.Chunking;

/// <summary>
/// Finds the parts of a text by the marks that people write: Markdown headings (# and underlined), the messages of a mail thread, tables,
/// lists, fenced code, and blank lines. What has no marks is one section of paragraphs.
/// </summary>
public static partial class DocumentStructure
{
    readonly record struct Line(int Start, int End)
    {
        public string Of(string text) => text[Start..End];
    }

    /// <summary>The sections in order; together with their heading lines they cover the text.</summary>
    public static IReadOnlyList<Section> Sections(string text)
    {
        var lines = Lines(text);
        var sections = new List<Section>();
        var path = new List<(int Level, string Title)>();
        int start = 0;
        bool fenced = false;
        void Close(int end, int next)
        {
            if (!string.IsNullOrWhiteSpace(text[start..end])) sections.Add(new Section(start, end, string.Join(" › ", path.Select(p => p.Title))));
            start = next;
        }
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Of(text);
            if (Fence().IsMatch(line)) fenced = !fenced;
            if (fenced) continue;
            if (Heading(text, lines, i) is { } heading)
            {
                int after = i + heading.Lines < lines.Count ? lines[i + heading.Lines].Start : text.Length;
                Close(lines[i].Start, after);
                path.RemoveAll(p => p.Level >= heading.Level);
                path.Add((heading.Level, heading.Title));
                i += heading.Lines - 1;
            }
            else if (MessageStart().IsMatch(line))
            {
                // The message below is another's: the headings above do not hold for it.
                Close(lines[i].Start, lines[i].Start);
                path.Clear();
            }
        }
        Close(text.Length, text.Length);
        return sections;
    }

    /// <summary>The blocks of a part of the text, in order, without the blank lines between them.</summary>
    public static IReadOnlyList<Block> Blocks(string text, int start, int end)
    {
        var blocks = new List<Block>();
        int from = -1, to = -1;
        var kind = BlockKind.Paragraph;
        bool fenced = false;
        void Close()
        {
            if (from >= 0) blocks.Add(new Block(from, to, kind));
            from = -1;
        }
        foreach (var range in Lines(text, start, end))
        {
            string line = range.Of(text);
            bool fence = Fence().IsMatch(line);
            if (string.IsNullOrWhiteSpace(line) && !fenced)
            {
                Close();
                continue;
            }
            var here = fenced || fence ? BlockKind.Code : line.TrimStart().StartsWith('|') ? BlockKind.Table : ListItem().IsMatch(line) ? BlockKind.List : BlockKind.Paragraph;
            // A line that continues a list item is indented or lazy; it stays with the list.
            if (from >= 0 && here != kind && !(kind == BlockKind.List && here == BlockKind.Paragraph)) Close();
            if (from < 0) (from, kind) = (range.Start, here);
            to = range.End;
            if (fence) fenced = !fenced;
        }
        Close();
        return blocks;
    }

    /// <summary>The ranges of the lines between two characters, without their line ends.</summary>
    internal static IEnumerable<Range> LineRanges(string text, int start, int end) => Lines(text, start, end).Select(line => line.Start..line.End);

    static (int Level, string Title, int Lines)? Heading(string text, List<Line> lines, int i)
    {
        string line = lines[i].Of(text);
        if (AtxHeading().Match(line) is { Success: true } atx) return (atx.Groups[1].Length, atx.Groups[2].Value.Trim(), 1);
        bool begins = i == 0 || string.IsNullOrWhiteSpace(lines[i - 1].Of(text));
        if (!begins || i + 1 >= lines.Count || string.IsNullOrWhiteSpace(line) || line.Contains('|')) return null;
        string under = lines[i + 1].Of(text).TrimEnd();
        return under.Length >= 3 && (under.All(c => c == '=') || under.All(c => c == '-')) ? (under[0] == '=' ? 1 : 2, line.Trim(), 2) : null;
    }

    static List<Line> Lines(string text) => [.. Lines(text, 0, text.Length)];

    static IEnumerable<Line> Lines(string text, int start, int end)
    {
        while (start < end)
        {
            int feed = text.IndexOf('\n', start, end - start), stop = feed < 0 ? end : feed;
            yield return new Line(start, stop > start && text[stop - 1] == '\r' ? stop - 1 : stop);
            start = feed < 0 ? end : feed + 1;
        }
    }

    [GeneratedRegex(@"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")]
    private static partial Regex AtxHeading();

    [GeneratedRegex(@"^ {0,3}(```|~~~)")]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\s*([-*+•]|\d{1,3}[.)])\s+\S")]
    private static partial Regex ListItem();

    // The marks of Outlook, of Gmail and Apple Mail ("On Monday … wrote:"), and of the header of a forwarded message.
    [GeneratedRegex(@"^\s*>*\s*(-{2,}\s*(Original Message|Forwarded message|Begin forwarded message)\s*-{2,}|Begin forwarded message:|On .{6,120} wrote:|From: .*@.*)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex MessageStart();
}
