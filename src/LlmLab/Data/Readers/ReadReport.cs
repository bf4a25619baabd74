namespace LlmLab.Data.Readers;

/// <summary>A file, or a record in one, that could not be read.</summary>
/// <param name="Source">Path relative to the input, with the line or entry where that is known.</param>
/// <param name="Reason">What was wrong, in one sentence.</param>
public sealed record SkippedSource(string Source, string Reason);

/// <summary>A file whose text was no clean UTF-8, and was decoded all the same.</summary>
/// <param name="Source">Path relative to the input.</param>
/// <param name="Encoding">What it was decoded as.</param>
/// <param name="InvalidBytes">Bytes that this encoding does not have; U+FFFD stands in their place.</param>
public sealed record DecodedSource(string Source, string Encoding, long InvalidBytes)
{
    /// <summary>"letter.txt (iso-8859-1)", "log.txt (utf-8, 3 broken bytes replaced by U+FFFD)".</summary>
    public override string ToString() => $"{Source} ({Encoding}{(InvalidBytes == 0 ? "" : InvalidBytes == 1 ? ", 1 broken byte replaced by U+FFFD" : $", {InvalidBytes} broken bytes replaced by U+FFFD")})";
}

/// <summary>What came of reading: filled while a corpus is enumerated, begun afresh by each enumeration.</summary>
public sealed class ReadReport
{
    const int Kept = 1_000;
    readonly List<SkippedSource> skipped = [];
    readonly List<DecodedSource> decoded = [];
    readonly SortedDictionary<string, long> formats = new(StringComparer.Ordinal);

    /// <summary>Files opened, those inside archives included.</summary>
    public long Files { get; private set; }
    /// <summary>Documents that came out.</summary>
    public long Documents { get; private set; }
    /// <summary>Files and records that could not be read.</summary>
    public long SkippedCount { get; private set; }
    /// <summary>Texts that were longer than a document may be, and became several.</summary>
    public long Split { get; private set; }
    /// <summary>Which they were, and why; the first 1,000.</summary>
    public IReadOnlyList<SkippedSource> Skipped => skipped;
    /// <summary>Files that were no clean UTF-8, and were decoded.</summary>
    public long DecodedCount { get; private set; }
    /// <summary>Which they were; the first 1,000.</summary>
    public IReadOnlyList<DecodedSource> Decoded => decoded;
    /// <summary>Files by the reader that read them.</summary>
    public IReadOnlyDictionary<string, long> Formats => formats;

    internal void Clear()
    {
        (Files, Documents, SkippedCount, Split, DecodedCount) = (0, 0, 0, 0, 0);
        skipped.Clear();
        decoded.Clear();
        formats.Clear();
    }

    internal void CountFile(string format)
    {
        Files++;
        formats[format] = formats.GetValueOrDefault(format) + 1;
    }

    internal void CountDocument() => Documents++;

    internal void CountSplit() => Split++;

    internal void CountDecoded(DecodedSource source)
    {
        DecodedCount++;
        if (decoded.Count < Kept) decoded.Add(source);
    }

    internal void Skip(string source, string reason)
    {
        SkippedCount++;
        if (skipped.Count < Kept) skipped.Add(new SkippedSource(source, reason));
    }
}
