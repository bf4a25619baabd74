namespace LlmLab.Evaluation.Ranking;

/// <summary>
/// The relevance of what was found for one query, in order, and the measures computed from it. Definitions are those of trec_eval 10
/// (C. Buckley, I. Soboroff, NIST): documents that were not judged count as not relevant, except where a measure skips them.
/// </summary>
public sealed class RankedRelevance
{
    const int NotJudged = int.MinValue;

    readonly int[] grades; // of the documents found, in order; NotJudged where there is no judgment
    readonly int[] idealGrades; // of all judged documents, falling
    readonly int level;
    readonly int judgedNotRelevant;

    /// <summary>Orders what was found and looks up its grades.</summary>
    /// <param name="found">The documents found with their scores.</param>
    /// <param name="judgments">The grades of the judged documents.</param>
    /// <param name="relevanceLevel">The lowest grade that counts as relevant (trec_eval's -l).</param>
    /// <param name="mostDocuments">Only so many of the best documents are looked at (-M).</param>
    public RankedRelevance(IReadOnlyDictionary<string, double> found, IReadOnlyDictionary<string, int> judgments, int relevanceLevel = 1, int mostDocuments = int.MaxValue)
    {
        level = relevanceLevel;
        grades = [.. RankedRun.Ordered(found).Take(mostDocuments).Select(entry => judgments.TryGetValue(entry.Key, out var grade) ? grade : NotJudged)];
        idealGrades = [.. judgments.Values.Where(grade => grade >= 0).OrderDescending()];
        RelevantCount = idealGrades.Count(grade => grade >= level);
        judgedNotRelevant = idealGrades.Length - RelevantCount;
        RelevantFound = grades.Count(IsRelevant);
    }

    /// <summary>Documents found.</summary>
    public int FoundCount => grades.Length;

    /// <summary>Relevant documents there are.</summary>
    public int RelevantCount { get; }

    /// <summary>Relevant documents found.</summary>
    public int RelevantFound { get; }

    /// <summary>The mean precision at each relevant document, 0 for those not found; of the first <paramref name="cutoff"/> documents. Its mean over queries is MAP.</summary>
    public double AveragePrecision(int cutoff = int.MaxValue)
    {
        var (sum, relevant) = (0.0, 0);
        for (var i = 0; i < Math.Min(cutoff, grades.Length); i++)
            if (IsRelevant(grades[i])) sum += (double)++relevant / (i + 1);
        return Share(sum, RelevantCount);
    }

    /// <summary>One over the rank of the first relevant document, 0 if none was found. Its mean over queries is MRR.</summary>
    public double ReciprocalRank() => Array.FindIndex(grades, IsRelevant) is >= 0 and var first ? 1.0 / (first + 1) : 0;

    /// <summary>The share of relevant documents among the first <paramref name="cutoff"/>; what is missing counts as not relevant.</summary>
    public double Precision(int cutoff) => (double)RelevantAmong(cutoff) / cutoff;

    /// <summary>The share of the relevant documents that is among the first <paramref name="cutoff"/>.</summary>
    public double Recall(int cutoff) => Share(RelevantAmong(cutoff), RelevantCount);

    /// <summary>1 if a relevant document is among the first <paramref name="cutoff"/>, else 0.</summary>
    public double Success(int cutoff) => RelevantAmong(cutoff) > 0 ? 1 : 0;

    /// <summary>Precision after as many documents as there are relevant ones.</summary>
    public double RPrecision() => RelevantCount == 0 ? 0 : Precision(RelevantCount);

    /// <summary>Precision of everything that was found.</summary>
    public double SetPrecision() => Share(RelevantFound, FoundCount);

    /// <summary>Recall of everything that was found.</summary>
    public double SetRecall() => Share(RelevantFound, RelevantCount);

    /// <summary>The harmonic mean of the two.</summary>
    public double SetF1() => Share(2.0 * RelevantFound, FoundCount + RelevantCount);

