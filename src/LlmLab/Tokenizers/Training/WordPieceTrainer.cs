using System.Text;
using LlmLab.Data;

namespace LlmLab.Tokenizers.Training;

/// <summary>Options of <see cref="WordPieceTrainer"/>.</summary>
public sealed record WordPieceTrainingOptions : TokenizerTrainingOptions
{
    /// <summary>The defaults.</summary>
    public WordPieceTrainingOptions() { }

    /// <summary>What all kinds share, with the defaults of this kind.</summary>
    public WordPieceTrainingOptions(TokenizerTrainingOptions shared) : base(shared) { }

    /// <summary>What is done to text first.</summary>
    public BertNormalization Normalization { get; init; } = BertNormalization.Uncased;

    /// <summary>At most so many distinct characters, the most frequent; words with others are unknown.</summary>
    public int AlphabetSize { get; init; } = 1000;
}

/// <summary>
/// Trains a WordPiece vocabulary. How Google trained BERT's was never published; this does what Hugging Face's
/// <c>WordPieceTrainer</c> does: pairs of neighbouring pieces merge by their count, as in BPE, pieces inside a word being marked by
/// <c>##</c> (the likelihood score of Schuster and Nakajima 2012 is not used). Of equally frequent pairs the one with the lower left
/// id wins, then the lower right id. Encoding then takes the longest piece first, without merges.
/// </summary>
public static class WordPieceTrainer
{
    /// <summary>Trains on the texts of a corpus.</summary>
    public static WordPieceTokenizer Train(Corpus corpus, WordPieceTrainingOptions? options = null) => Train(corpus.Documents.Select(d => d.Text), options);

    /// <summary>Trains on texts.</summary>
    /// <exception cref="InvalidInputException">The texts are empty, or allow fewer tokens than asked for: the message says how many.</exception>
    public static WordPieceTokenizer Train(IEnumerable<string> texts, WordPieceTrainingOptions? options = null)
    {
        options ??= new WordPieceTrainingOptions();
        var (special, phrases) = options.Reserve(unknown: true);
        var words = Count(texts, options, phrases.Count == 0 ? null : new LiteralSplitter(phrases));
        if (words.Count == 0) throw new InvalidInputException("The training text is empty: there is nothing to learn tokens from.");

        List<string?> tokens = [.. Enumerable.Repeat<string?>(null, special.Count + phrases.Count)];
        var ids = new Dictionary<string, int>();
        foreach (string symbol in Alphabet(words, options.AlphabetSize)) Add(symbol);
        if (tokens.Count > options.VocabularySize)
            throw new InvalidInputException($"The text's characters alone need {tokens.Count} tokens, but {options.VocabularySize} were asked for: ask for more, or give a smaller AlphabetSize.");

        var merges = new BpeMergeLearner(words.Count);
        foreach (var (word, count) in words.OrderBy(w => w.Key, StringComparer.Ordinal))
            if (Symbols(word).Select(s => ids.GetValueOrDefault(s, -1)).ToArray() is var symbols && !symbols.Contains(-1)) merges.AddWord(symbols, count);
        merges.CountPairs();
        var splits = new List<(int Left, int Right)>();
        while (tokens.Count < options.VocabularySize && merges.SingleTokenShare < (options.Coverage ?? 2))
        {
            if ((tokens.Count & 255) == 0) Operation.Current.Report("learning merges", tokens.Count, options.VocabularySize, "tokens");
            if (merges.MostFrequent(options.MinimumFrequency) is not { } best)
            {
                if (options.Coverage is not null) break;
                throw new InvalidInputException($"The training text allows a vocabulary of at most {tokens.Count} tokens with pairs that occur at least {options.MinimumFrequency} times, but {options.VocabularySize} were asked for: give more text or a smaller vocabulary.");
            }
            string merged = tokens[best.Left] + Inner(tokens[best.Right]!);
            splits.Clear();
            int first = merged.StartsWith(WordPieceTokenizer.ContinuationPrefix, StringComparison.Ordinal) ? WordPieceTokenizer.ContinuationPrefix.Length : 0;
            for (int cut = first + 1; cut < merged.Length; cut++)
                if (ids.TryGetValue(merged[..cut], out int left) && ids.TryGetValue(WordPieceTokenizer.ContinuationPrefix + merged[cut..], out int right)) splits.Add((left, right));
            merges.Merge(splits, tokens.Count);
            Add(merged);
        }
        Operation.Current.Report("learning merges", tokens.Count, tokens.Count, "tokens");
        return new WordPieceTokenizer(tokens, special, TokenizerTrainingOptions.UnknownToken, options.Normalization, phrases: phrases);

        void Add(string token)
        {
            ids.Add(token, tokens.Count);
            tokens.Add(token);
        }
    }

