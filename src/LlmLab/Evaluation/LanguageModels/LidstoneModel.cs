namespace LlmLab.Evaluation.LanguageModels;

/// <summary>A constant is added to every count, seen or not (G. Lidstone, 1920).</summary>
/// <param name="order">Length of the longest n-gram.</param>
/// <param name="sentences">The tokens of each sentence.</param>
/// <param name="constant">What is added, above 0; 1 is Laplace's rule.</param>
public sealed class LidstoneModel(int order, IEnumerable<IReadOnlyList<string>> sentences, double constant = 1) : NgramModel(order, sentences)
{
    private protected override double Probability(int word, ReadOnlySpan<int> context) =>
        ((Counts.Find([.. context, word])?.Count ?? 0) + constant) / ((Counts.Find(context)?.Followed ?? 0) + VocabularySize * constant);
}
