using System.Numerics.Tensors;
using LlmLab.Retrieval.Embeddings;
using Microsoft.Extensions.AI;

namespace LlmLab.Prompts;

/// <summary>An example of a task with its solution, for a prompt.</summary>
/// <param name="Input">What is asked.</param>
/// <param name="Output">What a good answer is.</param>
public sealed record PromptExample(string Input, string Output);

/// <summary>
/// Chooses the examples of a prompt that are most like the case at hand (Liu et al., "What makes good in-context examples for GPT-3?",
/// 2022), by the cosine of their embeddings.
/// </summary>
public sealed class FewShotSelector
{
    readonly IEmbeddingGenerator<string, Embedding<float>> generator;
    readonly IReadOnlyList<PromptExample> examples;
    readonly float[][] vectors;

    FewShotSelector(IEmbeddingGenerator<string, Embedding<float>> generator, IReadOnlyList<PromptExample> examples, float[][] vectors) =>
        (this.generator, this.examples, this.vectors) = (generator, examples, vectors);

    /// <summary>Embeds the examples, once.</summary>
    /// <exception cref="InvalidInputException">There are none.</exception>
    public static async Task<FewShotSelector> CreateAsync(IEmbeddingGenerator<string, Embedding<float>> generator, IReadOnlyList<PromptExample> examples, CancellationToken cancellationToken = default)
    {
        if (examples.Count == 0) throw new InvalidInputException("There are no examples to choose from: give at least one.");
        var made = await generator.GenerateAsync(examples.Select(example => example.Input), EmbeddingRole.Query, cancellationToken).ConfigureAwait(false);
        return new FewShotSelector(generator, examples, [.. made.Select(embedding => embedding.Vector.ToArray())]);
    }

    /// <summary>The examples most like an input, the most similar last: nearest to the question that follows them. The input itself is never among them.</summary>
    public async Task<IReadOnlyList<PromptExample>> SelectAsync(string input, int count, CancellationToken cancellationToken = default)
    {
        if (count < 0) throw new InvalidInputException($"The number of examples must be at least 0, found {count}.");
        var vector = (await generator.GenerateAsync(input, EmbeddingRole.Query, cancellationToken).ConfigureAwait(false)).Vector.ToArray();
        return [.. Enumerable.Range(0, examples.Count).Where(i => examples[i].Input != input)
            .OrderByDescending(i => Similarity(vector, vectors[i])).ThenBy(i => i).Take(count).Reverse().Select(i => examples[i])];
    }

    // A vector of zeros (no known word) is like nothing.
    static float Similarity(float[] one, float[] other) => TensorPrimitives.CosineSimilarity(one, other) is var cosine && float.IsNaN(cosine) ? -1 : cosine;
}
