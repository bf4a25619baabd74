using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace LlmLab.Data.Pipeline.Steps;

/// <summary>Options of <see cref="RepeatedLines"/>.</summary>
public sealed record RepeatedLinesOptions
{
    /// <summary>Lines at the head and at the foot of a document that are looked at: banners, menus and footers stand there.</summary>
    public int EdgeLines { get; init; } = 8;
    /// <summary>Words that a line must have; shorter ones are headings and salutations.</summary>
    public int MinimumWords { get; init; } = 5;
    /// <summary>A line is boilerplate if at least this many documents have it at their edge …</summary>
    public int MinimumDocuments { get; init; } = 10;
    /// <summary>… and at least this share of them.</summary>
    public double MinimumShare { get; init; } = 0.01;
}

/// <summary>
/// Takes out lines that many documents have at their head or foot. Which they are is learnt from the corpus, page numbers and
/// years of copyright aside ("Page 3 of 12" is one line). Counts are kept in a count-min sketch (Cormode and Muthukrishnan 2005) of 32 MB, whatever the corpus.
/// </summary>
public sealed class RepeatedLines(RepeatedLinesOptions? options = null) : CorpusStep
{
    readonly RepeatedLinesOptions options = options ?? new RepeatedLinesOptions();

    /// <inheritdoc/>
    public override string Name => "repeated lines";
    /// <inheritdoc/>
    public override object Options => options;
    /// <inheritdoc/>
    public override bool ChangesText => true;
    /// <inheritdoc/>
    public override IReadOnlyList<FaultKind> Judges => [FaultKind.Boilerplate];
    /// <inheritdoc/>
    public override bool JudgedByPieces => true;
    /// <inheritdoc/>
    public override CorpusPass Begin(RunContext context) => new Pass(options);

    sealed class Pass(RepeatedLinesOptions options) : CorpusPass
    {
        static readonly System.Buffers.SearchValues<string> counting = System.Buffers.SearchValues.Create(["page", "copyright", "views"], StringComparison.OrdinalIgnoreCase);
        static readonly System.Buffers.SearchValues<char> fieldName = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_*");
        const int Width = 1 << 21;
        readonly int[][] counts = [new int[Width], new int[Width], new int[Width], new int[Width]];
        int documents, threshold = int.MaxValue;

        public override object? Observe(Document document)
        {
            Span<Range> edges = stackalloc Range[2 * options.EdgeLines];
            Span<ulong> hashes = stackalloc ulong[edges.Length];
            int count = 0;
            string text = document.Text;
            foreach (var line in Edges(text, edges))
                if (Hash(text.AsSpan()[line]) is not 0 and var hash && !hashes[..count].Contains(hash)) hashes[count++] = hash;
            return hashes[..count].ToArray();
        }

        // The first lines that are not empty, and the last, from the last upwards.
        Span<Range> Edges(ReadOnlySpan<char> text, Span<Range> edges)
        {
            int count = 0, start = 0;
            while (start <= text.Length && count < options.EdgeLines)
            {
                int feed = text[start..].IndexOf('\n'), end = feed < 0 ? text.Length : start + feed;
                if (!text[start..end].IsWhiteSpace()) edges[count++] = start..end;
                start = end + 1;
            }
            for (int end = text.Length, foot = 0; end >= start && foot < options.EdgeLines;)
            {
                int begin = text[..end].LastIndexOf('\n') + 1;
                if (begin < start) break;
                if (!text[begin..end].IsWhiteSpace())
                {
                    edges[count++] = begin..end;
                    foot++;
                }
                end = begin - 1;
            }
            return edges[..count];
        }

        ulong Hash(ReadOnlySpan<char> line)
        {
            line = line.Trim();
            if (line.Length is < 20 or > 1_000 || line[0] is '|' or '#' || IsField(line) || line.Count(',') > 2 && line.Count(", ") == 0) return 0; // rows and headings repeat by nature
            if (line.Count(' ') + 1 < options.MinimumWords) return 0;
            if (line.IndexOfAnyInRange('0', '9') < 0 || line.IndexOfAny(counting) < 0) return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(line));
            Span<char> masked = stackalloc char[line.Length];
            for (int i = 0; i < line.Length; i++) masked[i] = char.IsAsciiDigit(line[i]) ? '0' : line[i];
            return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(masked));
        }

        // "Author: …" at the head is what the document says of itself, however many share it.
        static bool IsField(ReadOnlySpan<char> line) => line.IndexOf(':') is > 0 and < 24 and var colon && line[..colon].IndexOfAnyExcept(fieldName) < 0 && line.Length < 100;

        public override void Collect(int index, Document document, object? observation)
        {
            documents++;
            foreach (ulong hash in (ulong[])observation!)
                for (int row = 0; row < counts.Length; row++) counts[row][Slot(hash, row)]++;
        }

        static int Slot(ulong hash, int row) => (int)((hash * (0x9E3779B97F4A7C15 + 2 * (ulong)row * 0xD1B54A32D192ED03)) >> 43);

        // "Home > Projects > Plan" and "Print · Share · Report a mistake": three or more short items between signs that prose does not use.
        static bool IsNavigation(ReadOnlySpan<char> line)
        {
            if (line.Length is < 8 or > 140 || line[0] is '|' or '>' or '-' or '#') return false;
            foreach (string sign in (ReadOnlySpan<string>)[" · ", " > ", " » ", " • ", " / ", " › "])
            {
                int items = line.Count(sign) + 1;
                if (items < (sign is " · " ? 2 : 3)) continue;
                foreach (var item in line.Split(sign))
                    if (line[item].Length > 45 || line[item].IndexOfAny('=', ';', '(') >= 0) return false;
                return true;
            }
            return false;
        }

        public override void Decide(bool[] present) => threshold = Math.Max(options.MinimumDocuments, (int)Math.Ceiling(options.MinimumShare * documents));

        bool IsRepeated(ulong hash)
        {
            for (int row = 0; row < counts.Length; row++)
                if (counts[row][Slot(hash, row)] < threshold) return false;
            return true;
        }

        public override StepOutcome Apply(int index, Document document)
        {
            Span<Range> edges = stackalloc Range[2 * options.EdgeLines];
            TextLines? lines = null;
            string?[]? marks = null;
            foreach (var edge in Edges(document.Text, edges))
            {
                var line = document.Text.AsSpan()[edge];
                string? mark = Hash(line) is not 0 and var hash && IsRepeated(hash) ? "banner" : IsNavigation(line.Trim()) ? "navigation" : null;
                if (mark is null) continue;
                lines ??= TextLines.Of(document.Text);
                marks ??= new string?[lines.Count];
                marks[lines.At(edge.Start.Value)] = mark;
            }
            if (lines is null || marks is null) return StepOutcome.Keep(document);
            string text = lines.Without(marks);
            return text.Length == 0 ? StepOutcome.Keep(document) : StepOutcome.Change(document with { Text = text }, "lines that many documents have", lines.Pieces(marks));
        }
    }
}
