namespace LlmLab.Evaluation.Text;

/// <summary>
/// NIST: like BLEU, but rare n-grams count more (G. Doddington, "Automatic evaluation of machine translation quality using n-gram
/// co-occurrence statistics", HLT 2002). Equal to NLTK 3.8's <c>nist_score</c>.
/// </summary>
public static class Nist
{
    /// <summary>The score of one segment; null where it is undefined.</summary>
    /// <exception cref="InvalidInputException">There is no reference.</exception>
    public static double? Sentence(IReadOnlyList<string> hypothesis, IReadOnlyList<IReadOnlyList<string>> references, int longest = 5) =>
        Corpus([hypothesis], [references], longest);

    /// <summary>
    /// The score of a corpus, 0 or more; null where it is undefined: no hypothesis has an n-gram of the longest order, or the references
    /// are empty.
    /// </summary>
    /// <param name="hypotheses">The tokens of each segment.</param>
    /// <param name="references">The references of each segment; all together say how rare an n-gram is.</param>
    /// <param name="longest">Longest n-gram.</param>
    /// <exception cref="InvalidInputException">There are no hypotheses, or not as many lists of references.</exception>
    public static double? Corpus(IReadOnlyList<IReadOnlyList<string>> hypotheses, IReadOnlyList<IReadOnlyList<IReadOnlyList<string>>> references, int longest = 5)
    {
        TokenizedSegments.Check("NIST", hypotheses, references);
        var frequencies = new Dictionary<Ngram, int>();
        var words = 0;
        foreach (var reference in references.SelectMany(one => one))
        {
            foreach (var (ngram, count) in Ngrams(reference, 1, longest)) frequencies[ngram] = frequencies.GetValueOrDefault(ngram) + count;
            words += reference.Count;
        }
        // How much the last token of an n-gram tells, once the others are known.
        double Information(Ngram ngram) => Math.Log((ngram.Length == 1 ? words : frequencies[ngram.WithoutLast]) / (double)frequencies[ngram]) / Math.Log(2);

        var (score, referenceLength, hypothesisLength) = (0.0, 0, 0);
        for (var order = 1; order <= longest; order++)
        {
            var (numerator, denominator) = (0.0, 0);
            for (var i = 0; i < hypotheses.Count; i++)
            {
                var ngrams = Ngrams(hypotheses[i], order, order);
                var total = NgramCounter.Total(hypotheses[i].Count, order);
                var best = references[i].Select(reference =>
                {
                    var inReference = Ngrams(reference, order, order);
                    var weight = ngrams.Where(entry => inReference.ContainsKey(entry.Key)).Sum(entry => Information(entry.Key) * Math.Min(entry.Value, inReference[entry.Key]));
                    return (Precision: total == 0 ? 0 : weight / total, Weight: weight, reference.Count);
                }).Max();
                numerator += best.Weight;
                denominator += total;
                referenceLength += best.Count;
                hypothesisLength += hypotheses[i].Count;
            }
            if (denominator == 0) return null;
            score += numerator / denominator;
        }
        return referenceLength == 0 ? null : score * LengthPenalty((double)hypothesisLength / referenceLength);
    }

    /// <summary>One half where the hypothesis has two thirds of the reference's length.</summary>
    static double LengthPenalty(double ratio)
    {
        if (ratio is not (> 0 and < 1)) return Math.Clamp(ratio, 0, 1);
        var beta = Math.Log(0.5) / Math.Pow(Math.Log(1.5), 2);
        return Math.Exp(beta * Math.Pow(Math.Log(ratio), 2));
    }

    static Dictionary<Ngram, int> Ngrams(IReadOnlyList<string> tokens, int shortest, int longest)
    {
        var counts = new Dictionary<Ngram, int>();
        for (var order = shortest; order <= longest; order++)
            for (var start = 0; start + order <= tokens.Count; start++)
            {
                var ngram = new Ngram(tokens, start, order);
                counts[ngram] = counts.GetValueOrDefault(ngram) + 1;
            }
        return counts;
    }

    /// <summary>A stretch of tokens, equal to another with the same tokens.</summary>
    readonly struct Ngram(IReadOnlyList<string> tokens, int start, int length) : IEquatable<Ngram>
    {
        readonly IReadOnlyList<string> tokens = tokens;
        readonly int start = start;

        public int Length { get; } = length;

        public Ngram WithoutLast => new(tokens, start, Length - 1);

        public bool Equals(Ngram other)
        {
            if (Length != other.Length) return false;
            for (var i = 0; i < Length; i++)
                if (tokens[start + i] != other.tokens[other.start + i]) return false;
            return true;
        }

        public override bool Equals(object? other) => other is Ngram ngram && Equals(ngram);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            for (var i = 0; i < Length; i++) hash.Add(tokens[start + i], StringComparer.Ordinal);
            return hash.ToHashCode();
        }
    }
}
