using LlmLab.Data.Company;
using LlmLab.Training.Tasks;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>Question–passage pairs of the example company, for contrastive learning.</summary>
public static class CompanyPairs
{
    /// <summary>
    /// The answerable questions of one part of the data with the passages that answer them. Questions about one project are a family: its
    /// other facts are the hard negatives, and facts of the same kind meet by chance, since there are only some fifty kinds.
    /// </summary>
    /// <param name="seed">The company's seed.</param>
    /// <param name="bytes">The company's size.</param>
    /// <param name="split">The part; a model that will be tested learns from <see cref="CompanySplit.Train"/> alone.</param>
    public static IReadOnlyList<ContrastiveExample> Of(ulong seed, long bytes, CompanySplit split = CompanySplit.Train) =>
    [
        .. CompanyGenerator.Generate(seed, bytes).Where(part => part.Split == split)
            .SelectMany(part => part.Questions.Where(q => q.Passages.Count > 0).Select(q => new ContrastiveExample(q.Question, [.. q.Passages.Select(p => p.Text).Distinct(StringComparer.Ordinal)], part.Project))),
    ];
}
