namespace LlmLab.Evaluation.Text;

/// <summary>
/// How varied a set of generated texts is. High variety is no quality by itself (random words have most), but a model that repeats
/// itself shows here at once.
/// </summary>
public static class Diversity
{
    /// <summary>
    /// Distinct-n: different n-grams as a share of all, over all texts together (J. Li et al., "A diversity-promoting objective function for
    /// neural conversation models", 2016). Falls with the amount of text: compare only equal amounts. NaN where no text is so long.
    /// </summary>
    /// <param name="texts">The tokens of each text.</param>
    /// <param name="order">Tokens of an n-gram, at least 1.</param>
    /// <exception cref="InvalidInputException">The order is below 1.</exception>
    public static double Distinct(IEnumerable<IReadOnlyList<string>> texts, int order)
    {
        if (order < 1) throw new InvalidInputException($"Distinct-{order} was asked for; n-grams have at least one token.");
        var numbers = new TokenNumbers();
        var nodes = new Dictionary<long, int>(); // the number of an n-gram without its last token, and that token
        var (distinct, all) = (new HashSet<int>(), 0);
        foreach (var text in texts)
        {
            var tokens = numbers.Of(text);
            for (var start = 0; start + order <= tokens.Length; start++, all++)
            {
                var node = 0;
                for (var i = start; i < start + order; i++)
                {
                    var key = (long)node << 32 | (uint)tokens[i];
                    if (!nodes.TryGetValue(key, out node)) nodes.Add(key, node = nodes.Count + 1);
                }
                distinct.Add(node);
            }
        }
        return all == 0 ? double.NaN : (double)distinct.Count / all;
    }

    /// <summary>
    /// Self-BLEU: the mean BLEU of each text against all others, 0 to 100; high where texts resemble each other (Y. Zhu et al., "Texygen",
    /// 2018). The work grows with the square of the number of texts: a hundred are enough.
    /// </summary>
    /// <param name="texts">At least two texts.</param>
    /// <param name="options">How BLEU is computed; by default of single sentences.</param>
    /// <exception cref="InvalidInputException">There are fewer than two texts.</exception>
    public static double SelfBleu(IReadOnlyList<string> texts, BleuOptions? options = null)
    {
        if (texts.Count < 2) throw new InvalidInputException($"Self-BLEU compares texts with each other; it was given {texts.Count}, and needs at least two.");
        var bleu = new Bleu(options ?? new() { EffectiveOrder = true });
        var scores = new double[texts.Count];
        Parallel.For(0, texts.Count, new ParallelOptions { CancellationToken = Operation.Current.CancellationToken },
            i => scores[i] = bleu.Sentence(texts[i], [.. texts.Where((_, j) => j != i)]).Score);
        return scores.Average();
    }

    /// <summary>
    /// The share of the n-grams of a text that occurred before in it: how much the text loops. NaN for a text shorter than one n-gram.
    /// </summary>
    /// <param name="text">The tokens.</param>
    /// <param name="order">Tokens of an n-gram, at least 1.</param>
    /// <exception cref="InvalidInputException">The order is below 1.</exception>
    public static double Repetition(IReadOnlyList<string> text, int order = 4) => 1 - Distinct([text], order);
}
