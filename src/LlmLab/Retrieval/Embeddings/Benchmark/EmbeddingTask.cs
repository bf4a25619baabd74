using System.Numerics.Tensors;
using LlmLab.Evaluation.Statistics;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Embeddings.Benchmark;

/// <summary>What an embedding is used for (the four main sorts of tasks of MTEB, Muennighoff et al. 2023).</summary>
public enum EmbeddingUse
{
    /// <summary>Finding the passages that answer a question; scored by the mean reciprocal rank among the first ten.</summary>
    Retrieval,
    /// <summary>Telling how similar two texts are; scored by Spearman's correlation of cosines with the given grades.</summary>
    Similarity,
    /// <summary>Sorting texts into known classes by a linear model on the embeddings; scored by accuracy.</summary>
    Classification,
    /// <summary>Sorting texts into groups without knowing them, by k-means; scored by the v-measure.</summary>
    Clustering,
}

/// <summary>One task of a benchmark: data and a score, higher being better.</summary>
/// <param name="Name">The task's name.</param>
/// <param name="Use">What it is about.</param>
public abstract record EmbeddingTask(string Name, EmbeddingUse Use)
{
    /// <summary>Scores a model, 0 to 1 (similarity: −1 to 1).</summary>
    public abstract Task<Estimate> ScoreAsync(TextEmbedder embedder);
}

/// <summary>Embeds texts in batches, measures how long that takes, and remembers them.</summary>
/// <param name="generator">The model.</param>
public sealed class TextEmbedder(IEmbeddingGenerator<string, Embedding<float>> generator)
{
    const int BatchSize = 512;
    readonly Dictionary<(string Text, bool Query), float[]> known = [];

    /// <summary>Texts that the model embedded.</summary>
    public long Texts { get; private set; }

    /// <summary>Tokens that the model's provider counted.</summary>
    public long Tokens { get; private set; }

    /// <summary>Seconds that it took.</summary>
    public double Seconds { get; private set; }

    /// <summary>Embeddings of length 1; zeros where the model gives zeros.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="queries">Whether they ask or are asked about.</param>
    public async Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, bool queries = false)
    {
        string[] missing = [.. texts.Distinct(StringComparer.Ordinal).Where(t => !known.ContainsKey((t, queries)))];
        for (int start = 0; start < missing.Length; start += BatchSize)
        {
            string[] batch = missing[start..Math.Min(missing.Length, start + BatchSize)];
            long begun = System.Diagnostics.Stopwatch.GetTimestamp();
            var made = await generator.GenerateAsync(batch, queries ? EmbeddingRole.Query : null, Operation.Current.CancellationToken).ConfigureAwait(false);
            Seconds += System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalSeconds;
            Texts += batch.Length;
            Tokens += made.Usage?.InputTokenCount ?? 0;
            Operation.Current.Report("embedding", start + batch.Length, missing.Length, "texts");
            for (int i = 0; i < batch.Length; i++)
            {
                float[] vector = made[i].Vector.ToArray();
                if (TensorPrimitives.Norm<float>(vector) is > 0 and var length) TensorPrimitives.Divide(vector, length, vector);
                known[(batch[i], queries)] = vector;
            }
        }
        return [.. texts.Select(t => known[(t, queries)])];
    }
}
