using System.Globalization;

namespace LlmLab.Objectives;

/// <summary>What speaks for or against an approach.</summary>
/// <param name="Weight">Points for it; negative against it.</param>
/// <param name="Sentence">The reason, with the figures it rests on.</param>
public sealed record Reason(double Weight, string Sentence);

/// <summary>An approach, judged by an objective's fields.</summary>
/// <param name="Approach">The approach.</param>
/// <param name="Possible">False where the objective rules it out.</param>
/// <param name="Reasons">Why, those that rule it out first.</param>
public sealed record Assessment(Approach Approach, bool Possible, IReadOnlyList<Reason> Reasons)
{
    /// <summary>The sum of the reasons' weights.</summary>
    public double Score => Reasons.Sum(reason => reason.Weight);
}

/// <summary>
/// Which way to a model fits an objective, computed from its fields alone: a starting point for a person's decision, every step of
/// which can be read. The rules of thumb are those of practice: data that may not leave rules out hosting; knowledge that changes or
/// must be cited asks for retrieval; compute-optimal training wants about 20 tokens a parameter (Hoffmann et al. 2022), which bounds
/// what an own corpus can teach.
/// </summary>
public sealed record Recommendation(ApproachChoice Choice, IReadOnlyList<Assessment> Assessments)
{
    /// <summary>About how many bytes of English text make a token of a vocabulary of 8,000 or more.</summary>
    const double BytesPerToken = 4;
    /// <summary>Compute-optimal tokens a parameter (Hoffmann et al. 2022).</summary>
    const double TokensPerParameter = 20;
    /// <summary>Text below which an open model's further training has too little to learn a style from.</summary>
    const double LeastFineTuningBytes = 200_000;
    /// <summary>A 1-billion-parameter open model with 4-bit weights, its cache and the program.</summary>
    const double LeastOpenModelGiB = 2;

    static readonly string[] groundedMetrics = ["exact_match", "f1", "rouge_l", "faithfulness", "citation_accuracy", "mrr_at_10", "ndcg_at_10", "recall_at_10", "answer_accuracy"];

    /// <summary>Judges all four approaches for an objective.</summary>
    public static Recommendation For(Objective objective)
    {
        Assessment[] assessments = [OwnModel(objective), FineTuning(objective), Retrieval(objective), HostedModel(objective)];
        var writer = assessments.Where(a => a.Approach != Approach.Retrieval && a.Possible).MaxBy(a => a.Score)
            // An own model needs nobody's leave but for its text, so something always remains.
            ?? assessments[0];
        var retrieval = assessments[2];
        List<Approach> approaches = [writer.Approach];
        if (retrieval is { Possible: true, Score: > 0 })
            approaches.Add(Approach.Retrieval);
        List<string> reasons = [.. writer.Reasons.Where(r => r.Weight > 0).Select(r => r.Sentence)];
        if (approaches.Count > 1)
            reasons.AddRange(retrieval.Reasons.Where(r => r.Weight > 0).Select(r => r.Sentence));
        reasons.AddRange(assessments.Where(a => !a.Possible).Select(a => $"{Names.Of(a.Approach)} is out: {Lower(a.Reasons[0].Sentence)}"));
        return new Recommendation(new ApproachChoice(approaches, reasons), [.. assessments.OrderByDescending(a => a.Possible).ThenByDescending(a => a.Score)]);
    }

    static Assessment OwnModel(Objective objective)
    {
        var bytes = objective.DataSources.Where(source => source.Permission.Training).Sum(source => source.Bytes);
        if (bytes == 0)
            return new(Approach.OwnModel, false, [new(-10, "No source permits training.")]);
        var parameters = bytes / BytesPerToken / TokensPerParameter;
        List<Reason> reasons = [new(Math.Clamp(Math.Log10(parameters / 1e6), -2, 3),
            $"The sources that permit training hold {Format.Bytes(bytes)}, enough for about {Format.Count(parameters)} parameters at {TokensPerParameter} tokens each.")];
        if (!objective.Budgets.NetworkAtRun)
            reasons.Add(new(1, "It must work without a network, and an own model does."));
        if (objective.Budgets.MemoryGiB < LeastOpenModelGiB)
            reasons.Add(new(2, $"Only {Number(objective.Budgets.MemoryGiB)} GiB serve it: an own small model fits, an open model of a billion parameters does not."));
        if (objective.Budgets.P95ResponseSeconds < 1)
            reasons.Add(new(1, $"Answers must come within {Number(objective.Budgets.P95ResponseSeconds)} s: a small model answers soonest on a processor."));
        if (objective.Task is ObjectiveTask.ContentGeneration or ObjectiveTask.SupportChat)
            reasons.Add(new(-2, "Free text on many topics needs general knowledge of language, which a corpus of this size does not teach."));
        return new(Approach.OwnModel, true, reasons);
    }

