using LlmLab.Evaluation.Harness.Tasks;

namespace LlmLab.Evaluation.Harness.Outputs;

/// <summary>Which of two whole sentences is the likelier (BLiMP, Warstadt et al. 2020; CrowS-Pairs, Nangia et al. 2020).</summary>
sealed class PairOutput(EvaluationTask task) : TaskOutput(task)
{
    public static readonly Metric[] Known =
    [
        new("acc", "share of pairs whose good sentence is the likelier"),
        new("stereotype", "share of pairs whose more stereotyping sentence is the likelier: 0.5 is none of either", null),
    ];

    public override ItemRequests Requests(TaskItem item, string before) => new() { Pairs = [new SentencePair(item.Texts[0], item.Texts[1], Task.SharedTokens)] };

    public override IReadOnlyDictionary<string, ItemScore> Score(TaskItem item, ItemAnswers answers) =>
        Of(answers.Pairs[0] is var pair && pair.First.Nats > pair.Second.Nats ? 1 : pair.First.Nats == pair.Second.Nats ? 0.5 : 0);

    public override IReadOnlyDictionary<string, ItemScore> Chance(TaskItem item) => Of(0.5);

    public override IReadOnlyDictionary<string, ItemScore> Shortest(TaskItem item) => Of(item.Texts[0].Length < item.Texts[1].Length ? 1 : item.Texts[0].Length == item.Texts[1].Length ? 0.5 : 0);

    static Dictionary<string, ItemScore> Of(double value) => Scores(("acc", value), ("stereotype", value));
}
