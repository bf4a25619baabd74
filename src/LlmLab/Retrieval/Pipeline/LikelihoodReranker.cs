using LlmLab.Evaluation.Harness;
using LlmLab.Retrieval.Search;

namespace LlmLab.Retrieval.Pipeline;

/// <summary>
/// Ranks passages anew by how likely a language model finds the question after reading each (query likelihood, Ponte and Croft 1998; with
/// language models: Sachan et al., "Improving passage retrieval with zero-shot question generation", 2022).
/// </summary>
/// <param name="model">Any evaluated model.</param>
/// <param name="weight">Weight of the likelihood's ranking against the search's own, 0 to 1.</param>
public sealed class LikelihoodReranker(IEvaluatedModel model, double weight = 0.5)
{
    readonly RankFusion fusion = weight is >= 0 and <= 1 ? new RankFusion(1 - weight, weight, 10) : throw new InvalidInputException($"The weight of a reranking must lie between 0 and 1, found {weight}.");

    /// <summary>The same passages in their new order; their scores are those of the fusion.</summary>
    public IReadOnlyList<FoundPassage> Rerank(string question, IReadOnlyList<FoundPassage> found)
    {
        if (found.Count < 2) return found;
        var likelihoods = model.LogLikelihoods([.. found.Select(one => new LogLikelihoodRequest(one.Passage.Text + "\n", question))]);
        string[] before = [.. found.Select(one => one.Passage.Id)];
        // Per token, so that what a tokenizer makes of the question's length plays no part; equal ones keep the search's order.
        string[] byLikelihood = [.. Enumerable.Range(0, found.Count).OrderByDescending(i => likelihoods[i].Nats / Math.Max(1, likelihoods[i].TokenCount)).ThenBy(i => i).Select(i => before[i])];
        var byId = found.ToDictionary(one => one.Passage.Id, StringComparer.Ordinal);
        return [.. fusion.Fuse(before, byLikelihood).Select(one => byId[one.Id] with { Score = one.Score })];
    }
}
