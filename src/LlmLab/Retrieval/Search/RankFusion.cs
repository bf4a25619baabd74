namespace LlmLab.Retrieval.Search;

/// <summary>
/// Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009), with a weight for each ranking: a passage's score is the sum of
/// weight ÷ (constant + rank), ranks from 1. It needs no scores that can be compared, only orders. <see cref="ByScore"/> keeps how far ahead
/// a passage is, which ranks forget: a convex combination of scores, each on a scale from 0 to 1 (Bruch, Gai and Ingber 2023).
/// </summary>
/// <param name="Keywords">Weight of the ranking by words.</param>
/// <param name="Vectors">Weight of the ranking by meaning.</param>
/// <param name="Constant">How little the first ranks stand out; 60 in the paper.</param>
public sealed record RankFusion(double Keywords = 1, double Vectors = 1, double Constant = 60)
{
    /// <summary>
    /// A passage's score is the weighted sum of its BM25 as a share of the question's highest and of its place between the farthest and the
    /// nearest vector that were found; the constant is not used.
    /// </summary>
    public bool ByScore { get; init; }

    /// <summary>Returns the fusion if its numbers lie in their ranges.</summary>
    /// <exception cref="InvalidInputException">One does not.</exception>
    public RankFusion Checked() => Keywords >= 0 && Vectors >= 0 && Keywords + Vectors > 0 && double.IsFinite(Keywords + Vectors) && Constant >= 0 && double.IsFinite(Constant)
        ? this
        : throw new InvalidInputException($"Weights of a fusion must be at least 0 and not both 0, and its constant at least 0; found {Keywords}, {Vectors} and {Constant}.");

    /// <summary>Joins two rankings with their scores, best first; equal scores keep the order of the ids.</summary>
    public IReadOnlyList<(string Id, double Score)> Fuse(IReadOnlyList<(string Id, double Score)> keywords, IReadOnlyList<(string Id, double Score)> vectors)
    {
        if (!ByScore) return Fuse([.. keywords.Select(found => found.Id)], [.. vectors.Select(found => found.Id)]);
        Checked();
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        Add(keywords, Keywords, 0);
        Add(vectors, Vectors, vectors.Count > 1 ? vectors.Min(found => found.Score) : 0);
        return Sorted(scores);

        void Add(IReadOnlyList<(string Id, double Score)> ranking, double weight, double low)
        {
            double range = ranking.Count == 0 ? 0 : ranking.Max(found => found.Score) - low;
            foreach (var (id, score) in ranking)
                if (weight > 0) scores[id] = scores.GetValueOrDefault(id) + weight * (range > 0 ? (score - low) / range : 1);
        }
    }

    /// <summary>Joins two rankings by rank, best first; equal scores keep the order of the ids.</summary>
    public IReadOnlyList<(string Id, double Score)> Fuse(IReadOnlyList<string> keywords, IReadOnlyList<string> vectors)
    {
        Checked();
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (ranking, weight) in (ReadOnlySpan<(IReadOnlyList<string>, double)>)[(keywords, Keywords), (vectors, Vectors)])
            for (int i = 0; i < ranking.Count && weight > 0; i++)
                scores[ranking[i]] = scores.GetValueOrDefault(ranking[i]) + weight / (Constant + i + 1);
        return Sorted(scores);
    }

    static IReadOnlyList<(string Id, double Score)> Sorted(Dictionary<string, double> scores) =>
        [.. scores.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value))];
}
