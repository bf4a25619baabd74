using System.Globalization;
using LlmLab.Text;
using LlmLab.Text.WordTokenization;

namespace LlmLab.Evaluation.Text;

/// <summary>What BLEU does where an order has no match (B. Chen and C. Cherry, "A systematic comparison of smoothing techniques for sentence-level BLEU", 2014).</summary>
public enum BleuSmoothing
{
    /// <summary>Each order without a match counts half of the one before: NIST's mteval.</summary>
    Exponential,
    /// <summary>A small count instead of zero.</summary>
    Floor,
    /// <summary>A constant added to matches and totals from the second order on.</summary>
    AddK,
    /// <summary>Nothing: the score is zero.</summary>
    None,
}

/// <summary>The settings of <see cref="Bleu"/>; the defaults are sacreBLEU's.</summary>
public sealed record BleuOptions
{
    /// <summary>How text becomes tokens.</summary>
    public SacreBleuTokenizer Tokenizer { get; init; } = SacreBleuTokenizer.V13a;
    /// <summary>Compare in lower case.</summary>
    public bool Lowercase { get; init; }
    /// <summary>What to do where an order has no match.</summary>
    public BleuSmoothing Smoothing { get; init; } = BleuSmoothing.Exponential;
    /// <summary>The constant of floor (default 0.1) and add-k (default 1).</summary>
    public double? SmoothingValue { get; init; }
    /// <summary>Longest n-gram, 1 to 100.</summary>
    public int MaximumOrder { get; init; } = 4;
    /// <summary>Leave out orders that a short hypothesis does not have; for single sentences.</summary>
    public bool EffectiveOrder { get; init; }
}

/// <summary>A BLEU score with what it was computed from.</summary>
/// <param name="Score">0 to 100.</param>
/// <param name="Matches">Clipped matches of each order; with add-k the constant is in them.</param>
/// <param name="Totals">N-grams of the hypotheses of each order; likewise.</param>
/// <param name="Precisions">In percent, smoothed.</param>
/// <param name="BrevityPenalty">1, or less where the hypotheses are shorter than the references.</param>
/// <param name="HypothesisLength">In tokens.</param>
/// <param name="ReferenceLength">In tokens, of the references closest in length.</param>
public sealed record BleuScore(
    double Score, IReadOnlyList<double> Matches, IReadOnlyList<double> Totals, IReadOnlyList<double> Precisions, double BrevityPenalty,
    int HypothesisLength, int ReferenceLength)
{
    /// <summary>As sacreBLEU prints it: "BLEU = 48.53 82.4/50.0/45.5/37.5 (BP = 0.943 ratio = 0.944 hyp_len = 17 ref_len = 18)".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"BLEU = {Score:F2} {string.Join('/', Precisions.Select(one => one.ToString("F1", CultureInfo.InvariantCulture)))} (BP = {BrevityPenalty:F3} ratio = {(ReferenceLength > 0 ? (double)HypothesisLength / ReferenceLength : 0):F3} hyp_len = {HypothesisLength} ref_len = {ReferenceLength})");
}

/// <summary>
/// BLEU (K. Papineni et al., "BLEU: a method for automatic evaluation of machine translation", ACL 2002) as sacreBLEU computes it,
/// with its tokenizers, smoothing and signature. Compare scores only where the signatures are equal.
/// </summary>
public sealed class Bleu : ICorpusMetric
{
    readonly BleuOptions options;
    readonly double smoothingValue;

    /// <summary>Makes a metric with sacreBLEU's defaults or other settings.</summary>
    /// <exception cref="InvalidInputException">The longest n-gram is not 1 to 100 tokens long.</exception>
    public Bleu(BleuOptions? options = null)
    {
        this.options = options ?? new();
        if (this.options.MaximumOrder is < 1 or > 100)
            throw new InvalidInputException($"BLEU was asked for n-grams of up to {this.options.MaximumOrder} tokens; the longest must be 1 to 100.");
        smoothingValue = this.options.SmoothingValue ?? (this.options.Smoothing == BleuSmoothing.Floor ? 0.1 : 1);
    }

    /// <inheritdoc/>
    public string Name => "BLEU";

    /// <inheritdoc/>
    public bool HigherIsBetter => true;

    /// <summary>The score of a corpus: matches are summed before they are divided.</summary>
    /// <param name="hypotheses">One text a segment.</param>
    /// <param name="references">The references of each segment, in the same order.</param>
    /// <exception cref="InvalidInputException">There are no hypotheses, or not as many lists of references.</exception>
    public BleuScore Corpus(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references) =>
        Compute(Segments.Sum(this, hypotheses, references));

