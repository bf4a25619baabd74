using LlmLab.Evaluation.Harness.Tasks;

namespace LlmLab.Evaluation.Harness.Outputs;

/// <summary>How much of the probability of several answers goes to the true ones (TruthfulQA's MC2; Lin et al. 2022).</summary>
sealed class TruthOutput(EvaluationTask task) : TaskOutput(task)
{
    public static readonly Metric[] Known = [new("mc2", "share of the answers' probability that goes to true ones")];

    public override ItemRequests Requests(TaskItem item, string before) =>
        new() { Likelihoods = [.. item.Choices.Select(choice => new LogLikelihoodRequest(before + item.Prompt, Task.Delimiter + choice))] };

    public override IReadOnlyDictionary<string, ItemScore> Score(TaskItem item, ItemAnswers answers)
    {
        double[] shares = Softmax(answers.Likelihoods);
        return Scores(("mc2", shares.Where((_, i) => item.Truths[i]).Sum()));
    }

    public override IReadOnlyDictionary<string, ItemScore> Chance(TaskItem item) => Scores(("mc2", (double)item.Truths.Count(t => t) / item.Truths.Count));

    public override IReadOnlyDictionary<string, ItemScore> Shortest(TaskItem item) => Scores(("mc2", item.Truths[ChoiceOutput.Best(item.Choices.Select(choice => -(double)choice.Length))] ? 1 : 0));

    /// <summary>Likelihoods as shares of their sum.</summary>
    internal static double[] Softmax(IReadOnlyList<LogLikelihood> likelihoods)
    {
        double best = likelihoods.Max(one => one.Nats);
        if (double.IsNegativeInfinity(best)) return [.. likelihoods.Select(_ => 1.0 / likelihoods.Count)];
        double[] weights = [.. likelihoods.Select(one => Math.Exp(one.Nats - best))];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }
}