    static string Inner(string token) => token[WordPieceTokenizer.ContinuationPrefix.Length..];

    /// <summary>A word as its characters, all but the first marked as continuing.</summary>
    static IEnumerable<string> Symbols(string word)
    {
        bool first = true;
        foreach (var rune in word.EnumerateRunes())
        {
            yield return first ? rune.ToString() : WordPieceTokenizer.ContinuationPrefix + rune;
            first = false;
        }
    }

    /// <summary>The symbols of the most frequent characters, in code-unit order.</summary>
    static IEnumerable<string> Alphabet(Dictionary<string, long> words, int size)
    {
        var characters = new Dictionary<Rune, long>();
        var symbols = new HashSet<string>();
        foreach (var (word, count) in words)
        {
            foreach (var rune in word.EnumerateRunes()) characters[rune] = characters.GetValueOrDefault(rune) + count;
            symbols.UnionWith(Symbols(word));
        }
        var kept = characters.OrderByDescending(c => c.Value).ThenBy(c => c.Key.Value).Take(size).Select(c => c.Key.ToString()).ToHashSet();
        return symbols.Where(s => kept.Contains(s) || s.Length > 2 && kept.Contains(Inner(s))).Order(StringComparer.Ordinal);
    }

    static Dictionary<string, long> Count(IEnumerable<string> texts, WordPieceTrainingOptions options, LiteralSplitter? phrases)
    {
        var all = new Dictionary<string, long>();
        var operation = Operation.Current;
        long done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : Environment.ProcessorCount, CancellationToken = operation.CancellationToken };
        Parallel.ForEach(texts.SelectMany(Chunks), parallel, () => new Dictionary<string, long>(), (chunk, _, counts) =>
        {
            if (phrases is null) AddWords(chunk.Span, counts);
            else
                foreach (var part in phrases.Split(chunk.Span))
                    if (part.Id is null) AddWords(chunk.Span[part.Start..part.End], counts);
            operation.Report("counting words", Interlocked.Add(ref done, chunk.Length), null, "characters");
            return counts;
        }, counts =>
        {
            lock (all)
                foreach (var (word, count) in counts) all[word] = all.GetValueOrDefault(word) + count;
        });
        return all;

        void AddWords(ReadOnlySpan<char> text, Dictionary<string, long> counts)
        {
            foreach (var word in BertWords.Split(text, options.Normalization, places: false))
                if (word.Text.Length <= WordCounter.LongestWord) counts[word.Text] = counts.GetValueOrDefault(word.Text) + 1;
        }
    }

    /// <summary>Long texts in parts, cut at spaces, which separate words always; where there is none, anywhere but inside a character.</summary>
    static IEnumerable<ReadOnlyMemory<char>> Chunks(string text)
    {
        const int Length = 1 << 18;
        for (int start = 0; start < text.Length;)
        {
            int end = Math.Min(text.Length, start + Length);
            if (end < text.Length)
            {
                int space = text.AsSpan(end, Math.Min(Length, text.Length - end)).IndexOf(' ');
                if (space >= 0) end += space;
                else if (char.IsHighSurrogate(text[end - 1])) end--;
            }
            yield return text.AsMemory(start, end - start);
            start = end;
        }
    }
}
