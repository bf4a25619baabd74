namespace LlmLab.Tokenizers.Training;

/// <summary>Trains a tokenizer whose kind is given by name, with the options that all kinds share.</summary>
public static class TokenizerTrainer
{
    /// <summary>The kinds: bpe, wordpiece, unigram, word, character, regex.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["bpe", "wordpiece", "unigram", "word", "character", "regex"];

    /// <summary>Trains a tokenizer.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="texts">The texts; read once.</param>
    /// <param name="options">Options that all kinds share.</param>
    /// <param name="pattern">The pre-tokenization expression of bpe, the expression of regex.</param>
    /// <exception cref="InvalidInputException">Another kind, empty texts, or texts that allow fewer tokens than asked for.</exception>
    public static VocabularyTokenizer Train(string kind, IEnumerable<string> texts, TokenizerTrainingOptions options, string pattern) => kind switch
    {
        "bpe" => BpeTrainer.Train(texts, new BpeTrainingOptions(options) { Pattern = pattern }),
        "wordpiece" => WordPieceTrainer.Train(texts, new WordPieceTrainingOptions(options)),
        "unigram" => UnigramTrainer.Train(texts, new UnigramTrainingOptions(options)),
        "word" => WordLevelTrainer.TrainWords(texts, options),
        "character" => WordLevelTrainer.TrainCharacters(texts, options),
        "regex" => WordLevelTrainer.TrainRegularExpression(texts, pattern, options),
        _ => throw new InvalidInputException($"The tokenizer kind \"{kind}\" is unknown: expected one of {string.Join(", ", Kinds)}."),
    };
}
