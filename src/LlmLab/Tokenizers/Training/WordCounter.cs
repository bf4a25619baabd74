using System.Collections.Concurrent;
using LlmLab.Tokenizers.Scanning;

namespace LlmLab.Tokenizers.Training;

/// <summary>
/// Counts the distinct pieces of a stream of texts on several threads. Memory grows with the number of distinct pieces, not with
/// the text. A piece longer than <see cref="LongestWord"/> characters is counted in parts of that length, and of a piece longer than
/// <see cref="LongestRun"/> only so much is read: a line without spaces, however long, must not cost memory in proportion.
/// </summary>
sealed class WordCounter
{
    /// <summary>Longest piece that is counted whole.</summary>
    public const int LongestWord = 512;

    /// <summary>Characters that are read of one piece at most.</summary>
    public const int LongestRun = 1 << 20;

    const int ChunkLength = 1 << 19;
    Entry[] entries = new Entry[1 << 14];
    char[] arena = new char[1 << 16];
    int arenaUsed;

    struct Entry
    {
        public uint Hash;
        public int Offset, Length;
        public long Count;
    }

    /// <summary>How many distinct pieces there are.</summary>
    public int Count { get; private set; }

    /// <summary>Occurrences of all pieces.</summary>
    public long Total { get; private set; }

    /// <summary>The pieces with their counts, in no order that means anything.</summary>
    public void ForEach(SpanAction action)
    {
        foreach (ref readonly var entry in entries.AsSpan())
            if (entry.Count > 0) action(arena.AsSpan(entry.Offset, entry.Length), entry.Count);
    }

    public delegate void SpanAction(ReadOnlySpan<char> word, long count);

    /// <summary>Counts the pieces of all texts.</summary>
    /// <param name="texts">The texts; read once, one after the other.</param>
    /// <param name="scanner">Cuts text into pieces.</param>
    /// <param name="phrases">Phrases that are taken out first, or null.</param>
    /// <param name="threads">Threads; 0 means all processors.</param>
    public static WordCounter CountWords(IEnumerable<string> texts, PieceScanner scanner, LiteralSplitter? phrases, int threads)
    {
        var operation = Operation.Current;
        var counters = new ConcurrentBag<WordCounter>();
        long done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount, CancellationToken = operation.CancellationToken };
        Parallel.ForEach(Partitioner.Create(Chunks(texts, scanner), EnumerablePartitionerOptions.NoBuffering), options,
            () => new WordCounter(),
            (chunk, _, counter) =>
            {
                counter.AddText(chunk.Span, scanner, phrases);
                operation.Report("counting words", Interlocked.Add(ref done, chunk.Length), null, "characters");
                return counter;
            },
            counters.Add);

        var all = counters.OrderByDescending(c => c.Count).ToList();
        if (all.Count == 0) return new WordCounter();
        foreach (var other in all.Skip(1)) other.ForEach(all[0].Add);
        return all[0];
    }

    /// <summary>Long texts in parts that may be counted apart.</summary>
    static IEnumerable<ReadOnlyMemory<char>> Chunks(IEnumerable<string> texts, PieceScanner scanner)
    {
        foreach (string text in texts)
        {
            int start = 0;
            while (text.Length - start > ChunkLength)
            {
                int end = scanner.SafeSplit(text, start + ChunkLength);
                yield return text.AsMemory(start, end - start);
                start = end;
            }
            if (start < text.Length) yield return text.AsMemory(start);
        }
    }

    void AddText(ReadOnlySpan<char> text, PieceScanner scanner, LiteralSplitter? phrases)
    {
        if (phrases is null) AddPieces(text, scanner);
        else
            foreach (var part in phrases.Split(text))
                if (part.Id is null) AddPieces(text[part.Start..part.End], scanner);
    }

    void AddPieces(ReadOnlySpan<char> text, PieceScanner scanner)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = scanner.Next(text, start);
            if (end - start <= LongestWord) Add(text[start..end], 1);
            else AddRun(text[start..Math.Min(end, start + LongestRun)]);
        }
    }

    void AddRun(ReadOnlySpan<char> run)
    {
        while (run.Length > 0)
        {
            int cut = Math.Min(run.Length, LongestWord);
            if (cut < run.Length && char.IsHighSurrogate(run[cut - 1])) cut--;
            Add(run[..cut], 1);
            run = run[cut..];
        }
    }

    public void Add(ReadOnlySpan<char> word, long count)
    {
        uint hash = Hash(word);
        int mask = entries.Length - 1;
        int slot = (int)hash & mask;
        while (entries[slot].Count > 0)
        {
            ref var entry = ref entries[slot];
            if (entry.Hash == hash && entry.Length == word.Length && arena.AsSpan(entry.Offset, entry.Length).SequenceEqual(word))
            {
                entry.Count += count;
                Total += count;
                return;
            }
            slot = (slot + 1) & mask;
        }
        if (arenaUsed + word.Length > arena.Length) Array.Resize(ref arena, checked(Math.Max(arena.Length * 2, arenaUsed + word.Length)));
        word.CopyTo(arena.AsSpan(arenaUsed));
        entries[slot] = new Entry { Hash = hash, Offset = arenaUsed, Length = word.Length, Count = count };
        arenaUsed += word.Length;
        Total += count;
        if (++Count * 2 > entries.Length) Grow();
    }

    void Grow()
    {
        var old = entries;
        entries = new Entry[old.Length * 2];
        foreach (ref readonly var entry in old.AsSpan())
        {
            if (entry.Count == 0) continue;
            int slot = (int)entry.Hash & entries.Length - 1;
            while (entries[slot].Count > 0) slot = (slot + 1) & entries.Length - 1;
            entries[slot] = entry;
        }
    }

    // FNV-1a over UTF-16 units with a final mix: words are short, so setting up a stronger hash would cost more than it saves.
    static uint Hash(ReadOnlySpan<char> word)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char c in word) hash = (hash ^ c) * 0x100000001B3;
        return (uint)(hash ^ hash >> 32) * 0x9E3779B1 ^ (uint)(hash >> 40);
    }
}
