namespace LlmLab.Retrieval.Search;

/// <summary>
/// Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009), with a weight for each ranking: a passage's score is the sum of
/// weight ÷ (constant + rank), ranks from 1. It needs no scores that can be compared, only orders.
/// </summary>
/// <param name="Keywords">Weight of the ranking by words.</param>
/// <param name="Vectors">Weight of the ranking by meaning.</param>
/// <param name="Constant">How little the first ranks stand out; 60 in the paper.</param>
public sealed record RankFusion(double Keywords = 1, double Vectors = 1, double Constant = 60)
{
    /// <summary>Returns the fusion if its numbers lie in their ranges.</summary>
    /// <exception cref="InvalidInputException">One does not.</exception>
    public RankFusion Checked() => Keywords >= 0 && Vectors >= 0 && Keywords + Vectors > 0 && double.IsFinite(Keywords + Vectors) && Constant >= 0 && double.IsFinite(Constant)
        ? this
        : throw new InvalidInputException($"Weights of a fusion must be at least 0 and not both 0, and its constant at least 0; found {Keywords}, {Vectors} and {Constant}.");

    /// <summary>Joins two rankings, best first; equal scores keep the order of the ids.</summary>
    public IReadOnlyList<(string Id, double Score)> Fuse(IReadOnlyList<string> keywords, IReadOnlyList<string> vectors)
    {
        Checked();
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (ranking, weight) in (ReadOnlySpan<(IReadOnlyList<string>, double)>)[(keywords, Keywords), (vectors, Vectors)])
            for (int i = 0; i < ranking.Count && weight > 0; i++)
                scores[ranking[i]] = scores.GetValueOrDefault(ranking[i]) + weight / (Constant + i + 1);
        return [.. scores.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value))];
    }
}
