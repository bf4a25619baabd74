using System.Numerics.Tensors;
using LlmLab.Evaluation.Fluency;
using LlmLab.Evaluation.Statistics;
using LlmLab.Text;
using Microsoft.Extensions.AI;

namespace LlmLab.Evaluation.Coherence;

/// <summary>
/// How alike neighbouring sentences are (P. Foltz et al., "The measurement of textual coherence with latent semantic analysis", 1998). A text
/// that stays with its topic scores high, and so does one that repeats itself: read it beside the sentences that are no neighbours, and beside
/// repetition.
/// </summary>
/// <param name="Neighbours">Mean cosine of neighbouring sentences, averaged over texts.</param>
/// <param name="Others">The same for sentences of one text that are no neighbours; NaN where no text has three sentences.</param>
/// <param name="ByText">The mean of neighbours in each text; NaN for a text of fewer than two sentences with words.</param>
/// <param name="Skipped">Texts of fewer than two sentences with words.</param>
public sealed record SentenceSimilarity(Estimate Neighbours, double Others, IReadOnlyList<double> ByText, int Skipped)
{
    /// <summary>Measures texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="embeddings">What turns sentences into vectors; null: <see cref="HashedNgramEmbeddings"/>, which sees shared words only.</param>
    /// <exception cref="InvalidInputException">No text has two sentences with words.</exception>
    public static async Task<SentenceSimilarity> OfAsync(IReadOnlyList<string> texts, IEmbeddingGenerator<string, Embedding<float>>? embeddings = null)
    {
        using var own = embeddings is null ? new HashedNgramEmbeddings() : null;
        var splitter = new SentenceSplitter();
        var (neighbours, others) = (new double[texts.Count], new List<double>());
        for (var i = 0; i < texts.Count; i++)
        {
            neighbours[i] = double.NaN;
            var sentences = splitter.Split(texts[i]);
            if (sentences.Count < 2) continue;
            var generated = await (embeddings ?? own!).GenerateAsync(sentences, cancellationToken: Operation.Current.CancellationToken).ConfigureAwait(false);
            ReadOnlyMemory<float>[] vectors = [.. generated.Select(one => one.Vector).Where(vector => TensorPrimitives.Norm(vector.Span) > 0)];
            if (vectors.Length < 2) continue;
            neighbours[i] = Enumerable.Range(1, vectors.Length - 1).Average(j => Cosine(vectors[j - 1], vectors[j]));
            if (vectors.Length > 2)
                others.Add(Enumerable.Range(0, vectors.Length).SelectMany(a => Enumerable.Range(a + 2, Math.Max(0, vectors.Length - a - 2)).Select(b => Cosine(vectors[a], vectors[b]))).Average());
        }
        double[] measured = [.. neighbours.Where(value => !double.IsNaN(value))];
        if (measured.Length == 0) throw new InvalidInputException($"None of the {texts.Count} texts has two sentences with words; similarity of neighbours needs them.");
        return new(Estimate.OfMean(measured), others.Count > 0 ? others.Average() : double.NaN, neighbours, texts.Count - measured.Length);
    }

    static double Cosine(ReadOnlyMemory<float> x, ReadOnlyMemory<float> y) => TensorPrimitives.CosineSimilarity(x.Span, y.Span);
}
