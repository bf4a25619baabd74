using System.Numerics.Tensors;
using System.Text.Json;
using LlmLab.Retrieval.Embeddings;
using Microsoft.Extensions.AI;

namespace LlmLab.Retrieval.Search;

/// <summary>
/// By what an index recognises the embedding model that filled it: its name, its dimensions, and its vector of one fixed sentence, since
/// two trainings may carry one name.
/// </summary>
sealed record EmbeddingMark(string Model, int Dimensions, float[] Probe)
{
    const string Sentence = "The budget of the project was approved on Monday.";

    // Machines and batch sizes round differently; other weights differ far more.
    const double SameCosine = 0.995;

    public static async Task<EmbeddingMark> OfAsync(IEmbeddingGenerator<string, Embedding<float>> generator, CancellationToken cancellationToken)
    {
        var embedding = await generator.GenerateAsync(Sentence, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new EmbeddingMark(EmbeddingModelInfo.Of(generator).Name, embedding.Vector.Length, embedding.Vector.ToArray());
    }

    public string ToJson() => JsonSerializer.Serialize(this);

    /// <exception cref="InvalidInputException">Another model filled the index.</exception>
    public void Check(string stored, string where)
    {
        var built = JsonSerializer.Deserialize<EmbeddingMark>(stored)!;
        if (built.Dimensions != Dimensions)
            throw new InvalidInputException($"The index in {where} holds vectors of {built.Dimensions} dimensions by {built.Model}, but {Model} makes {Dimensions}: search with {built.Model}, or build the index again.");
        if (built.Model != Model || TensorPrimitives.CosineSimilarity(built.Probe, Probe) < SameCosine)
            throw new InvalidInputException($"The index in {where} was filled by {built.Model}, and {Model} {(built.Model == Model ? "now gives other vectors (it was trained again)" : "is another model")}: search with the one that filled it, or build the index again.");
    }
}
