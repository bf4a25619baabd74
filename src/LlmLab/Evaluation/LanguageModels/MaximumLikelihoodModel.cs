namespace LlmLab.Evaluation.LanguageModels;

/// <summary>Relative frequencies, nothing else: what was never seen has probability 0.</summary>
/// <param name="order">Length of the longest n-gram.</param>
/// <param name="sentences">The tokens of each sentence.</param>
public sealed class MaximumLikelihoodModel(int order, IEnumerable<IReadOnlyList<string>> sentences) : NgramModel(order, sentences)
{
    private protected override double Probability(int word, ReadOnlySpan<int> context) =>
        Counts.Find(context) is { Followed: > 0 } known ? (double)(Counts.Find([.. context, word])?.Count ?? 0) / known.Followed : 0;
}
