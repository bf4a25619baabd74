namespace LlmLab.Evaluation.LanguageModels;

/// <summary>
/// A language model that predicts a word from the n − 1 words before it, by counting: the baseline that any neural model has to beat.
/// Perplexities equal those of NLTK 3.8's <c>nltk.lm</c>: sentences are padded on both sides, words outside the vocabulary are "&lt;UNK&gt;".
/// </summary>
public abstract class NgramModel
{
    const string Start = "<s>", End = "</s>", Unknown = "<UNK>";

    readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);

    /// <summary>Counts the sentences of a text.</summary>
    /// <param name="order">Length of the longest n-gram, at least 1.</param>
    /// <param name="sentences">The tokens of each sentence. All of them make up the vocabulary.</param>
    /// <exception cref="InvalidInputException">The order is below 1 or there is no sentence.</exception>
    protected NgramModel(int order, IEnumerable<IReadOnlyList<string>> sentences)
    {
        if (order < 1) throw new InvalidInputException($"An n-gram model of order {order} was asked for; the order is at least 1.");
        Order = order;
        numbers[Unknown] = 0;
        Counts = new NgramTable(order);
        foreach (var sentence in sentences)
            Counts.Add([.. Pad(sentence).Select(word => numbers.TryGetValue(word, out var known) ? known : numbers[word] = numbers.Count)]);
        if (Counts.Total == 0) throw new InvalidInputException("An n-gram model was given no sentences to count.");
    }

    /// <summary>Length of the longest n-gram.</summary>
    public int Order { get; }

    /// <summary>Words that the model tells apart, with the unknown word and the marks for beginning and end.</summary>
    public int VocabularySize => numbers.Count;

    private protected NgramTable Counts { get; }

    /// <summary>The probability of a word after others, 0 to 1; NaN where the model does not define it.</summary>
    /// <param name="word">The word.</param>
    /// <param name="context">The words before it; only the last n − 1 count.</param>
    public double Probability(string word, IReadOnlyList<string> context) =>
        Probability(Number(word), [.. context.Skip(Math.Max(0, context.Count - Order + 1)).Select(Number)]);

    /// <summary>
    /// The cross entropy of a sentence in bits a word, its end included; infinite where a word has probability 0, null where the model
    /// does not define it or there is nothing to predict.
    /// </summary>
    public double? Entropy(IReadOnlyList<string> sentence)
    {
        int[] words = [.. Pad(sentence).Select(Number)];
        if (words.Length < Order) return null;
        var sum = 0.0;
        for (var i = Order - 1; i < words.Length; i++)
        {
            var probability = Probability(words[i], words.AsSpan(i - Order + 1, Order - 1));
            if (double.IsNaN(probability)) return null;
            sum -= Math.Log2(probability);
        }
        return sum / (words.Length - Order + 1);
    }

    /// <summary>Two to the power of <see cref="Entropy"/>: among how many equally likely words the model chooses on average.</summary>
    public double? Perplexity(IReadOnlyList<string> sentence) => Entropy(sentence) is { } entropy ? Math.Pow(2, entropy) : null;

    private protected abstract double Probability(int word, ReadOnlySpan<int> context);

    int Number(string word) => numbers.GetValueOrDefault(word);

    IEnumerable<string> Pad(IReadOnlyList<string> sentence) =>
        [.. Enumerable.Repeat(Start, Order - 1), .. sentence, .. Enumerable.Repeat(End, Order - 1)];
}
