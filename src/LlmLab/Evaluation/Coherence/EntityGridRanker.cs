using LlmLab.Evaluation.Statistics;
using LlmLab.Text;

namespace LlmLab.Evaluation.Coherence;

/// <summary>
/// Learns from texts and their shuffles which transitions of the entity grid make a text coherent, and scores other texts by them: the ranking
/// of R. Barzilay and M. Lapata, with a logistic loss on pairs instead of their support vector machine.
/// </summary>
public sealed class EntityGridRanker
{
    const int Rounds = 300;
    const double LearningRate = 0.5, Decay = 1e-4;

    readonly double[] weights;
    readonly double[] scale;
    readonly int length;

    EntityGridRanker(double[] weights, double[] scale, int length) => (this.weights, this.scale, this.length) = (weights, scale, length);

    /// <summary>Learns from coherent texts.</summary>
    /// <param name="texts">Texts as people wrote them, of at least two sentences; shorter ones teach nothing.</param>
    /// <param name="shuffles">Shuffled orders of each text to tell it from.</param>
    /// <param name="seed">Seed of the shuffles.</param>
    /// <param name="length">Sentences of a transition.</param>
    /// <exception cref="InvalidInputException">No text can be told from a shuffle of itself.</exception>
    public static EntityGridRanker Train(IReadOnlyList<string> texts, int shuffles = 20, int seed = 1, int length = 2)
    {
        double[][] differences = [.. Pairs(texts, shuffles, seed).SelectMany(text => text.Shuffles.Select(other =>
            Difference(EntityGrid.Of(text.Sentences).Transitions(length), EntityGrid.Of(other).Transitions(length)))).Where(one => one.Any(value => value != 0))];
        if (differences.Length == 0) throw new InvalidInputException($"None of the {texts.Count} texts has two sentences that can be put in another order with another entity grid; give longer texts.");
        var features = differences[0].Length;
        // Rare transitions weigh as much as frequent ones.
        double[] scale = [.. Enumerable.Range(0, features).Select(j => Math.Sqrt(differences.Average(one => one[j] * one[j]))).Select(spread => spread > 0 ? 1 / spread : 0)];
        var weights = new double[features];
        for (var round = 0; round < Rounds; round++)
        {
            Operation.Current.ThrowIfCancelled();
            var gradient = new double[features];
            foreach (var difference in differences)
            {
                var margin = 0.0;
                for (var j = 0; j < features; j++) margin += weights[j] * scale[j] * difference[j];
                var pull = 1 / (1 + Math.Exp(margin)); // how sure the model is of the wrong order
                for (var j = 0; j < features; j++) gradient[j] += pull * scale[j] * difference[j] / differences.Length;
            }
            for (var j = 0; j < features; j++) weights[j] += LearningRate * (gradient[j] - Decay * weights[j]);
        }
        return new(weights, scale, length);
    }

    /// <summary>How coherent a text is; only differences between orders or versions of one text mean something.</summary>
    public double Score(string text) => Score(EntityGrid.Of(text));

    /// <summary>How coherent the text of a grid is.</summary>
    public double Score(EntityGrid grid) => grid.Transitions(length).Select((share, j) => share * scale[j] * weights[j]).Sum();

    /// <summary>The share of shuffles that score lower than their originals (equal scores count half); one half is chance.</summary>
    /// <param name="texts">Texts that were not learned from.</param>
    /// <param name="shuffles">Shuffles of each.</param>
    /// <param name="seed">Seed of the shuffles.</param>
    /// <exception cref="InvalidInputException">No text has two sentences.</exception>
    public Estimate Accuracy(IReadOnlyList<string> texts, int shuffles = 20, int seed = 2)
    {
        double[] shares = [.. Pairs(texts, shuffles, seed).Select(text =>
        {
            var original = Score(EntityGrid.Of(text.Sentences));
            return text.Shuffles.Average(other => Score(EntityGrid.Of(other)) is var score && score < original ? 1 : score == original ? 0.5 : 0);
        })];
        return shares.Length > 0 ? Estimate.OfMean(shares) : throw new InvalidInputException($"None of the {texts.Count} texts has two sentences that can be put in another order.");
    }

    static IEnumerable<(IReadOnlyList<string> Sentences, IReadOnlyList<IReadOnlyList<string>> Shuffles)> Pairs(IReadOnlyList<string> texts, int shuffles, int seed)
    {
        var splitter = new SentenceSplitter();
        var random = new Random(seed);
        return texts.Select(text => splitter.Split(text)).Select(sentences => (sentences, SentenceShuffles.Of(sentences, shuffles, random))).Where(pair => pair.Item2.Count > 0);
    }

    static double[] Difference(double[] one, double[] other) => [.. one.Zip(other, (a, b) => a - b)];
}
