using System.IO.Compression;

namespace LlmLab.Data.Readers;

/// <summary>
/// Zip archives: each file in them is read by its own reader. An archive that unpacks to far more than it should (a zip bomb) is
/// refused while it is unpacked, whatever its headers claim; names are never used as paths, so nothing is written anywhere.
/// </summary>
public sealed class ZipReader : IDocumentReader
{
    /// <inheritdoc/>
    public string Format => "zip";

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions => [".zip"];

    /// <inheritdoc/>
    public IEnumerable<Document> Read(SourceFile file, ReadContext context)
    {
        if (file.Nesting >= context.Options.MaximumNesting)
            throw new InvalidInputException($"{file.Name} is an archive inside {file.Nesting} others; at most {context.Options.MaximumNesting} are opened.");
        using var stream = Seekable(file);
        using var archive = Open(stream, file.Name);
        if (archive.Entries.Count > context.Options.MaximumArchiveEntries)
            throw new InvalidInputException($"{file.Name} holds {archive.Entries.Count} files; at most {context.Options.MaximumArchiveEntries} are read: split it.");
        var budget = new UnpackBudget(file.Name, Math.Min(context.Options.MaximumArchiveBytes, (long)Math.Max(1 << 20, stream.Length * context.Options.MaximumArchiveRatio)));
        foreach (var entry in archive.Entries.Where(e => e.Name.Length > 0).OrderBy(e => e.FullName, StringComparer.Ordinal))
        {
            if (entry.FullName.Split('/').Any(part => context.Options.IgnoredPrefixes.Any(p => part.StartsWith(p, StringComparison.Ordinal)))) continue;
            if (entry.IsEncrypted)
            {
                context.Report.Skip($"{file.Name}/{entry.FullName}", "the entry is encrypted");
                continue;
            }
            long limit = (long)Math.Max(1 << 20, entry.CompressedLength * context.Options.MaximumArchiveRatio);
            long start = budget.Used;
            var inner = new SourceFile($"{file.Name}/{entry.FullName}", entry.Length, () => new BudgetStream(entry.Open(), budget, $"{file.Name}/{entry.FullName}", limit, start)) { Nesting = file.Nesting + 1 };
            foreach (var document in context.ReadNested(inner)) yield return document;
            if (budget.Exhausted)
                throw new InvalidInputException($"{file.Name} unpacks to over {budget.Limit} bytes, {context.Options.MaximumArchiveRatio} times its size (a zip bomb?): the rest of it is not read.");
        }
    }

    static ZipArchive Open(Stream stream, string name)
    {
        try
        {
            return new ZipArchive(stream, ZipArchiveMode.Read);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidInputException($"{name} is not a zip archive that can be opened ({e.Message.TrimEnd('.')}).", e);
        }
    }

    static Stream Seekable(SourceFile file)
    {
        var stream = file.Open();
        if (stream.CanSeek) return stream;
        var memory = new MemoryStream();
        using (stream) stream.CopyTo(memory);
        memory.Position = 0;
        return memory;
    }

    /// <summary>Bytes that all entries of one archive may unpack to. Reading an entry twice (encoding first) counts once.</summary>
    sealed class UnpackBudget(string name, long limit)
    {
        public string Name => name;
        public long Limit => limit;
        public long Used { get; set; }
        public bool Exhausted => Used > limit;
    }

    sealed class BudgetStream(Stream inner, UnpackBudget budget, string name, long entryLimit, long start) : Stream
    {
        long position;

        public override int Read(Span<byte> buffer)
        {
            int read = inner.Read(buffer);
            position += read;
            budget.Used = Math.Max(budget.Used, start + position);
            if (position > entryLimit || budget.Exhausted)
                throw new InvalidInputException($"{name} unpacks to over {position} bytes, far more than its packed size allows (a zip bomb?): it is not read.");
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => position; set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
