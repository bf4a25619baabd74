using System.Text;
using LlmLab.Evaluation.Harness.Tasks;

namespace LlmLab.Evaluation.Harness.Outputs;

/// <summary>
/// Multiple choice by likelihood, and partial scoring, where the choices stand before what is scored (Trinh and Le 2018). acc takes the
/// choice of the highest log-likelihood, acc_norm that of the highest per byte of the choice (as lm-evaluation-harness), centred is acc
/// between chance (0) and all right (1), comparable between tasks with different numbers of choices (DataComp-LM, Li et al. 2024).
/// </summary>
sealed class ChoiceOutput(EvaluationTask task) : TaskOutput(task)
{
    public static readonly Metric[] Known =
    [
        new("acc", "share of items whose right choice is the likeliest"),
        new("acc_norm", "the same, likelihoods divided by the choices' bytes"),
        new("centred", "acc from chance (0) to all right (1)"),
    ];

    bool Partial => Task.Output == OutputType.PartialScoring;

    public override ItemRequests Requests(TaskItem item, string before) => new()
    {
        Likelihoods = Partial
            ? [.. item.Choices.Select(choice => new LogLikelihoodRequest(before + choice, Task.Delimiter + item.Target))]
            : [.. item.Choices.Select(choice => new LogLikelihoodRequest(before + item.Prompt, Task.Delimiter + choice))],
    };

    public override IReadOnlyDictionary<string, ItemScore> Score(TaskItem item, ItemAnswers answers)
    {
        int raw = Best(answers.Likelihoods.Select(one => one.Nats));
        int normalised = Best(answers.Likelihoods.Select((one, i) => one.Nats / Math.Max(1, Encoding.UTF8.GetByteCount(item.Choices[i]))));
        return Of(item, raw == item.Answer, normalised == item.Answer);
    }

    public override IReadOnlyDictionary<string, ItemScore> Chance(TaskItem item)
    {
        double chance = 1.0 / item.Choices.Count;
        return Scores(("acc", chance), ("acc_norm", chance), ("centred", 0));
    }

    public override IReadOnlyDictionary<string, ItemScore> Shortest(TaskItem item)
    {
        bool right = Best(item.Choices.Select(choice => -(double)Encoding.UTF8.GetByteCount(choice))) == item.Answer;
        return Of(item, right, right);
    }

    public override IReadOnlyList<IReadOnlyDictionary<string, ItemScore>> MostFrequent(IReadOnlyList<TaskItem> items)
    {
        int place = MostCommon(items.Select(item => item.Answer));
        return [.. items.Select(item => Of(item, item.Answer == place, item.Answer == place))];
    }

    static Dictionary<string, ItemScore> Of(TaskItem item, bool raw, bool normalised)
    {
        double chance = 1.0 / item.Choices.Count, right = raw ? 1 : 0;
        return Scores(("acc", right), ("acc_norm", normalised ? 1 : 0), ("centred", (right - chance) / (1 - chance)));
    }

    /// <summary>Index of the greatest value, the first of equal ones.</summary>
    internal static int Best(IEnumerable<double> values)
    {
        int best = 0, i = 0;
        double highest = double.NegativeInfinity;
        foreach (double value in values)
        {
            if (value > highest) (best, highest) = (i, value);
            i++;
        }
        return best;
    }
}