    /// <summary>The score of one segment. Set <see cref="BleuOptions.EffectiveOrder"/> for it.</summary>
    /// <exception cref="InvalidInputException">There is no reference.</exception>
    public BleuScore Sentence(string hypothesis, IReadOnlyList<string> references) => Corpus([hypothesis], [references]);

    /// <summary>What another needs to know to repeat the score, in sacreBLEU's form.</summary>
    public string Signature(IReadOnlyList<IReadOnlyList<string>> references)
    {
        var smoothing = options.Smoothing switch
        {
            BleuSmoothing.Exponential => "exp",
            BleuSmoothing.None => "none",
            var other => (other == BleuSmoothing.Floor ? "floor" : "add-k") + string.Create(CultureInfo.InvariantCulture, $"[{smoothingValue:F2}]"),
        };
        return $"nrefs:{Segments.CountReferences(references)}|case:{(options.Lowercase ? "lc" : "mixed")}|eff:{(options.EffectiveOrder ? "yes" : "no")}|tok:{options.Tokenizer.Name}|smooth:{smoothing}|version:{Segments.Version}";
    }

    /// <summary>Length of the hypothesis and of the reference closest to it, then the matches and totals of each order.</summary>
    public double[] SegmentStatistics(string hypothesis, IReadOnlyList<string> references)
    {
        var numbers = new TokenNumbers();
        var counter = new NgramCounter(options.MaximumOrder);
        var tokens = numbers.Of(Tokenize(hypothesis));
        var closest = -1;
        foreach (var reference in references)
        {
            var referenceTokens = numbers.Of(Tokenize(reference));
            counter.AddReference(referenceTokens);
            var (distance, best) = (Math.Abs(referenceTokens.Length - tokens.Length), Math.Abs(closest - tokens.Length));
            if (closest < 0 || distance < best || distance == best && referenceTokens.Length < closest) closest = referenceTokens.Length;
        }
        var matches = counter.Match(tokens);
        return
        [
            tokens.Length, closest,
            .. matches.Select(one => (double)one),
            .. Enumerable.Range(1, options.MaximumOrder).Select(order => (double)NgramCounter.Total(tokens.Length, order)),
        ];
    }

    /// <inheritdoc/>
    public double ScoreOf(ReadOnlySpan<double> statistics) => Compute(statistics).Score;

    IReadOnlyList<string> Tokenize(string text) =>
        options.Tokenizer.Tokenize(Whitespace.TrimEnd(options.Lowercase ? LetterCase.ToLower(text) : text));

    /// <summary>The score of summed <see cref="SegmentStatistics"/>.</summary>
    public BleuScore Compute(ReadOnlySpan<double> statistics)
    {
        var orders = options.MaximumOrder;
        var (length, referenceLength) = ((int)statistics[0], (int)statistics[1]);
        var matches = statistics.Slice(2, orders).ToArray();
        var totals = statistics.Slice(2 + orders, orders).ToArray();
        var precisions = new double[orders];
        var brevity = length >= referenceLength ? 1.0 : length > 0 ? Math.Exp(1 - (double)referenceLength / length) : 0.0;
        if (matches.All(count => count == 0)) return new(0, matches, totals, precisions, brevity, length, referenceLength);

        var (halving, effectiveOrder) = (1.0, orders);
        for (var n = 0; n < orders; n++)
        {
            if (options.Smoothing == BleuSmoothing.AddK && n > 0)
            {
                matches[n] += smoothingValue;
                totals[n] += smoothingValue;
            }
            if (totals[n] == 0) break;
            if (options.EffectiveOrder) effectiveOrder = n + 1;
            if (matches[n] > 0) precisions[n] = 100 * matches[n] / totals[n];
            else if (options.Smoothing == BleuSmoothing.Exponential) precisions[n] = 100 / ((halving *= 2) * totals[n]);
            else if (options.Smoothing == BleuSmoothing.Floor) precisions[n] = 100 * smoothingValue / totals[n];
        }
        // An order without precision makes the geometric mean zero.
        var score = precisions.Take(effectiveOrder).Any(one => one == 0) ? 0 : brevity * Math.Exp(precisions.Take(effectiveOrder).Sum(Math.Log) / effectiveOrder);
        return new(score, matches, totals, precisions, brevity, length, referenceLength);
    }
}
