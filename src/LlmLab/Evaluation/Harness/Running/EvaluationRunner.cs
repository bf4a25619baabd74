using LlmLab.Data;
using LlmLab.Evaluation.Harness.Outputs;
using LlmLab.Evaluation.Harness.Tasks;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Evaluation.Harness.Running;

/// <summary>
/// Asks models the questions of tasks and makes a report. Beside each model stand what costs nothing: the shortest answer, the most
/// frequent answer, and chance.
/// <code>
/// using var model = EvaluatedLanguageModel.Open();
/// using var untrained = model.Untrained();
/// var report = new EvaluationRunner(new EvaluationOptions { Limit = 200 }).Run("commonsense", [model, untrained]);
/// </code>
/// </summary>
public sealed class EvaluationRunner
{
    const int ItemsAtOnce = 256;

    /// <summary>The columns beside the models.</summary>
    public static IReadOnlyList<string> Baselines { get; } = ["shortest answer", "most frequent answer", "chance"];

    readonly EvaluationOptions options;
    readonly TaskPreparation preparation;

    /// <summary>A runner.</summary>
    /// <param name="options">How much is asked.</param>
    /// <param name="folder">Where data sets are looked for; null: where they usually are.</param>
    /// <exception cref="InvalidInputException">An option out of range.</exception>
    public EvaluationRunner(EvaluationOptions? options = null, DataFolder? folder = null)
    {
        this.options = (options ?? new EvaluationOptions()).Checked();
        preparation = new TaskPreparation(this.options, folder ?? new DataFolder());
    }

    /// <summary>Runs a suite, a task or several, by name.</summary>
    /// <inheritdoc cref="Run(string, IReadOnlyList{EvaluationTask}, IReadOnlyList{IEvaluatedModel})"/>
    public EvaluationReport Run(string suite, IReadOnlyList<IEvaluatedModel> models) => Run(suite, TaskCatalog.Find(suite), models);

    /// <summary>Runs tasks.</summary>
    /// <param name="suite">What the report is called.</param>
    /// <param name="tasks">The tasks. Those whose data is not on this machine are left out, which the report says.</param>
    /// <param name="models">The models: the one in question first, those to compare it with after it.</param>
    /// <exception cref="InvalidInputException">A task's data is broken, or no task's data is on this machine.</exception>
    public EvaluationReport Run(string suite, IReadOnlyList<EvaluationTask> tasks, IReadOnlyList<IEvaluatedModel> models)
    {
        if (models.Count == 0) throw new InvalidInputException("An evaluation needs at least one model.");
        var notes = new List<string>();
        var prepared = new List<PreparedTask>();
        foreach (var task in tasks)
        {
            Operation.Current.Report("evaluation: reading tasks", prepared.Count, tasks.Count, "tasks", task.Name);
            if (preparation.Prepare(task, out string missing) is not { } ready) notes.Add(missing);
            else
            {
                prepared.Add(ready);
                if (ready.Note is { } note) notes.Add(note);
            }
        }
        if (prepared.Count == 0) throw new InvalidInputException(notes.Count == 1 ? notes[0] : $"None of the {tasks.Count} tasks has its data on this machine. {notes.FirstOrDefault()}");

        var results = new List<TaskResult>();
        long total = (long)prepared.Sum(task => task.Items.Count) * models.Count, done = 0;
        var columns = models.Select(model => options.Cache && model.Fingerprint is not null ? new CachedModel(model, options.CacheFolder) : model).ToArray();
        foreach (var task in prepared)
        {
            var scores = new List<IReadOnlyList<IReadOnlyDictionary<string, ItemScore>>>();
            foreach (var model in columns)
            {
                scores.Add(Ask(task, model, notes, () => Operation.Current.Report("evaluation", done, total, "items", $"{task.Task.Name}, {model.Name}"), count => done += count));
            }
            scores.Add([.. task.Items.Select(task.Output.Shortest)]);
            scores.Add(task.Output.MostFrequent(task.Items));
            results.Add(new TaskResult(task, scores));
        }
        Operation.Current.Report("evaluation", total, total, "items");
        return EvaluationReport.Of(suite, [.. models.Select(model => model.Name), .. Baselines], results, notes);
    }

    static List<IReadOnlyDictionary<string, ItemScore>> Ask(PreparedTask task, IEvaluatedModel model, List<string> notes, Action report, Action<int> advance)
    {
        var scores = new List<IReadOnlyDictionary<string, ItemScore>>();
        int cut = 0;
        long dropped = 0;
        for (int start = 0; start < task.Items.Count; start += ItemsAtOnce)
        {
            report();
            int end = Math.Min(task.Items.Count, start + ItemsAtOnce);
            ItemRequests[] requests = [.. Enumerable.Range(start, end - start).Select(i => task.Output.Requests(task.Items[i], task.Before[i]))];
            var likelihoods = AskAll(requests, request => request.Likelihoods, model.LogLikelihoods);
            var rolling = AskAll(requests, request => request.Rolling, model.RollingLogLikelihoods);
            var pairs = AskAll(requests, request => request.Pairs, model.PairLogLikelihoods);
            var generations = AskAll(requests, request => request.Generations, model.GenerateUntil);
            for (int i = 0; i < requests.Length; i++)
            {
                var answers = new ItemAnswers { Likelihoods = likelihoods[i], Rolling = rolling[i], Pairs = pairs[i], Generations = generations[i] };
                scores.Add(task.Output.Score(task.Items[start + i], answers));
                long lost = answers.Likelihoods.Sum(one => (long)one.DroppedTokens) + requests[i].Generations.Sum(one => (long)model.DroppedTokens(one));
                dropped += lost;
                if (lost > 0) cut++;
            }
            advance(requests.Length);
        }
        if (cut > 0) notes.Add($"{task.Task.Name}: {cut} of {task.Items.Count} questions are longer than the window of {model.Name}; {dropped:N0} tokens were dropped from the start of their contexts.");
        return scores;
    }

    static TAnswer[][] AskAll<TRequest, TAnswer>(ItemRequests[] items, Func<ItemRequests, IReadOnlyList<TRequest>> requests, Func<IReadOnlyList<TRequest>, IReadOnlyList<TAnswer>> ask)
    {
        TRequest[] all = [.. items.SelectMany(requests)];
        var answers = all.Length == 0 ? [] : ask(all);
        var parts = new TAnswer[items.Length][];
        for (int i = 0, next = 0; i < items.Length; i++)
        {
            int count = requests(items[i]).Count;
            parts[i] = [.. answers.Skip(next).Take(count)];
            next += count;
        }
        return parts;
    }
}

/// <summary>Scores of a task's items: for each column but chance, for each item, by metric.</summary>
sealed record TaskResult(PreparedTask Prepared, IReadOnlyList<IReadOnlyList<IReadOnlyDictionary<string, ItemScore>>> Columns)
{
    /// <summary>A score a column, over the items that fit, chance last.</summary>
    public IReadOnlyList<Estimate?> Scores(Metric metric, Func<TaskItem, bool> fits)
    {
        int[] chosen = [.. Enumerable.Range(0, Prepared.Items.Count).Where(i => fits(Prepared.Items[i]))];
        IEnumerable<ItemScore> Values(Func<int, IReadOnlyDictionary<string, ItemScore>> of) => chosen.Select(of).Where(scores => scores.ContainsKey(metric.Name)).Select(scores => scores[metric.Name]);
        return [.. Columns.Select(column => ScoreAggregation.Of(metric, Values(i => column[i]))), ScoreAggregation.Exact(metric, Values(i => Prepared.Output.Chance(Prepared.Items[i])))];
    }
}
