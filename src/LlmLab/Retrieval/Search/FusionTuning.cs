namespace LlmLab.Retrieval.Search;

/// <summary>Two rankings for one question and what is right, from a development set.</summary>
/// <param name="Keywords">Ids by words with their scores, best first.</param>
/// <param name="Vectors">Ids by meaning with their scores, best first.</param>
/// <param name="Relevant">Ids that answer.</param>
public sealed record TuningQuestion(IReadOnlyList<(string Id, double Score)> Keywords, IReadOnlyList<(string Id, double Score)> Vectors, IReadOnlyCollection<string> Relevant);

/// <summary>Sets the weights of a fusion on questions that are not used for anything else: a small grid, the best mean reciprocal rank.</summary>
public static class FusionTuning
{
    static readonly double[] shares = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];
    static readonly double[] constants = [1, 3, 10, 30, 60, 100];

    /// <summary>The fusion, by ranks or by scores, with the highest MRR@10 on the questions; of equal ones, that whose share of words lies nearest to one half.</summary>
    /// <exception cref="InvalidInputException">There are no questions.</exception>
    public static (RankFusion Fusion, double ReciprocalRank) Tune(IReadOnlyList<TuningQuestion> questions)
    {
        if (questions.Count == 0) throw new InvalidInputException("The weights of a fusion are set on questions with known answers: none was given.");
        return shares.SelectMany(share => constants.Select(constant => new RankFusion(share, 1 - share, constant)).Append(new RankFusion(share, 1 - share) { ByScore = true }))
            .Select(fusion => (Fusion: fusion, ReciprocalRank: questions.Average(question => ReciprocalRank(fusion.Fuse(question.Keywords, question.Vectors), question.Relevant))))
            .OrderByDescending(found => Math.Round(found.ReciprocalRank, 6)).ThenBy(found => found.Fusion.ByScore).ThenBy(found => Math.Abs(found.Fusion.Keywords - 0.5)).ThenByDescending(found => found.Fusion.Constant).First();
    }

    static double ReciprocalRank(IReadOnlyList<(string Id, double Score)> ranking, IReadOnlyCollection<string> relevant)
    {
        for (int i = 0; i < Math.Min(10, ranking.Count); i++)
            if (relevant.Contains(ranking[i].Id)) return 1.0 / (i + 1);
        return 0;
    }
}
