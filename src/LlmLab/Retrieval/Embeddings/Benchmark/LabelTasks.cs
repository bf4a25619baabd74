using LlmLab.Evaluation.Classification;
using LlmLab.Evaluation.Fluency;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Retrieval.Embeddings.Benchmark;

/// <summary>A text and its class.</summary>
public sealed record LabelledText(string Text, string Label);

/// <summary>Classes by multinomial logistic regression on the embeddings, learned from other texts than those that are scored.</summary>
/// <param name="Name">The task's name.</param>
/// <param name="Training">Texts to learn from.</param>
/// <param name="Test">Texts to score.</param>
public sealed record ClassificationTask(string Name, IReadOnlyList<LabelledText> Training, IReadOnlyList<LabelledText> Test) : EmbeddingTask(Name, EmbeddingUse.Classification)
{
    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">A class of the test is not in the training.</exception>
    public override async Task<Estimate> ScoreAsync(TextEmbedder embedder)
    {
        string[] labels = [.. Training.Select(t => t.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        int Class(LabelledText text) => Array.BinarySearch(labels, text.Label, StringComparer.Ordinal) is >= 0 and var found ? found : throw new InvalidInputException($"The task {Name} tests the class \"{text.Label}\", which its training texts lack.");
        int[] right = [.. Test.Select(Class)];
        float[][] training = await embedder.EmbedAsync([.. Training.Select(t => t.Text)]).ConfigureAwait(false), test = await embedder.EmbedAsync([.. Test.Select(t => t.Text)]).ConfigureAwait(false);
        using var model = LogisticRegression.Fit(training, [.. Training.Select(Class)], labels.Length);
        int[] predicted = model.Predict(test);
        return Estimate.OfShare(right.Zip(predicted).Count(p => p.First == p.Second), right.Length);
    }
}

/// <summary>Groups by k-means on the embeddings, as many as there are classes.</summary>
/// <param name="Name">The task's name.</param>
/// <param name="Texts">The texts with their true groups.</param>
public sealed record ClusteringTask(string Name, IReadOnlyList<LabelledText> Texts) : EmbeddingTask(Name, EmbeddingUse.Clustering)
{
    /// <inheritdoc/>
    public override async Task<Estimate> ScoreAsync(TextEmbedder embedder)
    {
        string[] labels = [.. Texts.Select(t => t.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        int[] truth = [.. Texts.Select(t => Array.BinarySearch(labels, t.Label, StringComparer.Ordinal))];
        float[][] vectors = await embedder.EmbedAsync([.. Texts.Select(t => t.Text)]).ConfigureAwait(false);
        double[] scores = [.. Enumerable.Range(1, 3).Select(seed => Agreement.VMeasure(truth, Clusters.Of(vectors, labels.Length, seed, starts: 1)))];
        return Estimate.OfMean(scores) with { Count = Texts.Count };   // the error is that of k-means' starts
    }
}
