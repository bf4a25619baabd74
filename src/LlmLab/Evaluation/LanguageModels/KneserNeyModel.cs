namespace LlmLab.Evaluation.LanguageModels;

/// <summary>
/// A constant is taken from every count, and shorter contexts are judged by how many different words come before them, not by how often they
/// occur: "Francisco" is frequent, but only after "San" (R. Kneser and H. Ney, "Improved backing-off for m-gram language modeling", 1995).
/// The best of the classic methods. Of order 1 it is not defined.
/// </summary>
/// <param name="order">Length of the longest n-gram.</param>
/// <param name="sentences">The tokens of each sentence.</param>
/// <param name="discount">What is taken from each count, 0 to 1.</param>
public sealed class KneserNeyModel(int order, IEnumerable<IReadOnlyList<string>> sentences, double discount = 0.1) : InterpolatedModel(order, sentences)
{
    private protected override double WithoutContext(int word) => (double)(Counts.Find([word])?.Preceders ?? 0) / Counts.Empty.Frames;

    private protected override (double Own, double Passed) Estimate(int word, ReadOnlySpan<int> context, NgramTable.Entry known)
    {
        var ngram = Counts.Find([.. context, word]);
        var (count, total) = context.Length + 1 == Order ? (ngram?.Count ?? 0, known.Followed) : (ngram?.Preceders ?? 0, known.Frames);
        return (Math.Max(count - discount, 0) / total, discount * known.Followers / total);
    }
}
