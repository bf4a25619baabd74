namespace LlmLab.Tokenizers.Training;

/// <summary>What every trainer is told. Ids are given in this order: <see cref="ReservedTokens.All"/>, the unknown token where the
/// kind needs one, <see cref="SpecialTokens"/>, <see cref="Phrases"/>, then what is learned.</summary>
public record TokenizerTrainingOptions
{
    /// <summary>Tokens in the finished vocabulary, reserved ones included. With <see cref="Coverage"/> an upper bound.</summary>
    public int VocabularySize { get; init; } = 8192;

    /// <summary>
    /// Stop as soon as this share of the training text is covered (0 to 1): for subword vocabularies the share of running words
    /// that are a single token, for word and character vocabularies the share of running words or characters that have a token.
    /// Null: only <see cref="VocabularySize"/> counts.
    /// </summary>
    public double? Coverage { get; init; }

    /// <summary>Further special tokens beside <see cref="ReservedTokens.All"/>.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Phrases that become one token each, wherever they occur literally, the longest first.</summary>
    public IReadOnlyList<string> Phrases { get; init; } = [];

    /// <summary>How often something must occur in the training text to become a token.</summary>
    public int MinimumFrequency { get; init; } = 2;

    /// <summary>Threads for reading and counting; 0 means all processors. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Special tokens and phrases with their ids.</summary>
    /// <exception cref="InvalidInputException">An empty or repeated token, a coverage outside 0 to 1, or a frequency below 1.</exception>
    internal (Dictionary<string, int> Special, Dictionary<string, int> Phrases) Reserve(bool unknown)
    {
        if (Coverage is <= 0 or > 1) throw new InvalidInputException($"The coverage {Coverage} is not a share of the text: give a number above 0 and up to 1.");
        if (MinimumFrequency < 1) throw new InvalidInputException($"The minimum frequency {MinimumFrequency} is below 1.");
        var special = new Dictionary<string, int>();
        var phrases = new Dictionary<string, int>();
        IEnumerable<string> names = [.. ReservedTokens.All, .. unknown ? [UnknownToken] : Array.Empty<string>(), .. SpecialTokens];
        foreach (string name in names)
            if (name.Length == 0 || !special.TryAdd(name, special.Count))
                throw new InvalidInputException(name.Length == 0 ? "A special token is empty." : $"The special token \"{name}\" is given twice or reserved already.");
        foreach (string phrase in Phrases)
            if (phrase.Length == 0 || special.ContainsKey(phrase) || !phrases.TryAdd(phrase, special.Count + phrases.Count))
                throw new InvalidInputException(phrase.Length == 0 ? "A phrase is empty." : $"The phrase \"{phrase}\" is given twice or is a special token.");
        return (special, phrases);
    }

    /// <summary>The token for what a vocabulary cannot spell; byte-level vocabularies need none.</summary>
    public const string UnknownToken = "<|unk|>";
}
