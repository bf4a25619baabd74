namespace LlmLab.Retrieval.Reading;

/// <summary>A threshold of refusal and what it does on the questions that it was set on.</summary>
/// <param name="Threshold">Log-odds above which a reader refuses.</param>
/// <param name="Refused">Share of unanswerable questions refused.</param>
/// <param name="FalselyRefused">Share of answerable questions refused.</param>
public sealed record RefusalThreshold(double Threshold, double Refused, double FalselyRefused);

/// <summary>Sets the log-odds from which a reader says that it does not know. Use the validation split's questions, never those that are reported.</summary>
public static class RefusalCalibration
{
    /// <summary>
    /// The threshold at which the two errors, each as a multiple of what is allowed, are as small as they can be together: the larger
    /// multiple counts. It lies in the middle between two neighbouring log-odds.
    /// </summary>
    /// <param name="results">Results on questions with and without answers; the threshold that they were made with does not matter.</param>
    /// <param name="mostAnswered">Share of unanswerable questions that may be answered.</param>
    /// <param name="mostRefused">Share of answerable questions that may be refused.</param>
    /// <exception cref="InvalidInputException">One of the two sorts of questions is missing.</exception>
    public static RefusalThreshold Calibrate(IReadOnlyList<ReadingResult> results, double mostAnswered = 0.05, double mostRefused = 0.03) => Calibrate(
        results.Where(r => r.Question.Answer is not null).Select(r => r.Answer.RefusalLogOdds),
        results.Where(r => r.Question.Answer is null).Select(r => r.Answer.RefusalLogOdds), mostAnswered, mostRefused);

    /// <summary>The same for any score that is higher where there is less of an answer, such as a search's similarity with its sign turned.</summary>
    /// <param name="withAnswer">Scores of questions that have an answer.</param>
    /// <param name="withoutAnswer">Scores of questions that have none.</param>
    /// <param name="mostAnswered">Share of unanswerable questions that may be answered.</param>
    /// <param name="mostRefused">Share of answerable questions that may be refused.</param>
    /// <exception cref="InvalidInputException">One of the two sorts of questions is missing.</exception>
    public static RefusalThreshold Calibrate(IEnumerable<double> withAnswer, IEnumerable<double> withoutAnswer, double mostAnswered = 0.05, double mostRefused = 0.03)
    {
        double[] answerable = [.. withAnswer.Order()], unanswerable = [.. withoutAnswer.Order()];
        if (answerable.Length == 0 || unanswerable.Length == 0)
            throw new InvalidInputException($"Calibrating refusal needs questions with an answer ({answerable.Length} given) and without one ({unanswerable.Length} given).");
        double[] all = [.. answerable.Concat(unanswerable).Order()];
        RefusalThreshold? best = null;
        double least = double.PositiveInfinity;
        int refusedFrom = 0, falseFrom = 0;
        for (int i = 0; i <= all.Length; i++)
        {
            // Below the first, between neighbours, above the last.
            double threshold = i == 0 ? all[0] - 1 : i == all.Length ? all[^1] + 1 : (all[i - 1] + all[i]) / 2;
            while (refusedFrom < unanswerable.Length && unanswerable[refusedFrom] <= threshold) refusedFrom++;
            while (falseFrom < answerable.Length && answerable[falseFrom] <= threshold) falseFrom++;
            double answered = (double)refusedFrom / unanswerable.Length, refused = 1 - (double)falseFrom / answerable.Length;
            double worst = Math.Max(answered / mostAnswered, refused / mostRefused);
            if (worst < least) (least, best) = (worst, new RefusalThreshold(threshold, 1 - answered, refused));
        }
        return best!;
    }
}
