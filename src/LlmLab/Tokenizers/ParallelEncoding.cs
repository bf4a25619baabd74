using System.Buffers;

namespace LlmLab.Tokenizers;

/// <summary>Encoding of one long text by several threads.</summary>
public static class ParallelEncoding
{
    const int ChunkLength = 1 << 18;

    /// <summary>
    /// Encodes a long text on several threads: cut where a space follows another character, which no piece crosses, so the ids are
    /// those of <see cref="VocabularyTokenizer.Encode(ReadOnlySpan{char}, SpecialTokenParsing)"/>. A tokenizer without such places
    /// (own expressions, phrases) works on one thread.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="text">The text.</param>
    /// <param name="threads">Threads; 0 means all processors.</param>
    public static int[] EncodeParallel(this VocabularyTokenizer tokenizer, ReadOnlyMemory<char> text, int threads = 0)
    {
        if (threads <= 0) threads = Environment.ProcessorCount;
        if (threads == 1 || tokenizer.Phrases.Count > 0 || tokenizer is not ByteLevelBpeTokenizer { Scanner: { SplitsBeforeSpace: true } scanner })
            return tokenizer.Encode(text.Span);

        var starts = new List<int> { 0 };
        while (starts[^1] < text.Length) starts.Add(scanner.SafeSplit(text.Span, Math.Min(text.Length, starts[^1] + ChunkLength)));
        var parts = new (int[] Ids, int Count)[starts.Count - 1];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = Operation.Current.CancellationToken };
        // Buffers are one a thread, and what is kept of each part is rented: fresh memory costs more than encoding into it.
        Parallel.For(0, parts.Length, options, () => new TokenBuffer(ChunkLength / 3), (i, _, buffer) =>
        {
            buffer.Clear();
            tokenizer.Encode(text.Span[starts[i]..starts[i + 1]], buffer);
            parts[i] = (ArrayPool<int>.Shared.Rent(buffer.Count), buffer.Count);
            buffer.Span.CopyTo(parts[i].Ids);
            return buffer;
        }, _ => { });

        var offsets = new int[parts.Length + 1];
        for (int i = 0; i < parts.Length; i++) offsets[i + 1] = checked(offsets[i] + parts[i].Count);
        int[] ids = GC.AllocateUninitializedArray<int>(offsets[^1]);
        Parallel.For(0, parts.Length, options, i =>
        {
            parts[i].Ids.AsSpan(0, parts[i].Count).CopyTo(ids.AsSpan(offsets[i]));
            ArrayPool<int>.Shared.Return(parts[i].Ids);
        });
        return ids;
    }
}
