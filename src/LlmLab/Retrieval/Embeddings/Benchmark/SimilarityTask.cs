using System.Numerics.Tensors;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Retrieval.Embeddings.Benchmark;

/// <summary>Two texts and how similar they are, by any scale.</summary>
public sealed record SimilarPair(string First, string Second, double Grade);

/// <summary>Semantic textual similarity (Agirre et al. 2012): the order of cosines against the order of grades.</summary>
/// <param name="Name">The task's name.</param>
/// <param name="Pairs">The pairs.</param>
public sealed record SimilarityTask(string Name, IReadOnlyList<SimilarPair> Pairs) : EmbeddingTask(Name, EmbeddingUse.Similarity)
{
    /// <inheritdoc/>
    public override async Task<Estimate> ScoreAsync(TextEmbedder embedder)
    {
        float[][] first = await embedder.EmbedAsync([.. Pairs.Select(p => p.First)]).ConfigureAwait(false), second = await embedder.EmbedAsync([.. Pairs.Select(p => p.Second)]).ConfigureAwait(false);
        double[] cosines = [.. first.Zip(second, (x, y) => (double)TensorPrimitives.Dot<float>(x, y))], grades = [.. Pairs.Select(p => p.Grade)];
        // A model that says the same of every pair orders nothing: 0.
        return Bootstrap.Of(Pairs.Count, draw => Correlation.Spearman([.. draw.Select(i => cosines[i])], [.. draw.Select(i => grades[i])]).Statistic is var r && double.IsNaN(r) ? 0 : r, resamples: 200);
    }
}
