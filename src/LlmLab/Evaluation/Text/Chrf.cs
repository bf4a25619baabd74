using LlmLab.Text;

namespace LlmLab.Evaluation.Text;

/// <summary>The settings of <see cref="Chrf"/>; the defaults are sacreBLEU's chrF2.</summary>
public sealed record ChrfOptions
{
    /// <summary>Longest character n-gram.</summary>
    public int CharacterOrder { get; init; } = 6;
    /// <summary>Longest word n-gram: 0 is chrF, 2 is chrF++.</summary>
    public int WordOrder { get; init; }
    /// <summary>How many times as much recall counts as precision.</summary>
    public double Beta { get; init; } = 2;
    /// <summary>Compare in lower case.</summary>
    public bool Lowercase { get; init; }
    /// <summary>Count white space as characters.</summary>
    public bool Whitespace { get; init; }
    /// <summary>Average the F scores of all orders, with a tiny value where one is undefined (chrF++.py, NLTK), instead of the orders that exist.</summary>
    public bool EpsilonSmoothing { get; init; }
}

/// <summary>
/// chrF: the F score of character n-grams, and with word n-grams chrF++ (M. Popović, "chrF: character n-gram F-score for automatic MT
/// evaluation", WMT 2015, and "chrF++: words helping character n-grams", 2017) as sacreBLEU computes it.
/// </summary>
public sealed class Chrf(ChrfOptions? settings = null) : ICorpusMetric
{
    const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    readonly ChrfOptions options = settings ?? new();

    /// <inheritdoc/>
    public string Name => $"chrF{options.Beta:0.##}{new string('+', options.WordOrder)}";

    /// <inheritdoc/>
    public bool HigherIsBetter => true;

    /// <summary>The score of a corpus, 0 to 100: counts are summed before they are divided.</summary>
    /// <param name="hypotheses">One text a segment.</param>
    /// <param name="references">The references of each segment; the best of them counts.</param>
    /// <exception cref="InvalidInputException">There are no hypotheses, or not as many lists of references.</exception>
    public double Corpus(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references) =>
        ScoreOf(Segments.Sum(this, hypotheses, references));

    /// <summary>The score of one segment, 0 to 100.</summary>
    /// <exception cref="InvalidInputException">There is no reference.</exception>
    public double Sentence(string hypothesis, IReadOnlyList<string> references) => Corpus([hypothesis], [references]);

    /// <summary>What another needs to know to repeat the score, in sacreBLEU's form.</summary>
    public string Signature(IReadOnlyList<IReadOnlyList<string>> references) =>
        $"nrefs:{Segments.CountReferences(references)}|case:{(options.Lowercase ? "lc" : "mixed")}|eff:{(options.EpsilonSmoothing ? "no" : "yes")}|nc:{options.CharacterOrder}|nw:{options.WordOrder}|space:{(options.Whitespace ? "yes" : "no")}|version:{Segments.Version}";

    /// <summary>For each order, characters first: n-grams of the hypothesis, of the best reference, and matches.</summary>
    public double[] SegmentStatistics(string hypothesis, IReadOnlyList<string> references)
    {
        var numbers = new TokenNumbers();
        var (characters, words) = (Characters(hypothesis), Words(hypothesis, numbers));
        double[]? best = null;
        var bestScore = -1.0;
        foreach (var reference in references)
        {
            double[] statistics = [.. Compare(characters, Characters(reference), options.CharacterOrder), .. Compare(words, Words(reference, numbers), options.WordOrder)];
            var score = ScoreOf(statistics);
            if (score > bestScore) (best, bestScore) = (statistics, score);
        }
        return best!;
    }

    /// <inheritdoc/>
    public double ScoreOf(ReadOnlySpan<double> statistics)
    {
        const double Epsilon = 1e-16;
        var weight = options.Beta * options.Beta;
        var (sumOfScores, sumOfPrecision, sumOfRecall, orders) = (0.0, 0.0, 0.0, 0);
        for (var i = 0; i < statistics.Length; i += 3)
        {
            var (inHypothesis, inReference, matches) = (statistics[i], statistics[i + 1], statistics[i + 2]);
            var precision = inHypothesis > 0 ? matches / inHypothesis : Epsilon;
            var recall = inReference > 0 ? matches / inReference : Epsilon;
            var denominator = weight * precision + recall;
            sumOfScores += denominator > 0 ? (1 + weight) * precision * recall / denominator : Epsilon;
            if (inHypothesis == 0 || inReference == 0) continue;
            sumOfPrecision += precision;
            sumOfRecall += recall;
            orders++;
        }
        if (options.EpsilonSmoothing) return 100 * sumOfScores / (statistics.Length / 3);
        if (orders == 0 || sumOfPrecision + sumOfRecall == 0) return 0;
        var (meanPrecision, meanRecall) = (sumOfPrecision / orders, sumOfRecall / orders);
        return 100 * ((1 + weight) * meanPrecision * meanRecall / (weight * meanPrecision + meanRecall));
    }

    static IEnumerable<double> Compare(int[] hypothesis, int[] reference, int orders)
    {
        if (orders == 0) yield break;
        var counter = new NgramCounter(orders);
        counter.AddReference(reference);
        var matches = counter.Match(hypothesis);
        for (var order = 1; order <= orders; order++)
        {
            var inReference = NgramCounter.Total(reference.Length, order);
            // Where the reference has no n-gram of this order, the order does not count.
            yield return inReference > 0 ? NgramCounter.Total(hypothesis.Length, order) : 0;
            yield return inReference;
            yield return matches[order - 1];
        }
    }

    int[] Characters(string text)
    {
        var characters = new List<int>(text.Length);
        foreach (var rune in Cased(text).EnumerateRunes())
            if (options.Whitespace || !(rune.IsBmp && LlmLab.Text.Whitespace.Is((char)rune.Value))) characters.Add(rune.Value);
        return [.. characters];
    }

    /// <summary>Words with one mark of punctuation split from the end, or else from the beginning: "(hi)" becomes "(hi" and ")".</summary>
    int[] Words(string text, TokenNumbers numbers)
    {
        if (options.WordOrder == 0) return [];
        var words = new List<string>();
        foreach (var word in LlmLab.Text.Whitespace.Split(Cased(text)))
            if (word.Length > 1 && Punctuation.Contains(word[^1])) words.AddRange(word[..^1], word[^1..]);
            else if (word.Length > 1 && Punctuation.Contains(word[0])) words.AddRange(word[..1], word[1..]);
            else words.Add(word);
        return numbers.Of(words);
    }

    string Cased(string text) => options.Lowercase ? LetterCase.ToLower(text) : text;
}