    /// <summary>
    /// How rarely judged non-relevant documents stand before relevant ones; documents without judgment do not matter (C. Buckley and
    /// E. Voorhees, "Retrieval evaluation with incomplete information", 2004).
    /// </summary>
    public double BinaryPreference()
    {
        var (sum, before) = (0.0, 0);
        foreach (var grade in grades)
            if (IsRelevant(grade)) sum += before == 0 ? 1 : 1 - Math.Min(before, RelevantCount) / (double)Math.Min(judgedNotRelevant, RelevantCount);
            else if (grade >= 0) before++;
        return Share(sum, RelevantCount);
    }

    /// <summary>Average precision estimated from judgments of a sample (E. Yilmaz and J. Aslam, "Estimating average precision with incomplete and imperfect judgments", 2006).</summary>
    public double InferredAveragePrecision()
    {
        const double Epsilon = 0.00001;
        var (sum, relevant, notRelevant, pooled) = (0.0, 0, 0, 0);
        for (var i = 0; i < grades.Length; i++)
        {
            if (grades[i] == NotJudged) continue;
            if (grades[i] < 0) pooled++;
            else if (grades[i] < level) notRelevant++;
            else
            {
                relevant++;
                sum += i == 0 ? 1 : (1 + (relevant - 1 + notRelevant + pooled) * ((relevant - 1 + Epsilon) / (relevant - 1 + notRelevant + 2 * Epsilon))) / (i + 1);
            }
        }
        return Share(sum, RelevantCount);
    }

    /// <summary>The best precision at this recall or a higher one.</summary>
    /// <param name="recall">0 to 1; rounded to a whole number of documents.</param>
    public double InterpolatedPrecision(double recall)
    {
        var needed = (int)Math.Round(recall * RelevantCount, MidpointRounding.AwayFromZero);
        if (needed > RelevantFound) return 0;
        var (best, relevant) = (0.0, RelevantFound);
        for (var i = grades.Length; i > 0 && relevant > 0 && relevant >= needed; i--)
        {
            best = Math.Max(best, (double)relevant / i);
            if (IsRelevant(grades[i - 1])) relevant--;
        }
        return best;
    }

    /// <summary>The mean of interpolated precision at recall 0, 0.1, … 1.</summary>
    public double ElevenPointAverage() => Enumerable.Range(0, 11).Average(tenth => InterpolatedPrecision(tenth / 10.0));

    /// <summary>
    /// NDCG: the sum of grades, each divided by log₂(rank + 1), as a share of what the best order has (K. Järvelin and J. Kekäläinen, 2002);
    /// of the first <paramref name="cutoff"/> documents. Grades below the relevance level count too.
    /// </summary>
    public double NormalizedGain(int cutoff = int.MaxValue) => Share(Gain(grades, cutoff), Gain(idealGrades, cutoff));

    /// <summary>NDCG averaged over the ranks at which the ideal grade changes: trec_eval's Rndcg.</summary>
    public double NormalizedGainAtLevels()
    {
        if (RelevantCount == 0) return 0;
        var ranks = idealGrades.Where(grade => grade > 0).GroupBy(grade => grade).Aggregate(new List<int> { 0 }, (ends, group) => [.. ends, ends[^1] + group.Count()]);
        double[] values = [.. ranks.Skip(1).Select(NormalizedGain)];
        return FoundCount > ranks[^1] + 1 ? values.Append(NormalizedGain()).Average() : values.DefaultIfEmpty(0).Average();
    }

    /// <summary>
    /// Rank-biased precision: a reader goes on to the next document with this probability (A. Moffat and J. Zobel, 2008). Grades above 1
    /// are scaled to 1.
    /// </summary>
    public double RankBiasedPrecision(double persistence = 0.9)
    {
        var highest = Math.Max(1, idealGrades.FirstOrDefault());
        var (sum, weight) = (0.0, 1.0);
        foreach (var grade in grades)
        {
            sum += Math.Max(0, grade) * weight / highest;
            weight *= persistence;
        }
        return (1 - persistence) * sum;
    }

    static double Gain(int[] grades, int cutoff)
    {
        var sum = 0.0;
        for (var i = 0; i < Math.Min(cutoff, grades.Length); i++)
            if (grades[i] > 0) sum += grades[i] / Math.Log2(i + 2);
        return sum;
    }

    static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;

    bool IsRelevant(int grade) => grade >= level;

    int RelevantAmong(int cutoff) => grades.Take(cutoff).Count(IsRelevant);
}
