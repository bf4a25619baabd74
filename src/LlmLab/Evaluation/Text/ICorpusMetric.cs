namespace LlmLab.Evaluation.Text;

/// <summary>
/// A metric whose score of a corpus is computed from sums over its segments. Because of that a resampled corpus is scored without
/// looking at the text again, which is what makes significance tests of BLEU, chrF and TER affordable.
/// </summary>
public interface ICorpusMetric
{
    /// <summary>The name with its settings, such as "chrF2++".</summary>
    string Name { get; }

    /// <summary>Whether a higher score is better (not so for an error rate).</summary>
    bool HigherIsBetter { get; }

    /// <summary>The summable statistics of one segment.</summary>
    /// <param name="hypothesis">What the system wrote.</param>
    /// <param name="references">One text or more that are right.</param>
    double[] SegmentStatistics(string hypothesis, IReadOnlyList<string> references);

    /// <summary>The score, 0 to 100 (an error rate may be larger), of summed statistics.</summary>
    double ScoreOf(ReadOnlySpan<double> statistics);
}
