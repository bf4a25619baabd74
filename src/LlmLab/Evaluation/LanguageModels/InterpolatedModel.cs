namespace LlmLab.Evaluation.LanguageModels;

/// <summary>
/// Mixes the estimates of all orders: each passes some probability on to the next shorter context (S. Chen and J. Goodman, "An empirical
/// study of smoothing techniques for language modeling", 1998).
/// </summary>
public abstract class InterpolatedModel : NgramModel
{
    private protected InterpolatedModel(int order, IEnumerable<IReadOnlyList<string>> sentences) : base(order, sentences) { }

    private protected sealed override double Probability(int word, ReadOnlySpan<int> context)
    {
        if (context.Length == 0) return WithoutContext(word);
        var shorter = Probability(word, context[1..]);
        if (Counts.Find(context) is not { Followed: > 0 } known) return shorter;
        var (own, passed) = Estimate(word, context, known);
        return own + passed * shorter;
    }

    private protected abstract double WithoutContext(int word);

    /// <summary>The probability that this order gives to the word, and the weight that it leaves to shorter contexts.</summary>
    private protected abstract (double Own, double Passed) Estimate(int word, ReadOnlySpan<int> context, NgramTable.Entry known);
}
