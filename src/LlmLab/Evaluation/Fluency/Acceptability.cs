using LlmLab.Charts;
using LlmLab.Evaluation.Harness;
using LlmLab.Evaluation.Reports;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Evaluation.Fluency;

/// <summary>How often a model prefers the acceptable sentence.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="ByPhenomenon">Accuracy on each phenomenon, in the order in which they first come.</param>
/// <param name="Overall">Accuracy on all pairs; half of them would be right by chance.</param>
/// <param name="Ties">Pairs whose sentences were equally likely; they count as wrong, as in BLiMP.</param>
/// <param name="Right">For each pair, in order, whether the acceptable sentence was the likelier.</param>
public sealed record AcceptabilityScore(
    string Model, IReadOnlyList<(string Phenomenon, Estimate Accuracy)> ByPhenomenon, Estimate Overall, int Ties, IReadOnlyList<bool> Right)
{
    /// <summary>One bar a phenomenon, with its 95 % interval, and the line of chance.</summary>
    public Chart ToChart() => (Chart.Bars($"Grammatical acceptability: {Model}", [.. ByPhenomenon.Select(one => one.Phenomenon)],
        [ChartIntervals.Series("", [.. ByPhenomenon.Select(one => one.Accuracy)])], "share of pairs")
        with
    { YRange = (0, 1), Width = 960, Height = 480 }).WithReference("chance", 0.5);
}

/// <summary>Scores minimal pairs: a model that knows the grammar gives the acceptable sentence the higher log-likelihood.</summary>
public static class Acceptability
{
    /// <summary>
    /// Compares the log-likelihoods of the whole sentences (BLiMP's simple method), of a masked model the pseudo-log-likelihoods (Salazar et al. 2020). The sentences of a pair are nearly equal in length, so
    /// that no correction is made for it; where the tokenizer cuts one into more tokens, that counts against it.
    /// </summary>
    /// <param name="model">Scores sentences.</param>
    /// <param name="pairs">The pairs; <see cref="MinimalPairs.Shipped"/> are those that come with the library.</param>
    /// <exception cref="InvalidInputException">There are no pairs, or the model's answer has another count.</exception>
    public static AcceptabilityScore Score(IEvaluatedModel model, IReadOnlyList<MinimalPair> pairs)
    {
        if (pairs.Count == 0) throw new InvalidInputException("Acceptability was asked for of no minimal pairs; it needs at least one.");
        var scores = model.PairLogLikelihoods([.. pairs.Select(pair => new SentencePair(pair.Good, pair.Bad))]);
        if (scores.Count != pairs.Count) throw new InvalidInputException($"{model.Name} scored {scores.Count} pairs of {pairs.Count}.");
        bool[] right = [.. scores.Select(score => score.First.Nats > score.Second.Nats)];
        return new(
            model.Name,
            [.. Enumerable.Range(0, pairs.Count).GroupBy(i => pairs[i].Phenomenon).Select(group => (group.Key, Estimate.OfShare(group.Count(i => right[i]), group.Count())))],
            Estimate.OfShare(right.Count(one => one), pairs.Count),
            scores.Count(score => score.First.Nats == score.Second.Nats),
            right);
    }
}
