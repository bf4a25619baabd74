namespace LlmLab.Evaluation.Harness.Scoring;

/// <summary>Scores token sequences with a model.</summary>
interface ISequenceScorer
{
    /// <summary>Scores sequences, in their order.</summary>
    SequenceScore[] Score(IReadOnlyList<ScoredSequence> sequences);

    /// <summary>Tokens that went through the model so far, padding included.</summary>
    long TokensRead { get; }
}
