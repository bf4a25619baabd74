namespace LlmLab.Evaluation.LanguageModels;

/// <summary>
/// A context that many different words follow passes more on (I. Witten and T. Bell, "The zero-frequency problem", 1991).
/// </summary>
/// <param name="order">Length of the longest n-gram.</param>
/// <param name="sentences">The tokens of each sentence.</param>
public sealed class WittenBellModel(int order, IEnumerable<IReadOnlyList<string>> sentences) : InterpolatedModel(order, sentences)
{
    private protected override double WithoutContext(int word) => (double)(Counts.Find([word])?.Count ?? 0) / Counts.Total;

    private protected override (double Own, double Passed) Estimate(int word, ReadOnlySpan<int> context, NgramTable.Entry known)
    {
        var passed = (double)known.Followers / (known.Followers + known.Followed);
        return ((1 - passed) * (Counts.Find([.. context, word])?.Count ?? 0) / known.Followed, passed);
    }
}
