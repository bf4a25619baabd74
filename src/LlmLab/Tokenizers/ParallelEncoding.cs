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
        var parts = new TokenBuffer[starts.Count - 1];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = Operation.Current.CancellationToken };
        Parallel.For(0, parts.Length, options, i =>
        {
            var chunk = text.Span[starts[i]..starts[i + 1]];
            parts[i] = new TokenBuffer(chunk.Length / 3 + 8);
            tokenizer.Encode(chunk, parts[i]);
        });

        var ids = new int[parts.Sum(p => (long)p.Count)];
        int at = 0;
        foreach (var part in parts)
        {
            part.Span.CopyTo(ids.AsSpan(at));
            at += part.Count;
        }
        return ids;
    }
}
