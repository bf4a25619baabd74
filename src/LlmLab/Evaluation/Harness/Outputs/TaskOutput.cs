using LlmLab.Evaluation.Harness.Tasks;

namespace LlmLab.Evaluation.Harness.Outputs;

/// <summary>What an item asks a model: any of its verbs.</summary>
sealed record ItemRequests
{
    public IReadOnlyList<LogLikelihoodRequest> Likelihoods { get; init; } = [];
    public IReadOnlyList<string> Rolling { get; init; } = [];
    public IReadOnlyList<SentencePair> Pairs { get; init; } = [];
    public IReadOnlyList<GenerationRequest> Generations { get; init; } = [];
}

/// <summary>What the model gave, in the order of the requests.</summary>
sealed record ItemAnswers
{
    public IReadOnlyList<LogLikelihood> Likelihoods { get; init; } = [];
    public IReadOnlyList<LogLikelihood> Rolling { get; init; } = [];
    public IReadOnlyList<PairLikelihood> Pairs { get; init; } = [];
    public IReadOnlyList<string> Generations { get; init; } = [];
}

/// <summary>One kind of question: what it asks a model, how answers are scored, and what one scores without any model.</summary>
abstract class TaskOutput(EvaluationTask task)
{
    protected EvaluationTask Task { get; } = task;

    /// <summary>The output of a task.</summary>
    public static TaskOutput Of(EvaluationTask task) => task.Output switch
    {
        OutputType.MultipleChoice or OutputType.PartialScoring => new ChoiceOutput(task),
        OutputType.MultipleTrue => new TruthOutput(task),
        OutputType.Questionnaire => new OpinionOutput(task),
        OutputType.MinimalPair => new PairOutput(task),
        OutputType.Cloze => new ClozeOutput(task),
        OutputType.Rolling => new RollingOutput(task),
        _ => new GenerationOutput(task),
    };

    /// <summary>The metrics that tasks of an output can name.</summary>
    public static IReadOnlyDictionary<string, Metric> MetricsOf(OutputType output) => (output switch
    {
        OutputType.MultipleChoice => ChoiceOutput.Known,
        OutputType.PartialScoring => ChoiceOutput.Known[..1].Append(ChoiceOutput.Known[2]),
        OutputType.MultipleTrue => TruthOutput.Known,
        OutputType.Questionnaire => OpinionOutput.Known,
        OutputType.MinimalPair => PairOutput.Known,
        OutputType.Cloze => ClozeOutput.Known,
        OutputType.Rolling => RollingOutput.Known,
        _ => GenerationOutput.Known,
    }).ToDictionary(metric => metric.Name, StringComparer.Ordinal);

    /// <summary>What is asked for an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="before">Instruction and solved examples.</param>
    public abstract ItemRequests Requests(TaskItem item, string before);

    /// <summary>The scores of what a model gave, by metric.</summary>
    public abstract IReadOnlyDictionary<string, ItemScore> Score(TaskItem item, ItemAnswers answers);

    /// <summary>What blind chance scores on average, by metric; metrics that have no chance level are left out.</summary>
    public virtual IReadOnlyDictionary<string, ItemScore> Chance(TaskItem item) => None;

    /// <summary>What the shortest answer scores.</summary>
    public virtual IReadOnlyDictionary<string, ItemScore> Shortest(TaskItem item) => None;

    /// <summary>What the task's most frequent answer scores, in the order of the items: it is counted on the very items.</summary>
    public virtual IReadOnlyList<IReadOnlyDictionary<string, ItemScore>> MostFrequent(IReadOnlyList<TaskItem> items) => [.. items.Select(_ => None)];

    protected static IReadOnlyDictionary<string, ItemScore> None { get; } = new Dictionary<string, ItemScore>();

    protected static Dictionary<string, ItemScore> Scores(params (string Name, double Value)[] values) => values.ToDictionary(v => v.Name, v => new ItemScore(v.Value), StringComparer.Ordinal);

    protected static T MostCommon<T>(IEnumerable<T> values) where T : notnull =>
        values.GroupBy(value => value).OrderByDescending(group => group.Count()).First().Key;
}
