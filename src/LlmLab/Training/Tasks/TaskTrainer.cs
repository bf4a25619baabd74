using System.Globalization;
using System.IO.Hashing;
using System.Text;
using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;

namespace LlmLab.Training.Tasks;

/// <summary>
/// Trains a model on one task or several at once (Caruana 1997): a step's gradient is the sum of the tasks' gradients, each times its weight.
/// The loop is that of <see cref="Trainer"/>, with its guard against spikes, early stopping, averaged weights and records; what a task reads is its own.
/// <code>
/// var run = TaskTrainer.Train(spec, tokenizer, [new(new ContrastiveTask(pairs, tokenizer)), new(masked, 0.5)], new TrainingOptions { Steps = 500 });
/// </code>
/// </summary>
public static class TaskTrainer
{
    /// <summary>Trains a new model in a new run of the workspace.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="tokenizer">The tokenizer of all tasks; it is kept in the run.</param>
    /// <param name="tasks">What to learn, at least one task.</param>
    /// <param name="options">Steps, rates, schedule; batches are the tasks' own.</param>
    /// <param name="name">What the run's folder is named after.</param>
    /// <param name="initialise">Changes the initial weights, such as those that come from counts; a resumed run needs it no more.</param>
    /// <param name="stopAfter">Stop, resumable, after this step; null: go to the end.</param>
    /// <param name="workspace">Where the run's folder is made; null: the current workspace.</param>
    /// <param name="validate">The loss on what is not trained on, as often as <see cref="TrainingOptions.EvaluateEvery"/> says; null: none, and no early stopping.</param>
    /// <exception cref="InvalidInputException">Spec, tasks and options do not fit each other; nothing was made then.</exception>
    /// <exception cref="OperationCanceledException">The user asked to stop; the run can be resumed.</exception>
    public static Run Train(ModelSpec spec, VocabularyTokenizer tokenizer, IReadOnlyList<WeightedTask> tasks, TrainingOptions options, string name = "tasks", Action<LanguageModel>? initialise = null, int? stopAfter = null, Workspace? workspace = null, Func<LanguageModel, double>? validate = null)
    {
        spec.Checked().CheckVocabulary(tokenizer.VocabularySize, "given");
        Check(spec, tasks, options.Checked(), validate);
        bool pointing = IsPointing(tasks);
        var settings = MachineSettings.Choose(spec, pointing ? options : options with { Kernels = Kernels.LibTorch }, pointing);
        string folder = (workspace ?? Workspace.Open()).NewFolder(name);
        var run = Run.Create(folder, new RunDescription
        {
            Name = Path.GetFileName(folder),
            Data = string.Join(" + ", tasks.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Weight} {t.Task.Name}"))),
            DataHash = Hash(tasks),
            Started = DateTimeOffset.UtcNow,
            Device = settings.Device,
            Precision = settings.Precision,
            Kernels = settings.Kernels,
            Threads = settings.Threads,
        }, spec, options);
        TokenizerFile.Save(tokenizer, Path.Combine(folder, "tokenizer.json"));
        return Train(run, tasks, initialise, from: null, stopAfter, validate);
    }

    /// <summary>Goes on with a run from its newest checkpoint: with the same tasks, it ends with the same numbers as one that was never stopped.</summary>
    /// <param name="run">The run.</param>
    /// <param name="tasks">The tasks that it was begun with.</param>
    /// <param name="stopAfter">Stop, resumable, after this step; null: go to the end.</param>
    /// <param name="validate">As before.</param>
    /// <exception cref="InvalidInputException">Other tasks than before, no checkpoint yet, or a broken one.</exception>
    public static Run Resume(Run run, IReadOnlyList<WeightedTask> tasks, int? stopAfter = null, Func<LanguageModel, double>? validate = null)
    {
        Check(run.Spec, tasks, run.Options, validate);
        if (Hash(tasks) != run.Description.DataHash) throw new InvalidInputException($"{run.Folder} was trained on other tasks ({run.Description.Data}): give the same ones, or start a new run.");
        string checkpoint = run.LatestCheckpoint ?? throw new InvalidInputException($"{run.Folder} has no checkpoint yet: start a new run.");
        return Train(run, tasks, initialise: null, checkpoint, stopAfter, validate);
    }

    static void Check(ModelSpec spec, IReadOnlyList<WeightedTask> tasks, TrainingOptions options, Func<LanguageModel, double>? validate)
    {
        if (tasks.Count == 0) throw new InvalidInputException("There is no task to learn: give at least one.");
        if (options.Kernels == Kernels.Compiled && !IsPointing(tasks)) throw new InvalidInputException("The compiled kernels serve next-token prediction and pointing at answers alone: leave out --kernels for other tasks, or several.");
        if (options.Patience > 0 && validate is null) throw new InvalidInputException($"{nameof(options.Patience)} is {options.Patience}, but tasks have no validation loss of their own: give one (validate), or leave early stopping out.");
        foreach (var (task, weight) in tasks)
        {
            if (!(weight > 0)) throw new InvalidInputException($"The task \"{task.Name}\" has the weight {weight}: it must be above 0.");
            task.Check(spec);
        }
    }

    // The one task beside next-token prediction that the compiled kernels serve.
    static bool IsPointing(IReadOnlyList<WeightedTask> tasks) => tasks is [{ Task: SpanExtractionTask }];

    static string Hash(IReadOnlyList<WeightedTask> tasks) => Convert.ToHexStringLower(XxHash3.Hash(Encoding.UTF8.GetBytes(
        string.Join(";", tasks.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Task.Name} {t.Task.DataHash} {t.Weight}"))))));

    static Run Train(Run run, IReadOnlyList<WeightedTask> tasks, Action<LanguageModel>? initialise, string? from, int? stopAfter, Func<LanguageModel, double>? validate)
    {
        using var setup = new TrainingSetup(run.Spec, run.Options, run.Description.Setting(run.Spec), initialise, IsPointing(tasks));
        using var loop = new TrainingLoop(run, setup);
        if (from is not null) loop.Load(from);
        using var source = new TaskSource(tasks, setup, validate);
        loop.TrainUntil(Math.Min(stopAfter ?? run.Options.Steps, run.Options.Steps), source);
        return run;
    }

    /// <summary>All tasks, one batch of each a step.</summary>
    sealed class TaskSource(IReadOnlyList<WeightedTask> tasks, TrainingSetup setup, Func<LanguageModel, double>? validate) : ITrainingSource
    {
        readonly double[] losses = new double[tasks.Count];
        readonly double total = tasks.Sum(t => t.Weight);

        public string Detail => string.Join(", ", tasks.Zip(losses, (t, loss) => string.Create(CultureInfo.InvariantCulture, $"{t.Task.Name} {loss:0.000}")));

        public (int Batches, long Tokens) Accumulate(StepUpdate update, TrainingState state)
        {
            long tokens = 0;
            for (int i = 0; i < tasks.Count; i++)
            {
                (losses[i], long read) = setup.Engine is CompiledGradientEngine compiled
                    ? ((SpanExtractionTask)tasks[i].Task).Accumulate(compiled, state.Step, tasks[i].Weight)
                    : tasks[i].Task.Accumulate((GradientEngine)setup.Engine, state.Step, tasks[i].Weight);
                tokens += read;
            }
            update.Add(tasks.Zip(losses, (t, loss) => t.Weight * loss).Sum() / total);
            return (1, tokens);
        }

        public double? ValidationLoss()
        {
            if (validate is null) return null;
            setup.Model.eval();
            double loss = validate(setup.Model);
            setup.Model.train();
            return loss;
        }

        public void Dispose()
        {
        }
    }
}
