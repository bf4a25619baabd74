using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using LlmLab.Data.Pipeline.Similarity;

namespace LlmLab.Data.Pipeline;

/// <summary>What a step did with the documents of a batch, in numbers.</summary>
record struct StepCounts(long In, long Out, long BytesIn, long BytesOut, long Ticks);

/// <summary>What became of one document in a segment.</summary>
sealed class DocumentWork
{
    public required Document Input { get; init; }
    /// <summary>Steps of the segment that it reached.</summary>
    public int Reached { get; set; }
    /// <summary>What was done with it, by the steps that did not just pass it on.</summary>
    public List<(int Step, Document Before, StepOutcome Outcome)>? Actions { get; set; }
    public List<(int Step, IReadOnlyList<FaultScoring.PieceCount> Counts)>? Pieces { get; set; }
    public object?[] Observations { get; set; } = [];
    public uint[]? Signature { get; set; }
    /// <summary>The document as the segment passes it on; null if it was dropped.</summary>
    public Document? Result { get; set; }
    public DocumentTraits? Traits { get; set; }
    /// <summary>UTF-8 bytes of the result's text.</summary>
    public int TextBytes { get; set; }
}

/// <summary>A batch after the work of one thread, ready to be taken over in order.</summary>
sealed class BatchWork
{
    public required IReadOnlyList<DocumentWork> Documents { get; init; }
    /// <summary>By step of the pipeline.</summary>
    public required StepCounts[] Counts { get; init; }
    /// <summary>SHA-256 of each document as it was read; only of the first segment.</summary>
    public byte[] InputHashes { get; init; } = [];
    /// <summary>What goes to the spool or to the data set's file: from the pool, <see cref="OutputLength"/> bytes of it.</summary>
    public required byte[] Output { get; init; }
    public required int OutputLength { get; init; }
    /// <summary>Where each passed document ends in the output.</summary>
    public required IReadOnlyList<int> Ends { get; init; }
}

/// <summary>
/// The part of a run that threads share out: the steps of one segment on the documents of a batch. It changes nothing outside what it returns.
/// </summary>
sealed class SegmentWork(IReadOnlyList<PipelineStep> steps, CorpusPass?[] passes, Segment segment, bool first, bool last, SimilarityIndex? similarity, FaultScoring? scoring)
{
    [ThreadStatic] static MemoryStream? spooled;
    [ThreadStatic] static ArrayBufferWriter<byte>? lines;
    readonly int[] order = [.. segment.Deciding, .. segment.Documents];

    /// <summary>Runs the segment's steps on a batch.</summary>
    public BatchWork Run(DocumentBatch batch)
    {
        var documents = batch.Open();
        var counts = new StepCounts[steps.Count];
        var works = new DocumentWork[documents.Count];
        byte[] hashes = new byte[first ? documents.Count * SHA256.HashSizeInBytes : 0];
        for (int i = 0; i < works.Length; i++)
        {
            if (first) Hash(documents[i], hashes.AsSpan(i * SHA256.HashSizeInBytes));
            works[i] = Work(documents[i], batch.First + i, counts);
        }
        var (output, length, ends) = last ? Lines(works) : Spooled(works);
        return new BatchWork { Documents = works, Counts = counts, InputHashes = hashes, Output = output, OutputLength = length, Ends = ends };
    }

    static void Hash(Document document, Span<byte> to)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(document.Id.Length + 1 + document.Text.Length));
        int length = Encoding.UTF8.GetBytes(document.Id, bytes);
        bytes[length++] = 0;
        length += Encoding.UTF8.GetBytes(document.Text, bytes.AsSpan(length));
        SHA256.HashData(bytes.AsSpan(0, length), to);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    DocumentWork Work(Document document, int index, StepCounts[] counts)
    {
        var work = new DocumentWork { Input = document };
        var current = document;
        int size = Encoding.UTF8.GetByteCount(current.Text);
        foreach (int step in order)
        {
            work.Reached++;
            long start = Stopwatch.GetTimestamp();
            var outcome = steps[step] is DocumentStep alone ? alone.Apply(current) : passes[step]!.Apply(index, current);
            ref var count = ref counts[step];
            count.Ticks += Stopwatch.GetTimestamp() - start;
            count.In++;
            count.BytesIn += size;
            if (outcome.Decision != Decision.Kept) (work.Actions ??= []).Add((step, current, outcome));
            if (scoring is not null && steps[step].JudgedByPieces) (work.Pieces ??= []).Add((step, scoring.ComparePieces(step, current, outcome.Findings)));
            if (outcome.Decision == Decision.Dropped) return work;
            if (!ReferenceEquals(outcome.Document.Text, current.Text)) size = Encoding.UTF8.GetByteCount(outcome.Document.Text);
            current = outcome.Document;
            count.Out++;
            count.BytesOut += size;
        }
        (work.Result, work.TextBytes) = (current, size);
        if (segment.Observing.Count > 0) work.Observations = new object?[segment.Observing.Count];
        for (int i = 0; i < work.Observations.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work.Observations[i] = passes[segment.Observing[i]]!.Observe(current);
            counts[segment.Observing[i]].Ticks += Stopwatch.GetTimestamp() - start;
        }
        if (similarity is not null) work.Signature = similarity.Signature(current.Text);
        if (last) work.Traits = DocumentTraits.Of(current);
        return work;
    }

    static (byte[] Bytes, int Length, List<int> Ends) Spooled(DocumentWork[] works)
    {
        var stream = spooled ??= new MemoryStream();
        stream.SetLength(0);
        var ends = new List<int>(works.Length);
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
            foreach (var work in works)
                if (work.Result is { } document)
                {
                    DocumentSpool.Write(writer, document);
                    ends.Add((int)stream.Position);
                }
        byte[] bytes = ArrayPool<byte>.Shared.Rent((int)stream.Length);
        stream.GetBuffer().AsSpan(0, (int)stream.Length).CopyTo(bytes);
        return (bytes, (int)stream.Length, ends);
    }

    static (byte[] Bytes, int Length, List<int> Ends) Lines(DocumentWork[] works)
    {
        var buffer = lines ??= new ArrayBufferWriter<byte>(1 << 20);
        buffer.ResetWrittenCount();
        var ends = new List<int>(works.Length);
        foreach (var work in works)
            if (work.Result is { } document)
            {
                DocumentJson.Write(buffer, document);
                ends.Add(buffer.WrittenCount);
            }
        byte[] bytes = ArrayPool<byte>.Shared.Rent(buffer.WrittenCount);
        buffer.WrittenSpan.CopyTo(bytes);
        return (bytes, buffer.WrittenCount, ends);
    }
}
