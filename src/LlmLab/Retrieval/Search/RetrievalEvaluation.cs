using System.Globalization;
using LlmLab.Charts;
using LlmLab.Evaluation.Ranking;
using LlmLab.Evaluation.Reports;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Retrieval.Search;

/// <summary>A question with what answers it.</summary>
/// <param name="Id">Unique in its set.</param>
/// <param name="Text">The question.</param>
/// <param name="Relevant">Ids of the passages that answer.</param>
/// <param name="Filter">What its asker may read.</param>
public sealed record RetrievalQuestion(string Id, string Text, IReadOnlyCollection<string> Relevant, SearchFilter Filter);

/// <summary>How well a system of search finds what answers, each figure with its bootstrap interval over the questions.</summary>
/// <param name="System">The system's name.</param>
/// <param name="ReciprocalRank">MRR@10: the mean of 1 ÷ rank of the first passage that answers, 0 where it is not among ten.</param>
/// <param name="Gain">NDCG@10.</param>
/// <param name="Recall">By k: the mean share of the passages that answer among the first k.</param>
/// <param name="ByQuestion">The reciprocal rank of each question, in order.</param>
public sealed record RetrievalScores(string System, Estimate ReciprocalRank, Estimate Gain, IReadOnlyDictionary<int, Estimate> Recall, IReadOnlyList<double> ByQuestion)
{
    /// <summary>The figures by the names that an objective's targets use.</summary>
    public IReadOnlyDictionary<string, Estimate> Measured =>
        new Dictionary<string, Estimate>(Recall.Select(recall => KeyValuePair.Create($"recall_at_{recall.Key}", recall.Value)), StringComparer.Ordinal) { ["mrr_at_10"] = ReciprocalRank, ["ndcg_at_10"] = Gain };

    /// <summary>Whether a metric of an objective judges a search, not a model.</summary>
    public static bool Judges(string metric) => metric is "mrr_at_10" or "ndcg_at_10" || RetrievalEvaluation.Cutoffs.Any(k => metric == $"recall_at_{k}");

    /// <summary>A row of a table: "0.953 [0.941, 0.964]".</summary>
    public object Row => new { System, MRR10 = ReciprocalRank.Interval, NDCG10 = Gain.Interval, Recall1 = Recall[1].Interval, Recall10 = Recall[10].Interval, Questions = ByQuestion.Count };

}

/// <summary>The difference of two systems on the same questions.</summary>
/// <param name="First">One.</param>
/// <param name="Second">The other.</param>
/// <param name="Difference">MRR@10 of the first minus that of the second, by paired bootstrap; where 0 lies in the interval, no difference is shown.</param>
public sealed record RetrievalComparison(string First, string Second, Estimate Difference)
{
    /// <summary>Whether the first is better beyond chance, at 95 %.</summary>
    public bool IsBetter => Difference.Low > 0;
    /// <summary>Whether the first is worse beyond chance, at 95 %.</summary>
    public bool IsWorse => Difference.High < 0;
}

/// <summary>Measures searches by questions with known answers.</summary>
public static class RetrievalEvaluation
{
    /// <summary>The ranks up to which recall is counted.</summary>
    public static IReadOnlyList<int> Cutoffs { get; } = [1, 3, 5, 10, 20, 50];

    /// <summary>Asks every question and scores what is found.</summary>
    /// <param name="system">What tables call it.</param>
    /// <param name="questions">Questions with at least one passage that answers each.</param>
    /// <param name="search">The ids that a system finds for a question, best first; called from several threads.</param>
    /// <param name="resamples">Draws of the bootstrap.</param>
    public static async Task<RetrievalScores> ScoreAsync(string system, IReadOnlyList<RetrievalQuestion> questions, Func<RetrievalQuestion, Task<IReadOnlyList<string>>> search, int resamples = 1000)
    {
        if (questions.Count == 0) throw new InvalidInputException($"{system} cannot be scored without questions.");
        var (ranks, gains) = (new double[questions.Count], new double[questions.Count]);
        var recalls = Cutoffs.ToDictionary(k => k, _ => new double[questions.Count]);
        if (questions.FirstOrDefault(question => question.Relevant.Count == 0) is { } without)
            throw new InvalidInputException($"Question {without.Id} has no passage that answers: leave it out of a retrieval evaluation.");
        await EachAsync(questions, system, async (question, i) =>
        {
            var found = await search(question).ConfigureAwait(false);
            var relevance = new RankedRelevance(found.Select((id, rank) => (id, rank)).ToDictionary(hit => hit.id, hit => -(double)hit.rank), question.Relevant.ToDictionary(id => id, _ => 1));
            double rank = relevance.ReciprocalRank();
            ranks[i] = rank >= 0.1 - 1e-12 ? rank : 0;
            gains[i] = relevance.NormalizedGain(10);
            foreach (int k in Cutoffs) recalls[k][i] = relevance.Recall(k);
        }).ConfigureAwait(false);
        return new RetrievalScores(system, Bootstrap.OfMean(ranks, resamples: resamples), Bootstrap.OfMean(gains, resamples: resamples),
            recalls.ToDictionary(recall => recall.Key, recall => Bootstrap.OfMean(recall.Value, resamples: resamples)), ranks);
    }

