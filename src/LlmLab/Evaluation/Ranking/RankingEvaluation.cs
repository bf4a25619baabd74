namespace LlmLab.Evaluation.Ranking;

/// <summary>Settings of <see cref="RankingEvaluation"/>, after trec_eval's options.</summary>
/// <param name="RelevanceLevel">The lowest grade that counts as relevant (-l).</param>
/// <param name="AllJudgedQueries">Average over all judged queries; those for which nothing was found count 0 (-c).</param>
/// <param name="MostDocuments">Only so many of the best documents of a query are looked at (-M).</param>
public sealed record RankingOptions(int RelevanceLevel = 1, bool AllJudgedQueries = false, int MostDocuments = int.MaxValue);

/// <summary>
/// All measures of a run, by trec_eval's names ("map", "ndcg_cut_10", "recip_rank" …), for each query and on average.
/// </summary>
public sealed class RankingEvaluation
{
    static readonly int[] cutoffs = [1, 3, 5, 10, 15, 20, 30, 100, 200, 500, 1000];
    static readonly HashSet<string> counts = ["num_ret", "num_rel", "num_rel_ret"];

    RankingEvaluation(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> byQuery, IReadOnlyDictionary<string, double> all)
    {
        ByQuery = byQuery;
        All = all;
    }

    /// <summary>The measures of each query that counts.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> ByQuery { get; }

    /// <summary>Means over the queries; "num_…" are sums, "gm_map" is a geometric mean.</summary>
    public IReadOnlyDictionary<string, double> All { get; }

    /// <summary>Evaluates a run. Queries without judgments are left out.</summary>
    /// <exception cref="InvalidInputException">No query of the run is judged.</exception>
    public static RankingEvaluation Of(RelevanceJudgments judgments, RankedRun run, RankingOptions? options = null)
    {
        options ??= new();
        var byQuery = new SortedDictionary<string, IReadOnlyDictionary<string, double>>(StringComparer.Ordinal);
        var none = new Dictionary<string, double>();
        foreach (var (query, grades) in judgments.ByQuery)
            if (run.ByQuery.TryGetValue(query, out var found)) byQuery.Add(query, Measures(new(found, grades, options.RelevanceLevel, options.MostDocuments)));
            else if (options.AllJudgedQueries) byQuery.Add(query, Measures(new(none, grades, options.RelevanceLevel)));
        if (byQuery.Count == 0)
            throw new InvalidInputException($"None of the run's {run.ByQuery.Count} queries is among the {judgments.ByQuery.Count} judged ones; check that both files name queries in the same way.");
        var all = new SortedDictionary<string, double>(StringComparer.Ordinal) { ["num_q"] = byQuery.Count };
        foreach (var name in byQuery.Values.First().Keys)
            all[name] = counts.Contains(name) ? byQuery.Values.Sum(measures => measures[name]) : byQuery.Values.Average(measures => measures[name]);
        all["gm_map"] = Math.Exp(byQuery.Values.Average(measures => Math.Log(Math.Max(measures["map"], 0.00001))));
        return new(byQuery, all);
    }

    /// <summary>All measures of one query by trec_eval's names.</summary>
    public static IReadOnlyDictionary<string, double> Measures(RankedRelevance ranked)
    {
        var measures = new Dictionary<string, double>
        {
            ["num_ret"] = ranked.FoundCount,
            ["num_rel"] = ranked.RelevantCount,
            ["num_rel_ret"] = ranked.RelevantFound,
            ["map"] = ranked.AveragePrecision(),
            ["Rprec"] = ranked.RPrecision(),
            ["bpref"] = ranked.BinaryPreference(),
            ["recip_rank"] = ranked.ReciprocalRank(),
            ["infAP"] = ranked.InferredAveragePrecision(),
            ["11pt_avg"] = ranked.ElevenPointAverage(),
            ["ndcg"] = ranked.NormalizedGain(),
            ["Rndcg"] = ranked.NormalizedGainAtLevels(),
            ["rbp"] = ranked.RankBiasedPrecision(),
            ["set_P"] = ranked.SetPrecision(),
            ["set_recall"] = ranked.SetRecall(),
            ["set_F"] = ranked.SetF1(),
        };
        for (var tenth = 0; tenth <= 10; tenth++) measures[$"iprec_at_recall_{tenth / 10}.{tenth % 10}0"] = ranked.InterpolatedPrecision(tenth / 10.0);
        foreach (var cutoff in cutoffs)
        {
            measures[$"P_{cutoff}"] = ranked.Precision(cutoff);
            measures[$"recall_{cutoff}"] = ranked.Recall(cutoff);
            measures[$"ndcg_cut_{cutoff}"] = ranked.NormalizedGain(cutoff);
            measures[$"map_cut_{cutoff}"] = ranked.AveragePrecision(cutoff);
            measures[$"success_{cutoff}"] = ranked.Success(cutoff);
        }
        return measures;
    }
}
