using LlmLab.Data;
using LlmLab.Tokenizers.Scanning;

namespace LlmLab.Tokenizers.Training;

/// <summary>
/// Trains vocabularies whose tokens are whole pieces: characters, words, or the matches of an own regular expression. The most
/// frequent pieces get a token; of equally frequent ones those earlier in code-unit order.
/// </summary>
public static class WordLevelTrainer
{
    /// <summary>One token a character (code point): every character of the text, in code-point order, so that ids do not depend on counts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="options">Options; the default takes every character. With <see cref="TokenizerTrainingOptions.Coverage"/> the most frequent that cover that share.</param>
    public static WordLevelTokenizer TrainCharacters(IEnumerable<string> texts, TokenizerTrainingOptions? options = null)
    {
        options ??= new TokenizerTrainingOptions { VocabularySize = int.MaxValue, MinimumFrequency = 1 };
        return Train(texts, PreTokenization.Character, options, sorted: true);
    }

    /// <inheritdoc cref="TrainCharacters(IEnumerable{string}, TokenizerTrainingOptions?)"/>
    public static WordLevelTokenizer TrainCharacters(Corpus corpus, TokenizerTrainingOptions? options = null) => TrainCharacters(corpus.Documents.Select(d => d.Text), options);

    /// <summary>One token a word (<see cref="PreTokenization.Word"/>).</summary>
    public static WordLevelTokenizer TrainWords(IEnumerable<string> texts, TokenizerTrainingOptions? options = null) =>
        Train(texts, PreTokenization.Word, options ?? new TokenizerTrainingOptions(), sorted: false);

    /// <inheritdoc cref="TrainWords(IEnumerable{string}, TokenizerTrainingOptions?)"/>
    public static WordLevelTokenizer TrainWords(Corpus corpus, TokenizerTrainingOptions? options = null) => TrainWords(corpus.Documents.Select(d => d.Text), options);

    /// <summary>One token a match of a regular expression; what lies between two matches is a piece as well.</summary>
    public static WordLevelTokenizer TrainRegularExpression(IEnumerable<string> texts, string pattern, TokenizerTrainingOptions? options = null) =>
        Train(texts, pattern, options ?? new TokenizerTrainingOptions(), sorted: false);

    /// <exception cref="InvalidInputException">The text is empty or allows fewer tokens than asked for.</exception>
    static WordLevelTokenizer Train(IEnumerable<string> texts, string pattern, TokenizerTrainingOptions options, bool sorted)
    {
        var (special, phrases) = options.Reserve(unknown: true);
        var words = WordCounter.CountWords(texts, PieceScanner.For(pattern), phrases.Count == 0 ? null : new LiteralSplitter(phrases), options.Threads);
        if (words.Count == 0) throw new InvalidInputException("The training text is empty: there is nothing to learn tokens from.");
        var counted = new List<(string Word, long Count)>(words.Count);
        words.ForEach((word, count) => { if (count >= options.MinimumFrequency && !special.ContainsKey(word.ToString())) counted.Add((word.ToString(), count)); });
        counted.Sort((x, y) => x.Count != y.Count ? y.Count.CompareTo(x.Count) : string.CompareOrdinal(x.Word, y.Word));

        int room = Math.Max(0, options.VocabularySize - special.Count - phrases.Count);
        var chosen = new List<string>();
        long covered = 0;
        foreach (var (word, count) in counted)
        {
            if (chosen.Count == room || covered >= (options.Coverage ?? 2) * words.Total) break;
            chosen.Add(word);
            covered += count;
        }
        // A character vocabulary is as large as its text's alphabet; a word vocabulary that cannot be filled is a mistake worth a word.
        if (!sorted && options.Coverage is null && chosen.Count < room)
            throw new InvalidInputException($"The training text allows a vocabulary of at most {special.Count + phrases.Count + chosen.Count} tokens with pieces that occur at least {options.MinimumFrequency} times, but {options.VocabularySize} were asked for: give more text or a smaller vocabulary.");
        if (sorted) chosen.Sort((x, y) => char.ConvertToUtf32(Whole(x), 0).CompareTo(char.ConvertToUtf32(Whole(y), 0)));
        List<string?> tokens = [.. Enumerable.Repeat<string?>(null, special.Count + phrases.Count), .. chosen];
        return new WordLevelTokenizer(tokens, pattern, special, TokenizerTrainingOptions.UnknownToken, phrases);
    }

    static string Whole(string character) => char.IsSurrogate(character[0]) && character.Length == 1 ? "\uFFFD" : character;
}
