using LlmLab.Text;

namespace LlmLab.Evaluation.Text;

/// <summary>The settings of <see cref="TranslationEditRate"/>; the defaults are sacreBLEU's.</summary>
public sealed record TranslationEditRateOptions
{
    /// <summary>Split punctuation from words, as Tercom's -N.</summary>
    public bool Normalize { get; init; }
    /// <summary>Leave punctuation out.</summary>
    public bool RemovePunctuation { get; init; }
    /// <summary>Split Chinese and Japanese text, with <see cref="Normalize"/>.</summary>
    public bool AsianSupport { get; init; }
    /// <summary>Tell capital letters from small ones.</summary>
    public bool CaseSensitive { get; init; }
}

/// <summary>A translation edit rate.</summary>
/// <param name="Score">Edits for 100 words of reference; can be more than 100.</param>
/// <param name="Edits">Insertions, deletions, substitutions and shifts, against the closest reference of each segment.</param>
/// <param name="ReferenceLength">Words, averaged over the references of a segment.</param>
public sealed record TranslationEditRateScore(double Score, double Edits, double ReferenceLength);

/// <summary>
/// TER: how many words have to be inserted, deleted, replaced, or moved as a block to make the hypothesis a reference (M. Snover et al.,
/// "A study of translation edit rate with targeted human annotation", AMTA 2006), as sacreBLEU computes it.
/// </summary>
public sealed class TranslationEditRate(TranslationEditRateOptions? settings = null) : ICorpusMetric
{
    readonly TranslationEditRateOptions options = settings ?? new();
    readonly TercomTokenizer tokenizer = new(settings ?? new());

    /// <inheritdoc/>
    public string Name => "TER";

    /// <inheritdoc/>
    public bool HigherIsBetter => false;

    /// <summary>The rate of a corpus: edits and lengths are summed before they are divided.</summary>
    /// <param name="hypotheses">One text a segment.</param>
    /// <param name="references">The references of each segment.</param>
    /// <exception cref="InvalidInputException">There are no hypotheses, or not as many lists of references.</exception>
    public TranslationEditRateScore Corpus(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references)
    {
        var sum = Segments.Sum(this, hypotheses, references);
        return new(ScoreOf(sum), sum[0], sum[1]);
    }

    /// <summary>The rate of one segment.</summary>
    /// <exception cref="InvalidInputException">There is no reference.</exception>
    public TranslationEditRateScore Sentence(string hypothesis, IReadOnlyList<string> references) => Corpus([hypothesis], [references]);

    /// <summary>What another needs to know to repeat the score, in sacreBLEU's form.</summary>
    public string Signature(IReadOnlyList<IReadOnlyList<string>> references)
    {
        static string Yes(bool value) => value ? "yes" : "no";
        return $"nrefs:{Segments.CountReferences(references)}|case:{(options.CaseSensitive ? "mixed" : "lc")}|tok:tercom|norm:{Yes(options.Normalize)}|punct:{Yes(!options.RemovePunctuation)}|asian:{Yes(options.AsianSupport)}|version:{Segments.Version}";
    }

    /// <summary>Edits against the closest reference, and the mean length of the references.</summary>
    public double[] SegmentStatistics(string hypothesis, IReadOnlyList<string> references)
    {
        var numbers = new TokenNumbers();
        var words = Words(Normalized(hypothesis), numbers);
        var (fewest, length, count) = (int.MaxValue, 0, 0);
        foreach (var reference in references)
        {
            // sacreBLEU normalises references twice, which splits "18F's." one word further than in the hypothesis.
            var referenceWords = Words(tokenizer.Rewrite(Normalized(reference)), numbers);
            fewest = Math.Min(fewest, BlockMoveDistance.Edits(words, referenceWords));
            length += referenceWords.Length;
            count++;
        }
        return [fewest, (double)length / count];
    }

    /// <inheritdoc/>
    public double ScoreOf(ReadOnlySpan<double> statistics) => statistics[1] > 0 ? 100 * statistics[0] / statistics[1] : statistics[0] > 0 ? 100 : 0;

    string Normalized(string text) => tokenizer.Rewrite(Whitespace.TrimEnd(text));

    static int[] Words(string normalized, TokenNumbers numbers) => numbers.Of(Whitespace.Split(normalized));
}