    static Assessment FineTuning(Objective objective)
    {
        var bytes = objective.DataSources.Where(source => source.Permission.Training).Sum(source => source.Bytes);
        if (bytes < LeastFineTuningBytes)
            return new(Approach.FineTuning, false, [new(-10, $"Sources that permit training hold {Format.Bytes(bytes)}; below {Format.Bytes(LeastFineTuningBytes)} there is too little to learn from.")]);
        if (objective.Budgets.MemoryGiB < LeastOpenModelGiB)
            return new(Approach.FineTuning, false, [new(-10, $"An open model of a billion parameters needs about {LeastOpenModelGiB} GiB, the budget is {Number(objective.Budgets.MemoryGiB)}.")]);
        List<Reason> reasons = [];
        if (objective.Task is ObjectiveTask.ContentGeneration or ObjectiveTask.SupportChat)
            reasons.Add(new(2, "Fluent free text in the company's own tone: an open model brings the language, the examples bring the tone."));
        if (objective.DomainRules.Any(rule => rule.Kind == RuleKind.Style))
            reasons.Add(new(1, "A style is prescribed, and further training on examples teaches style."));
        reasons.Add(objective.Budgets.TrainingHours >= 4
            ? new(1, $"{Number(objective.Budgets.TrainingHours)} hours of training are enough for low-rank adapters.")
            : new(-1, $"{Number(objective.Budgets.TrainingHours)} hours of training are short even for low-rank adapters."));
        return new(Approach.FineTuning, true, reasons);
    }

    static Assessment Retrieval(Objective objective)
    {
        var sources = objective.DataSources.Where(source => source.Permission.Retrieval).ToArray();
        if (sources.Length == 0)
            return new(Approach.Retrieval, false, [new(-10, "No source permits showing its passages.")]);
        List<Reason> reasons = [];
        var bytes = sources.Sum(source => (double)source.Bytes);
        var changed = bytes == 0 ? 0 : sources.Sum(source => source.Bytes * source.ChangedPerMonth) / bytes;
        reasons.Add(changed >= 0.01
            ? new(2, $"{Share(changed)} of the text changes in a month: an index is updated in minutes, a model is trained anew.")
            : new(-0.5, $"Only {Share(changed)} of the text changes in a month."));
        if (objective.Task is ObjectiveTask.QuestionAnswering)
            reasons.Add(new(2, "Questions ask for facts that stand in documents: a passage in the prompt gives the fact and its source."));
        if (objective.Targets.FirstOrDefault(target => groundedMetrics.Contains(target.Metric)) is { } target)
            reasons.Add(new(1, $"The target {target.Metric} measures agreement with a document."));
        if (sources.Any(source => source.Sensitivity is Data.Sensitivity.Confidential or Data.Sensitivity.Personal) && objective.EndUsers.Any(user => user.Roles.Count > 0))
            reasons.Add(new(2, "Some sources are only for some roles: retrieval filters by role at each question, a trained model cannot unlearn for one user."));
        return new(Approach.Retrieval, true, reasons);
    }

    static Assessment HostedModel(Objective objective)
    {
        if (!objective.Budgets.NetworkAtRun)
            return new(Approach.HostedModel, false, [new(-10, "It must work without a network.")]);
        if (objective.DataSources.FirstOrDefault(source => source.Permission.Retrieval && !source.Permission.ThirdParty) is { } closed)
            return new(Approach.HostedModel, false, [new(-10, $"The source \"{closed.Name}\" may not be sent to a third party.")]);
        List<Reason> reasons = [new(1.5, "Every source may be sent to a third party, and a large hosted model writes best.")];
        var questions = objective.EndUsers.Sum(user => user.QuestionsPerDay) * 365;
        var money = questions == 0 ? double.PositiveInfinity : objective.Budgets.Money / questions;
        reasons.Add(money >= 0.005
            ? new(1, $"The budget leaves {money.ToString("0.###", CultureInfo.InvariantCulture)} {objective.Budgets.Currency} for each of about {Format.Count(questions)} requests a year.")
            : new(-3, $"The budget leaves {money.ToString("0.#####", CultureInfo.InvariantCulture)} {objective.Budgets.Currency} for each of about {Format.Count(questions)} requests a year: too little."));
        if (objective.Budgets.P95ResponseSeconds < 1)
            reasons.Add(new(-2, $"Answers within {Number(objective.Budgets.P95ResponseSeconds)} s leave no time for a network and a queue."));
        return new(Approach.HostedModel, true, reasons);
    }

    static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    static string Share(double value) => (100 * value).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];
}
