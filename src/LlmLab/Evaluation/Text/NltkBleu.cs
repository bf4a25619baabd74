namespace LlmLab.Evaluation.Text;

/// <summary>The smoothing methods of Chen and Cherry (2014) by NLTK's numbers.</summary>
public enum NltkSmoothing
{
    /// <summary>0: a missing order makes the score (nearly) zero.</summary>
    None = 0,
    /// <summary>1: 0.1 matches where there are none.</summary>
    Epsilon = 1,
    /// <summary>2: one added to matches and totals from the second order on (Lin and Och, 2004).</summary>
    AddOne = 2,
    /// <summary>3: each missing order half of the one before, as NIST's mteval.</summary>
    Halving = 3,
    /// <summary>4: as 3, but less for short hypotheses.</summary>
    HalvingByLength = 4,
    /// <summary>5: the mean of the neighbouring orders.</summary>
    Average = 5,
    /// <summary>7: 4, then 5. (6 is not defined for most sentences and is left out.)</summary>
    HalvingAndAverage = 7,
}

/// <summary>
/// BLEU as NLTK 3.8 computes it (<c>nltk.translate.bleu_score</c>), on text that is tokenized already; 0 to 1. For comparison with work
/// that used NLTK: report <see cref="Bleu"/>.
/// </summary>
public static class NltkBleu
{
    /// <summary>Equal weights for n-grams of one to four tokens.</summary>
    public static IReadOnlyList<double> DefaultWeights { get; } = [0.25, 0.25, 0.25, 0.25];

    /// <summary>The score of one segment.</summary>
    /// <exception cref="InvalidInputException">There is no reference or no weight.</exception>
    public static double Sentence(IReadOnlyList<string> hypothesis, IReadOnlyList<IReadOnlyList<string>> references, IReadOnlyList<double>? weights = null, NltkSmoothing smoothing = NltkSmoothing.None) =>
        Corpus([hypothesis], [references], weights, smoothing);

    /// <summary>The score of a corpus.</summary>
    /// <param name="hypotheses">The tokens of each segment.</param>
    /// <param name="references">The references of each segment.</param>
    /// <param name="weights">The weight of each order, from one token; by default four equal ones.</param>
    /// <param name="smoothing">What to do where an order has no match.</param>
    /// <exception cref="InvalidInputException">There are not as many lists of references as hypotheses, or no weight.</exception>
    public static double Corpus(
        IReadOnlyList<IReadOnlyList<string>> hypotheses, IReadOnlyList<IReadOnlyList<IReadOnlyList<string>>> references,
        IReadOnlyList<double>? weights = null, NltkSmoothing smoothing = NltkSmoothing.None)
    {
        weights ??= DefaultWeights;
        if (weights.Count == 0) throw new InvalidInputException("BLEU was given no weights; it needs one for each order of n-grams.");
        TokenizedSegments.Check("BLEU", hypotheses, references);
        var segments = new (int[] Matches, int[] Totals, int Closest)[hypotheses.Count];
        Parallel.For(0, segments.Length, new ParallelOptions { CancellationToken = Operation.Current.CancellationToken }, () => new Counter(weights.Count), (i, _, counter) =>
        {
            segments[i] = counter.Count(hypotheses[i], references[i]);
            return counter;
        }, _ => { });
        var (matches, totals) = (new int[weights.Count], new int[weights.Count]);
        foreach (var segment in segments)
            for (var n = 0; n < weights.Count; n++)
            {
                matches[n] += segment.Matches[n];
                totals[n] += segment.Totals[n];
            }
        var (length, referenceLength) = (hypotheses.Sum(hypothesis => hypothesis.Count), segments.Sum(segment => segment.Closest));
        if (matches[0] == 0) return 0;
        // The fifth order, for the methods that average, is that of the last segment: so does NLTK.
        var smoothed = Smooth(matches, totals, length, smoothing, () => new Counter(5).Count(hypotheses[^1], references[^1]) is var last ? (double)last.Matches[4] / last.Totals[4] : 0);
        var brevity = length > referenceLength ? 1 : Math.Exp(1 - (double)referenceLength / length);
        return brevity * Math.Exp(smoothed.Zip(weights).Where(pair => pair.First > 0).Sum(pair => pair.Second * Math.Log(pair.First)));
    }

    /// <summary>Counts segments one after the other, in the same memory.</summary>
    sealed class Counter(int orders)
    {
        readonly TokenNumbers numbers = new();
        readonly NgramCounter ngrams = new(orders);

        /// <summary>Clipped matches and n-grams of each order, never fewer than one n-gram; and the length of the closest reference.</summary>
        public (int[] Matches, int[] Totals, int Closest) Count(IReadOnlyList<string> hypothesis, IReadOnlyList<IReadOnlyList<string>> references)
        {
            numbers.Clear();
            ngrams.Clear();
            var closest = -1;
            foreach (var reference in references)
            {
                ngrams.AddReference(numbers.Of(reference));
                var (distance, best) = (Math.Abs(reference.Count - hypothesis.Count), Math.Abs(closest - hypothesis.Count));
                if (closest < 0 || distance < best || distance == best && reference.Count < closest) closest = reference.Count;
            }
            var totals = new int[orders];
            for (var n = 0; n < orders; n++) totals[n] = Math.Max(1, NgramCounter.Total(hypothesis.Count, n + 1));
            return (ngrams.Match(numbers.Of(hypothesis)), totals, closest);
        }
    }

    static double[] Smooth(int[] matches, int[] totals, int length, NltkSmoothing smoothing, Func<double> fifthOrder)
    {
        double[] plain = [.. matches.Zip(totals, (match, total) => (double)match / total)];
        switch (smoothing)
        {
            case NltkSmoothing.Epsilon:
                return [.. matches.Zip(totals, (match, total) => (match == 0 ? 0.1 : match) / total)];
            case NltkSmoothing.AddOne:
                return [.. matches.Select((match, n) => n == 0 ? plain[0] : (match + 1.0) / (totals[n] + 1))];
            case NltkSmoothing.Halving:
                return Halve(matches, totals, plain, missing => 1 / Math.Pow(2, missing));
            case NltkSmoothing.HalvingByLength:
                return length > 1 ? Halve(matches, totals, plain, missing => Math.Log(length) / (Math.Pow(2, missing) * 5)) : plain;
            case NltkSmoothing.Average:
                return Average(plain, fifthOrder());
            case NltkSmoothing.HalvingAndAverage:
                return Average(Smooth(matches, totals, length, NltkSmoothing.HalvingByLength, fifthOrder), fifthOrder());
            default:
                const double SmallestNormal = 2.2250738585072014e-308;
                return [.. plain.Select(precision => precision > 0 ? precision : SmallestNormal)];
        }
    }

    static double[] Halve(int[] matches, int[] totals, double[] plain, Func<int, double> count)
    {
        var missing = 0;
        return [.. plain.Select((precision, n) => matches[n] > 0 ? precision : count(++missing) / totals[n])];
    }

    static double[] Average(double[] precisions, double next)
    {
        double[] extended = [.. precisions, next];
        var (averaged, before) = (new double[precisions.Length], precisions[0] + 1);
        for (var n = 0; n < averaged.Length; n++) before = averaged[n] = (before + precisions[n] + extended[n + 1]) / 3;
        return averaged;
    }
}
