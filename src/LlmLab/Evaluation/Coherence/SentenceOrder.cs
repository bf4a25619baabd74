using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Statistics;
using LlmLab.Text;

namespace LlmLab.Evaluation.Coherence;

/// <summary>Whether a model prefers the order in which sentences were written.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Accuracy">Share of shuffles that are less likely than their originals, averaged over texts; one half is chance.</param>
/// <param name="Best">Share of texts whose original is likelier than all its shuffles.</param>
/// <param name="Gain">Nats a sentence by which the original is likelier than its shuffles, on average.</param>
/// <param name="ByText">The share of each text, in order, without the skipped ones.</param>
/// <param name="Skipped">Texts that cannot be shuffled: fewer than two different sentences.</param>
public sealed record SentenceOrder(string Model, Estimate Accuracy, Estimate Best, Estimate Gain, IReadOnlyList<double> ByText, int Skipped)
{
    /// <summary>
    /// Scores texts and shuffles of their sentences (the discrimination test of R. Barzilay and M. Lapata, 2008, with the model's own likelihood
    /// in place of a trained ranker). Every sentence, the first too, stands after a space: otherwise the order would
    /// change how the first words are cut into tokens, and even a model that knows nothing would see it. A model whose window is shorter than a text sees only parts of
    /// it: give texts that fit.
    /// </summary>
    /// <param name="model">Scores texts.</param>
    /// <param name="texts">Texts as people wrote them.</param>
    /// <param name="shuffles">Shuffles of each.</param>
    /// <param name="seed">Seed of the shuffles.</param>
    /// <exception cref="InvalidInputException">No text can be shuffled, or no shuffles were asked for.</exception>
    public static SentenceOrder Score(IEvaluatedModel model, IReadOnlyList<string> texts, int shuffles = 5, int seed = 1)
    {
        if (shuffles < 1) throw new InvalidInputException($"The test of sentence order was asked for {shuffles} shuffles a text; give at least one.");
        var splitter = new SentenceSplitter();
        var random = new Random(seed);
        var cases = texts.Select(text => splitter.Split(text)).Select(sentences => (Sentences: sentences, Shuffles: SentenceShuffles.Of(sentences, shuffles, random))).Where(one => one.Shuffles.Count > 0).ToArray();
        if (cases.Length == 0) throw new InvalidInputException($"None of the {texts.Count} texts has two different sentences; the test of sentence order needs them.");
        var scores = model.RollingLogLikelihoods([.. cases.SelectMany(one => one.Shuffles.Prepend(one.Sentences)).Select(sentences => string.Concat(sentences.Select(sentence => " " + sentence)))]);
        var (shares, best, gains, next) = (new double[cases.Length], 0, new double[cases.Length], 0);
        for (var i = 0; i < cases.Length; i++)
        {
            var original = scores[next++].Nats;
            double[] others = [.. Enumerable.Range(0, cases[i].Shuffles.Count).Select(_ => scores[next++].Nats)];
            shares[i] = others.Average(score => score < original ? 1 : score == original ? 0.5 : 0);
            gains[i] = (original - others.Average()) / cases[i].Sentences.Count;
            if (others.All(score => score < original)) best++;
        }
        return new(model.Name, Estimate.OfMean(shares), Estimate.OfShare(best, cases.Length), Estimate.OfMean(gains), shares, texts.Count - cases.Length);
    }
}