    /// <summary>The same by an index.</summary>
    public static async Task<RetrievalScores> ScoreAsync(string system, PassageIndex index, IReadOnlyList<RetrievalQuestion> questions, SearchOptions options)
    {
        var vectors = await VectorsAsync(index, questions, options.Mode).ConfigureAwait(false);
        return await ScoreAsync(system, questions, async question =>
            [.. (await index.SearchAsync(question.Text, vectors[question.Id], options with { Filter = question.Filter, Most = Math.Max(options.Most, 50) }).ConfigureAwait(false)).Select(found => found.Passage.Id)]).ConfigureAwait(false);
    }

    static async Task<Dictionary<string, ReadOnlyMemory<float>?>> VectorsAsync(PassageIndex index, IReadOnlyList<RetrievalQuestion> questions, SearchMode mode)
    {
        var vectors = mode == SearchMode.Keywords ? null : await index.EmbedAsync(questions.Select(question => question.Text)).ConfigureAwait(false);
        return questions.Select((question, i) => (question.Id, Vector: vectors?[i])).ToDictionary(question => question.Id, question => question.Vector, StringComparer.Ordinal);
    }

    static async Task EachAsync(IReadOnlyList<RetrievalQuestion> questions, string? system, Func<RetrievalQuestion, int, Task> ask)
    {
        int done = 0;
        var operation = Operation.Current;
        await Parallel.ForAsync(0, questions.Count, operation.CancellationToken, async (i, _) =>
        {
            await ask(questions[i], i).ConfigureAwait(false);
            operation.Report("searching", Interlocked.Increment(ref done), questions.Count, "questions", system);
        }).ConfigureAwait(false);
    }

    /// <summary>Both rankings for each question, for <see cref="FusionTuning"/>.</summary>
    public static async Task<IReadOnlyList<TuningQuestion>> RankingsAsync(PassageIndex index, IReadOnlyList<RetrievalQuestion> questions, int depth = 100)
    {
        var rankings = new TuningQuestion[questions.Count];
        var vectors = await VectorsAsync(index, questions, SearchMode.Hybrid).ConfigureAwait(false);
        await EachAsync(questions, null, async (question, i) =>
        {
            async Task<IReadOnlyList<(string Id, double Score)>> By(SearchMode mode) =>
                [.. (await index.SearchAsync(question.Text, vectors[question.Id], new SearchOptions { Mode = mode, Most = depth, Filter = question.Filter }).ConfigureAwait(false)).Select(found => (found.Passage.Id, found.Score))];
            rankings[i] = new TuningQuestion(await By(SearchMode.Keywords).ConfigureAwait(false), await By(SearchMode.Vectors).ConfigureAwait(false), question.Relevant);
        }).ConfigureAwait(false);
        return rankings;
    }

    /// <summary>Paired bootstrap of the difference in MRR@10: the same questions are drawn for both systems.</summary>
    /// <exception cref="InvalidInputException">They did not answer the same number of questions.</exception>
    public static RetrievalComparison Compare(RetrievalScores first, RetrievalScores second, int resamples = 2000)
    {
        if (first.ByQuestion.Count != second.ByQuestion.Count) throw new InvalidInputException($"{first.System} answered {first.ByQuestion.Count} questions and {second.System} {second.ByQuestion.Count}: compare them on the same.");
        return new RetrievalComparison(first.System, second.System, Bootstrap.OfMean([.. first.ByQuestion.Zip(second.ByQuestion, (one, other) => one - other)], resamples: resamples));
    }

    /// <summary>Bars of MRR@10 and NDCG@10 with their intervals.</summary>
    public static Chart Chart(string title, IReadOnlyList<RetrievalScores> systems)
    {
        Series Bars(string name, Func<RetrievalScores, Estimate> figure) => ChartIntervals.Series(name, [.. systems.Select(figure)]) with { Mark = Mark.Bars };
        return new Chart(title) { Categories = [.. systems.Select(system => system.System)], YLabel = "mean over questions", YRange = (0, 1), Series = [Bars("MRR@10", s => s.ReciprocalRank), Bars("NDCG@10", s => s.Gain)] };
    }
}
