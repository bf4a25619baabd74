using System.Text;
using LlmLab.Data;
using LlmLab.Tokenizers.Scanning;

namespace LlmLab.Tokenizers.Training;

/// <summary>Options of <see cref="BpeTrainer"/>.</summary>
public sealed record BpeTrainingOptions : TokenizerTrainingOptions
{
    /// <summary>The defaults.</summary>
    public BpeTrainingOptions() { }

    /// <summary>What all kinds share, with the defaults of this kind.</summary>
    public BpeTrainingOptions(TokenizerTrainingOptions shared) : base(shared) { }

    /// <summary>The pre-tokenization expression: one of <see cref="PreTokenization"/> or an own one.</summary>
    public string Pattern { get; init; } = PreTokenization.Cl100k;
}

/// <summary>
/// Trains byte-level byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909; on bytes: Radford et al. 2019): the most frequent
/// pair of neighbouring tokens becomes a token, again and again. Of equally frequent pairs the one with the lower left id wins, then
/// the lower right id, so the same text gives the same vocabulary on every machine and with any number of threads.
/// </summary>
public static class BpeTrainer
{
    /// <summary>Trains on the texts of a corpus.</summary>
    public static ByteLevelBpeTokenizer Train(Corpus corpus, BpeTrainingOptions? options = null) => Train(corpus.Documents.Select(d => d.Text), options);

    /// <summary>Trains on texts.</summary>
    /// <param name="texts">The texts; read once, in order.</param>
    /// <param name="options">Options; by default 8,192 tokens with GPT-4's pre-tokenization.</param>
    /// <exception cref="InvalidInputException">The texts are empty, or allow fewer tokens than asked for: the message says how many.</exception>
    public static ByteLevelBpeTokenizer Train(IEnumerable<string> texts, BpeTrainingOptions? options = null)
    {
        options ??= new BpeTrainingOptions();
        var (special, phrases) = options.Reserve(unknown: false);
        int first = special.Count + phrases.Count;
        if (options.VocabularySize < first + 256)
            throw new InvalidInputException($"A byte-level vocabulary needs at least {first + 256} tokens ({first} reserved ones and phrases, 256 bytes), but {options.VocabularySize} were asked for.");

        var words = WordCounter.CountWords(texts, PieceScanner.For(options.Pattern), phrases.Count == 0 ? null : new LiteralSplitter(phrases), options.Threads);
        if (words.Count == 0 && phrases.Count == 0) throw new InvalidInputException("The training text is empty: there is nothing to learn tokens from.");

        var tokens = new List<byte[]?>();
        tokens.AddRange(Enumerable.Repeat<byte[]?>(null, first));
        tokens.AddRange(Enumerable.Range(0, 256).Select(b => new[] { (byte)b }));
        Learn(words, tokens, first, options);
        return new ByteLevelBpeTokenizer(new BpeVocabulary(tokens, options.Pattern, special) { Phrases = phrases, WholePieceFirst = true });
    }

    static void Learn(WordCounter words, List<byte[]?> tokens, int firstByte, BpeTrainingOptions options)
    {
        var operation = Operation.Current;
        var merges = new BpeMergeLearner(words.Count);
        words.ForEach((word, count) =>
        {
            Span<byte> utf8 = stackalloc byte[WordCounter.LongestWord * 3];
            Span<int> first = stackalloc int[WordCounter.LongestWord * 3];
            int length = Encoding.UTF8.GetBytes(word, utf8);
            for (int i = 0; i < length; i++) first[i] = firstByte + utf8[i];
            merges.AddWord(first[..length], count);
        });
        merges.CountPairs();

        var ids = new Dictionary<string, int>();
        for (int b = 0; b < 256; b++) ids.Add(((char)b).ToString(), firstByte + b);
        var find = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var splits = new List<(int Left, int Right)>();
        double target = options.Coverage ?? double.PositiveInfinity;
        while (tokens.Count < options.VocabularySize && merges.SingleTokenShare < target)
        {
            if ((tokens.Count & 255) == 0) operation.Report("learning merges", tokens.Count, options.VocabularySize, "tokens");
            if (merges.MostFrequent(options.MinimumFrequency) is not { } best)
            {
                if (options.Coverage is not null) break;
                throw new InvalidInputException($"The training text allows a vocabulary of at most {tokens.Count} tokens with pairs that occur at least {options.MinimumFrequency} times, but {options.VocabularySize} were asked for: give more text or a smaller vocabulary.");
            }
            byte[] merged = [.. tokens[best.Left]!, .. tokens[best.Right]!];
            string spelling = string.Create(merged.Length, merged, (span, bytes) => { for (int i = 0; i < span.Length; i++) span[i] = (char)bytes[i]; });
            splits.Clear();
            for (int cut = 1; cut < merged.Length; cut++)
                if (find.TryGetValue(spelling.AsSpan(0, cut), out int left) && find.TryGetValue(spelling.AsSpan(cut), out int right)) splits.Add((left, right));
            ids.Add(spelling, tokens.Count);
            merges.Merge(splits, tokens.Count);
            tokens.Add(merged);
        }
        operation.Report("learning merges", tokens.Count, tokens.Count, "tokens");
    }
}
