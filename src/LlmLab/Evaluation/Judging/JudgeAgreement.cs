using LlmLab.Evaluation.Classification;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Evaluation.Judging;

/// <summary>How far a judge agrees with people.</summary>
/// <param name="Accuracy">Share of items on which it gives the people's label; a reply without a verdict counts as wrong.</param>
/// <param name="Kappa">Cohen's κ of the items with a verdict: agreement beyond chance; NaN where chance alone agrees always.</param>
/// <param name="Spearman">Rank correlation of the items with a verdict; undefined where one side is constant.</param>
/// <param name="Consistency">Share of pairs on which both orders gave the same verdict; null for grades.</param>
/// <param name="Unparsed">Items whose reply had no verdict.</param>
public sealed record JudgeAgreement(Estimate Accuracy, double Kappa, SignificanceResult Spearman, double? Consistency, int Unparsed)
{
    /// <summary>Compares preferences with people's.</summary>
    /// <param name="verdicts">The judge's.</param>
    /// <param name="labels">What people prefer: first, second or tie.</param>
    /// <exception cref="InvalidInputException">The counts differ, there are none, or a label is no preference.</exception>
    public static JudgeAgreement Of(IReadOnlyList<PairwiseVerdict> verdicts, IReadOnlyList<Preference> labels)
    {
        if (labels.Contains(Preference.Unparsed)) throw new InvalidInputException("A person's label is \"unparsed\"; people's labels are first, second or tie.");
        // In the order worse, equal, better for the first answer, so that ranks mean something.
        static int? Class(Preference preference) => preference switch { Preference.Second => 0, Preference.Tie => 1, Preference.First => 2, _ => null };
        return Of([.. verdicts.Select(one => Class(one.Preference))], [.. labels.Select(one => Class(one)!.Value)],
            verdicts.Count == 0 ? null : verdicts.Average(one => one.IsConsistent ? 1.0 : 0));
    }

    /// <summary>Compares grades with people's.</summary>
    /// <param name="grades">The judge's.</param>
    /// <param name="labels">People's, from 1.</param>
    /// <exception cref="InvalidInputException">The counts differ, there are none, or a label is below 1.</exception>
    public static JudgeAgreement Of(IReadOnlyList<RubricGrade> grades, IReadOnlyList<int> labels) => Of([.. grades.Select(one => one.Score - 1)], [.. labels.Select(one => one - 1)], null);

    static JudgeAgreement Of(int?[] judged, int[] labels, double? consistency)
    {
        if (judged.Length != labels.Length || labels.Length == 0) throw new InvalidInputException($"There are {judged.Length} verdicts and {labels.Length} people's labels; each verdict needs a label, and there must be at least one.");
        if (labels.Any(label => label < 0)) throw new InvalidInputException("A person's grade is below 1; grades begin at 1.");
        int[] parsed = [.. Enumerable.Range(0, judged.Length).Where(i => judged[i] is not null)];
        int[] verdicts = [.. parsed.Select(i => judged[i]!.Value)], right = [.. parsed.Select(i => labels[i])];
        return new(
            Estimate.OfShare(parsed.Count(i => judged[i] == labels[i]), labels.Length),
            parsed.Length == 0 ? double.NaN : new ConfusionMatrix(right, verdicts).Kappa,
            Correlation.Spearman([.. verdicts.Select(one => (double)one)], [.. right.Select(one => (double)one)]),
            consistency,
            labels.Length - parsed.Length);
    }
}
