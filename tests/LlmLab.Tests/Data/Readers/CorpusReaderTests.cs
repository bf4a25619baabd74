using System.IO.Compression;
using System.Text;
using LlmLab.Data;
using LlmLab.Data.Readers;

namespace LlmLab.Tests.Data.Readers;

public sealed class CorpusReaderTests
{
    [Fact]
    public void Open_Folder_ReadsFilesInOrdinalOrderAndReportsWhatItCannot()
    {
        using var folder = new TemporaryFolder();
        folder.File("b.txt", "second");
        folder.File("a/z.md", "---\ntitle: The plan\nproject: Alpha\ndate: 2024-05-01\n---\n# Heading\n\nfirst");
        folder.File("broken.pdf", "no pdf at all");
        folder.File("empty.txt", "");
        folder.File(".hidden/x.txt", "never");
        var corpus = new CorpusReader().Open(folder.Path);
        var documents = corpus.Documents.ToArray();
        Assert.Equal(["a/z.md", "b.txt"], documents.Select(d => d.Id));
        Assert.Equal("# Heading\n\nfirst", documents[0].Text);
        Assert.Equal(("The plan", "Alpha", new DateTimeOffset(2024, 5, 1, 0, 0, 0, TimeSpan.Zero)), (documents[0].Metadata.Title, documents[0].Metadata.Project, documents[0].Metadata.Date!.Value));
        Assert.Equal(["broken.pdf", "empty.txt"], corpus.Report!.Skipped.Select(s => s.Source));
        Assert.Equal((4, 2, 2), (corpus.Report.Files, corpus.Report.Documents, corpus.Report.SkippedCount));
    }

    [Fact]
    public void Open_EmptyFolder_SaysSo()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<InvalidInputException>(() => new CorpusReader().Open(folder.Path).Documents.Count());
        Assert.Contains("holds no files", error.Message);
        Assert.Throws<InvalidInputException>(() => new CorpusReader().Open(Path.Combine(folder.Path, "none")));
    }

    [Fact]
    public void Read_OneHugeLine_BecomesBoundedDocumentsWithNothingLost()
    {
        using var folder = new TemporaryFolder();
        string text = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"word{i} "));
        folder.File("huge.txt", text);
        var corpus = new CorpusReader(new ReaderOptions { MaximumDocumentCharacters = 10_000 }).Open(folder.Path);
        var documents = corpus.Documents.ToArray();
        Assert.All(documents, d => Assert.InRange(d.Text.Length, 1, 10_000));
        Assert.Equal(text, string.Concat(documents.Select(d => d.Text)));
        Assert.Equal(1, corpus.Report!.Split);
    }

    [Fact]
    public void Read_HugeLineOfJson_IsRefusedAndTheRestRead()
    {
        using var folder = new TemporaryFolder();
        folder.File("x.jsonl", $"{{\"text\":\"one\"}}\n{{\"text\":\"{new string('x', 3_000_000)}\"}}\n{{\"text\":\"two\"}}");
        var corpus = new CorpusReader(new ReaderOptions { MaximumRecordBytes = 1 << 20 }).Open(folder.Path);
        Assert.Equal(["one", "two"], corpus.Documents.Select(d => d.Text));
        Assert.Equal("x.jsonl, line 2", Assert.Single(corpus.Report!.Skipped).Source);
    }

    [Fact]
    public void Read_HugeSingleLine_UsesBoundedMemory()
    {
        // 400 MB on one line; an endless stream stands for the file so that the test needs no disk.
        var file = new SourceFile("line.txt", 400 << 20, () => new RepeatedByte((byte)'a', 400 << 20));
        var context = new ReadContext(new ReaderOptions(), new ReadReport(), _ => []);
        long before = GC.GetTotalMemory(true), characters = 0, highest = 0, pieces = 0;
        foreach (var document in new PlainTextReader().Read(file, context))
        {
            characters += document.Text.Length;
            if (++pieces % 50 == 0) highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: true) - before);
        }
        Assert.Equal(400 << 20, characters);
        Assert.InRange(highest, 0, 64 << 20);
    }

    [Fact]
    public void Read_Zip_ReadsItsFiles()
    {
        using var folder = new TemporaryFolder();
        using (var zip = ZipFile.Open(Path.Combine(folder.Path, "docs.zip"), ZipArchiveMode.Create))
        {
            using (var writer = new StreamWriter(zip.CreateEntry("inner/a.txt").Open())) writer.Write("inside");
            using (var writer = new StreamWriter(zip.CreateEntry("b.jsonl").Open())) writer.Write("{\"id\":\"r1\",\"text\":\"a record\",\"lang\":\"en\"}");
        }
        var documents = new CorpusReader().Open(folder.Path).Documents.ToArray();
        Assert.Equal(["r1", "docs.zip/inner/a.txt"], documents.Select(d => d.Id));
        Assert.Equal("en", documents[0].Metadata.Language);
    }

    [Fact]
    public void Read_ZipBomb_IsRefusedEarlyAndReported()
    {
        using var folder = new TemporaryFolder();
        folder.File("good.txt", "good");
        using (var zip = ZipFile.Open(Path.Combine(folder.Path, "bomb.zip"), ZipArchiveMode.Create))
        using (var entry = zip.CreateEntry("zeros.txt", CompressionLevel.SmallestSize).Open())
        {
            byte[] block = Encoding.ASCII.GetBytes(new string('a', 1 << 20));
            for (int i = 0; i < 64; i++) entry.Write(block);
        }
        var corpus = new CorpusReader().Open(folder.Path);
        Assert.Equal("good", Assert.Single(corpus.Documents).Text);
        Assert.Contains(corpus.Report!.Skipped, s => s.Source.StartsWith("bomb.zip", StringComparison.Ordinal) && s.Reason.Contains("zip bomb"));
    }

    [Fact]
    public void Read_NestedZips_StopAtTheLimit()
    {
        using var folder = new TemporaryFolder();
        byte[] inner = Encoding.UTF8.GetBytes("deep");
        string name = "deep.txt";
        for (int level = 0; level < 5; level++)
        {
            var memory = new MemoryStream();
            using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
            using (var entry = zip.CreateEntry(name).Open()) entry.Write(inner);
            (inner, name) = (memory.ToArray(), $"level{level}.zip");
        }
        folder.File("outer.zip", inner);
        folder.File("ok.txt", "ok");
        var corpus = new CorpusReader().Open(folder.Path);
        Assert.Equal("ok", Assert.Single(corpus.Documents).Text);
        Assert.Contains(corpus.Report!.Skipped, s => s.Reason.Contains("archive inside"));
    }

    [Fact]
    public void Read_EqualIds_AreMadeUnique()
    {
        using var folder = new TemporaryFolder();
        folder.File("a.jsonl", "{\"id\":\"1\",\"text\":\"x\"}\n{\"id\":\"1\",\"text\":\"y\"}");
        Assert.Equal(["1", "1~2"], new CorpusReader().Open(folder.Path).Documents.Select(d => d.Id));
    }

    sealed class RepeatedByte(byte value, long length) : Stream
    {
        long left = length;

        public override int Read(Span<byte> buffer)
        {
            int count = (int)Math.Min(left, buffer.Length);
            buffer[..count].Fill(value);
            left -= count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
