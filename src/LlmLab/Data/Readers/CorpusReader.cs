using System.IO.Hashing;
using System.Text;

namespace LlmLab.Data.Readers;

/// <summary>
/// Opens a file, an archive or a folder as a corpus. What cannot be read is reported, skipped and counted; the rest goes on.
/// <code>var corpus = new CorpusReader().Open("documents");  // corpus.Report tells afterwards what was left out</code>
/// </summary>
public sealed class CorpusReader
{
    readonly ReaderOptions options;
    readonly Dictionary<string, IDocumentReader> byExtension = new(StringComparer.Ordinal);
    readonly IDocumentReader text = new PlainTextReader();

    /// <summary>A reader of all formats.</summary>
    /// <param name="options">Limits and names.</param>
    /// <param name="additional">Readers for more formats, or in place of those that are there.</param>
    public CorpusReader(ReaderOptions? options = null, IEnumerable<IDocumentReader>? additional = null)
    {
        this.options = options ?? new ReaderOptions();
        IDocumentReader[] readers = [text, new MarkdownReader(), new HtmlReader(), new PdfReader(), new WordReader(), new MailReader(), new CsvReader(), new JsonReader(), new ParquetReader(), new ZipReader(), .. additional ?? []];
        foreach (var reader in readers)
            foreach (string extension in reader.Extensions)
                byExtension[extension] = reader;
    }

    /// <summary>A corpus of everything readable under a path. Files come in the ordinal order of their relative paths; ids are made unique.</summary>
    /// <exception cref="InvalidInputException">There is no such file or folder, or no document could be read from it (thrown when it is enumerated).</exception>
    public Corpus Open(string path)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path) && !Directory.Exists(path)) throw new InvalidInputException($"{path} does not exist: name a file, a zip archive or a folder.");
        var report = new ReadReport();
        string name = Path.GetFileNameWithoutExtension(path.TrimEnd('/', '\\'));
        return new Corpus(name, $"files of {name}", () => Enumerate(path, report)) { Report = report };
    }

    IEnumerable<Document> Enumerate(string path, ReadReport report)
    {
        report.Clear();
        ReadContext context = null!;
        context = new ReadContext(options, report, file => ReadFile(file, context));
        var seen = new HashSet<ulong>();
        var files = File.Exists(path) ? [OnDisk(path, Path.GetFileName(path))] : FilesBelow(path);
        foreach (var file in files)
            foreach (var document in ReadFile(file, context))
            {
                report.CountDocument();
                yield return Unique(document, seen);
            }
        if (report.Documents == 0)
            throw new InvalidInputException(report.SkippedCount == 0
                ? $"{path} holds no files: put documents there (text, Markdown, HTML, PDF, DOCX, mail, CSV, JSON, Parquet, zip)."
                : $"None of the {report.SkippedCount} files of {path} could be read; the first: {report.Skipped[0].Source}: {report.Skipped[0].Reason}");
    }

    static SourceFile OnDisk(string path, string name) =>
        new(name, new FileInfo(path).Length, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan)) { Path = path };

    IEnumerable<SourceFile> FilesBelow(string folder)
    {
        var enumeration = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        return Directory.EnumerateFiles(folder, "*", enumeration)
            .Select(p => (Path: p, Name: Path.GetRelativePath(folder, p).Replace(Path.DirectorySeparatorChar, '/')))
            .Where(f => !f.Name.Split('/').Any(part => options.IgnoredPrefixes.Any(i => part.StartsWith(i, StringComparison.Ordinal))))
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => OnDisk(f.Path, f.Name));
    }

    IEnumerable<Document> ReadFile(SourceFile file, ReadContext context)
    {
        Operation.Current.ThrowIfCancelled();
        var reader = byExtension.GetValueOrDefault(file.Extension, text);
        context.Report.CountFile(reader.Format);
        long documents = 0;
        using var walk = reader.Read(file, context).GetEnumerator();
        while (true)
        {
            try
            {
                if (!walk.MoveNext()) break;
            }
            catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
            {
                context.Report.Skip(file.Name, e is InvalidInputException ? e.Message : $"{reader.Format} reader: {e.Message.ReplaceLineEndings(" ")}");
                yield break;
            }
            if (walk.Current.Text.Length == 0) continue;
            // Documents of files inside this one (archives, attachments) were reported with their own file.
            if (documents++ == 0 && walk.Current.Metadata.Source.Split('#')[0] == file.Name && EncodingDetection.DecodedAs(file.Name, walk.Current.Metadata) is { } decoded) context.Report.CountDecoded(decoded);
            yield return walk.Current;
        }
        if (documents == 0 && reader is not ZipReader) context.Report.Skip(file.Name, "the file holds no text");
    }

    // Ids must be unique; remembering 64-bit hashes of them keeps memory small.
    static Document Unique(Document document, HashSet<ulong> seen)
    {
        string id = document.Id;
        for (int copy = 2; !seen.Add(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(id))); copy++) id = $"{document.Id}~{copy}";
        return ReferenceEquals(id, document.Id) ? document : document with { Id = id };
    }
}
