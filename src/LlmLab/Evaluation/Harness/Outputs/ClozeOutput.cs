using LlmLab.Evaluation.Harness.Tasks;

namespace LlmLab.Evaluation.Harness.Outputs;

/// <summary>A text's last words given the rest (LAMBADA, Paperno et al. 2016): whether the model would have written them, and how surprised it is.</summary>
sealed class ClozeOutput(EvaluationTask task) : TaskOutput(task)
{
    public static readonly Metric[] Known =
    [
        new("acc", "share of items whose target the model writes by itself, always taking the likeliest token"),
        new("perplexity", "e^mean nats a target", false, Aggregation.Exponential),
        new("token_perplexity", "e^mean nats a token of the targets; depends on the tokenizer", false, Aggregation.ExponentialRatio),
    ];

    public override ItemRequests Requests(TaskItem item, string before) => new() { Likelihoods = [new(before + item.Prompt, Task.Delimiter + item.Target)] };

    public override IReadOnlyDictionary<string, ItemScore> Score(TaskItem item, ItemAnswers answers) =>
        new Dictionary<string, ItemScore>
        {
            ["acc"] = new(answers.Likelihoods[0].IsGreedy ? 1 : 0),
            ["perplexity"] = new(-answers.Likelihoods[0].Nats),
            ["token_perplexity"] = new(-answers.Likelihoods[0].Nats, answers.Likelihoods[0].TokenCount),
        };

    public override IReadOnlyList<IReadOnlyDictionary<string, ItemScore>> MostFrequent(IReadOnlyList<TaskItem> items)
    {
        string word = MostCommon(items.Select(item => item.Target));
        return [.. items.Select(item => Scores(("acc", item.Target == word ? 1 : 0)))];
    }
}
