using System.Text;

namespace LlmLab.Data.Pipeline;

/// <summary>A text's lines by position, for steps that take some of them out.</summary>
sealed class TextLines
{
    readonly string text;
    readonly List<(int Start, int End)> lines = [];

    TextLines(string text) => this.text = text;

    public static TextLines Of(string text)
    {
        var result = new TextLines(text);
        int start = 0;
        while (true)
        {
            int feed = text.IndexOf('\n', start);
            result.lines.Add((start, feed < 0 ? text.Length : feed));
            if (feed < 0) return result;
            start = feed + 1;
        }
    }

    public string Text => text;

    public int Count => lines.Count;

    public ReadOnlySpan<char> this[int line] => text.AsSpan(lines[line].Start, lines[line].End - lines[line].Start);

    /// <summary>The line that begins at a place of the text.</summary>
    public int At(int start) => lines.BinarySearch((start, 0), Comparer<(int Start, int End)>.Create(static (a, b) => a.Start.CompareTo(b.Start)));

    /// <summary>Runs of marked lines as findings; lines of white space at the ends of a run are not part of it.</summary>
    public List<Finding> Pieces(string?[] marks)
    {
        var findings = new List<Finding>();
        for (int i = 0; i < marks.Length; i++)
        {
            if (marks[i] is not { } type || this[i].IsWhiteSpace()) continue;
            int end = i;
            for (int j = i; j < marks.Length && marks[j] == type; j++)
                if (!this[j].IsWhiteSpace()) end = j;
            findings.Add(new Finding(type, lines[i].Start, lines[end].End - lines[i].Start));
            i = end;
        }
        return findings;
    }

    /// <summary>The text without the marked lines.</summary>
    public string Without(string?[] marks)
    {
        var result = new StringBuilder(text.Length);
        bool gap = false;
        for (int i = 0; i < marks.Length; i++)
        {
            if (marks[i] is not null)
            {
                gap = true;
                continue;
            }
            // What was around a gap must not run together, nor leave a hole.
            if (gap && this[i].IsWhiteSpace() && result.Length > 1 && result[^1] == '\n' && result[^2] == '\n') continue;
            gap = false;
            result.Append(this[i]).Append('\n');
        }
        return result.ToString().Trim('\n');
    }
}
