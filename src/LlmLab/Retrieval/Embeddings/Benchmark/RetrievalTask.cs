using System.Numerics.Tensors;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Retrieval.Embeddings.Benchmark;

/// <summary>A query and the documents that answer it.</summary>
/// <param name="Id">The query's name.</param>
/// <param name="Text">The query.</param>
/// <param name="Relevant">Names of the relevant documents.</param>
public sealed record RetrievalQuery(string Id, string Text, IReadOnlyCollection<string> Relevant);

/// <summary>Finds documents by the cosine of embeddings, all compared with all.</summary>
/// <param name="Name">The task's name.</param>
/// <param name="Documents">Name and text of each document.</param>
/// <param name="Queries">The queries.</param>
public sealed record RetrievalTask(string Name, IReadOnlyList<KeyValuePair<string, string>> Documents, IReadOnlyList<RetrievalQuery> Queries) : EmbeddingTask(Name, EmbeddingUse.Retrieval)
{
    const int Depth = 10;

    /// <inheritdoc/>
    public override async Task<Estimate> ScoreAsync(TextEmbedder embedder) => Estimate.OfMean(await ReciprocalRanksAsync(embedder).ConfigureAwait(false));

    /// <summary>For each query one over the rank of the first relevant document among the first ten, 0 where none is.</summary>
    public async Task<double[]> ReciprocalRanksAsync(TextEmbedder embedder)
    {
        var found = await FindAsync(embedder, Depth).ConfigureAwait(false);
        return [.. Queries.Select((query, i) => Array.FindIndex(found[i], query.Relevant.Contains) is >= 0 and var rank ? 1.0 / (rank + 1) : 0)];
    }

    /// <summary>The names of the best documents of each query, best first; of equal ones the earlier document.</summary>
    public async Task<string[][]> FindAsync(TextEmbedder embedder, int depth)
    {
        float[][] documents = await embedder.EmbedAsync([.. Documents.Select(d => d.Value)]).ConfigureAwait(false);
        float[][] queries = await embedder.EmbedAsync([.. Queries.Select(q => q.Text)], queries: true).ConfigureAwait(false);
        string[][] result = new string[queries.Length][];
        Parallel.For(0, queries.Length, i =>
        {
            var best = new PriorityQueue<int, (float Score, int Order)>(depth + 1);   // the worst of the best first
            for (int d = 0; d < documents.Length; d++)
            {
                best.Enqueue(d, (TensorPrimitives.Dot<float>(queries[i], documents[d]), -d));
                if (best.Count > depth) best.Dequeue();
            }
            string[] names = new string[best.Count];
            for (int place = names.Length - 1; place >= 0; place--) names[place] = Documents[best.Dequeue()].Key;
            result[i] = names;
        });
        return result;
    }
}
