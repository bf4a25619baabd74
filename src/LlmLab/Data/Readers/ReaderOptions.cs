namespace LlmLab.Data.Readers;

/// <summary>Limits and names that readers work with. The defaults suit a company's folder on a laptop.</summary>
public sealed record ReaderOptions
{
    /// <summary>Longer texts are split here, at a paragraph, line, sentence or word end where there is one, into documents "#2", "#3" …</summary>
    public int MaximumDocumentCharacters { get; init; } = 1_000_000;
    /// <summary>A line of JSON Lines longer than this (bytes) is refused and counted; plain text is split instead.</summary>
    public int MaximumRecordBytes { get; init; } = 64 << 20;
    /// <summary>Formats that can only be read whole (PDF, DOCX, HTML, one JSON value) are refused above this size in bytes.</summary>
    public long MaximumWholeFileBytes { get; init; } = 256L << 20;
    /// <summary>An archive may unpack to at most this many bytes …</summary>
    public long MaximumArchiveBytes { get; init; } = 8L << 30;
    /// <summary>… and to at most this many times its packed size, entry by entry and in all: real documents stay under 50, bombs start at 1,000 (Fifield, "A better zip bomb", 2019).</summary>
    public double MaximumArchiveRatio { get; init; } = 200;
    /// <summary>An archive may hold at most this many files.</summary>
    public int MaximumArchiveEntries { get; init; } = 1_000_000;
    /// <summary>Archives (and attachments) inside archives are opened to this depth.</summary>
    public int MaximumNesting { get; init; } = 3;
    /// <summary>True to put From, To, Date and Subject of a mail above its text.</summary>
    public bool IncludeMailHeaders { get; init; } = true;
    /// <summary>True to turn Markdown into plain text; false keeps its marks, which a model can learn from.</summary>
    public bool MarkdownAsPlainText { get; init; }
    /// <summary>Names of the field that holds the text, in CSV, JSON, Parquet and SQL rows; the first that is there counts, case aside.</summary>
    public IReadOnlyList<string> TextFields { get; init; } = ["text", "content", "body", "full_text", "document", "message"];
    /// <summary>File names and folders that are passed over: names that begin with one of these.</summary>
    public IReadOnlyList<string> IgnoredPrefixes { get; init; } = [".", "__MACOSX", "~$", "Thumbs.db"];
}
