using System.Diagnostics;
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
/// The loop is that of <see cref="Trainer"/>, and so is the run's folder; what a task reads is its own.
/// <code>
/// var run = TaskTrainer.Train(spec, tokenizer, [new(new ContrastiveTask(pairs, tokenizer)), new(masked, 0.5)], new TrainingOptions { Steps = 500 });
/// </code>
/// </summary>
public sealed class TaskTrainer : IDisposable
{
    readonly Run run;
    readonly IReadOnlyList<WeightedTask> tasks;
    readonly TrainingOptions options;
    readonly LanguageModel model;
    readonly ParameterBuffer buffer;
    readonly WorkerPool pool;
    readonly GradientEngine engine;
    readonly IOptimizer optimizer;
    TrainingState state = new(0, 0, 0, 0, 0, 0);

    TaskTrainer(Run run, IReadOnlyList<WeightedTask> tasks, Action<LanguageModel>? initialise)
    {
        (this.run, this.tasks, options) = (run, tasks, run.Options);
        NativeMemory.KeepLargeBlocks();
        model = new LanguageModel(run.Spec, options.Seed);
        initialise?.Invoke(model);
        buffer = new ParameterBuffer(model);
        pool = new WorkerPool(run.Description.Threads, torchThreads: 1);
        engine = new GradientEngine(model, buffer, pool, run.Description.Precision, options.Seed);
        optimizer = options.Optimizer switch
        {
            OptimizerKind.Muon => new Muon(buffer, options, pool, model.PackedParts, GradientEngine.TypeOf(run.Description.Precision)),
            OptimizerKind.Lion => new Lion(buffer, options),
            _ => new AdamW(buffer, options, pool),
        };
    }

    /// <summary>Trains a new model in a new run of the workspace.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="tokenizer">The tokenizer of all tasks; it is kept in the run.</param>
    /// <param name="tasks">What to learn, at least one task.</param>
    /// <param name="options">Steps, rates, schedule; batches are the tasks' own.</param>
    /// <param name="name">What the run's folder is named after.</param>
    /// <param name="initialise">Changes the initial weights, such as those that come from counts; a resumed run needs it no more.</param>
    /// <param name="stopAfter">Stop, resumable, after this step; null: go to the end.</param>
    /// <param name="workspace">Where the run's folder is made; null: the current workspace.</param>
    /// <exception cref="InvalidInputException">Spec, tasks and options do not fit each other; nothing was made then.</exception>
    /// <exception cref="OperationCanceledException">The user asked to stop; the run can be resumed.</exception>
    public static Run Train(ModelSpec spec, VocabularyTokenizer tokenizer, IReadOnlyList<WeightedTask> tasks, TrainingOptions options, string name = "tasks", Action<LanguageModel>? initialise = null, int? stopAfter = null, Workspace? workspace = null)
    {
        spec.Checked().CheckVocabulary(tokenizer.VocabularySize, "given");
        Check(spec, tasks, options.Checked());
        var settings = options is { Precision: not Precision.Auto, Threads: > 0 }
            ? new MeasuredSetting(spec.Width, options.Precision, options.Threads, Kernels.LibTorch, 0)
            : MachineSettings.Current().Best(spec, options with { Kernels = Kernels.LibTorch });
        string folder = (workspace ?? Workspace.Open()).NewFolder(name);
        var run = Run.Create(folder, new RunDescription
        {
            Name = Path.GetFileName(folder),
            Data = string.Join(" + ", tasks.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Weight} {t.Task.Name}"))),
            DataHash = Hash(tasks),
            Started = DateTimeOffset.UtcNow,
            Precision = settings.Precision,
            Kernels = Kernels.LibTorch,
            Threads = settings.Threads,
        }, spec, options);
        TokenizerFile.Save(tokenizer, Path.Combine(folder, "tokenizer.json"));
        using var trainer = new TaskTrainer(run, tasks, initialise);
        trainer.TrainUntil(Math.Min(stopAfter ?? options.Steps, options.Steps));
        return run;
    }

    /// <summary>Goes on with a run from its newest checkpoint: with the same tasks, it ends with the same numbers as one that was never stopped.</summary>
    /// <exception cref="InvalidInputException">Other tasks than before, no checkpoint yet, or a broken one.</exception>
    public static Run Resume(Run run, IReadOnlyList<WeightedTask> tasks, int? stopAfter = null)
    {
        Check(run.Spec, tasks, run.Options);
        if (Hash(tasks) != run.Description.DataHash) throw new InvalidInputException($"{run.Folder} was trained on other tasks ({run.Description.Data}): give the same ones, or start a new run.");
        string checkpoint = run.LatestCheckpoint ?? throw new InvalidInputException($"{run.Folder} has no checkpoint yet: start a new run.");
        using var trainer = new TaskTrainer(run, tasks, initialise: null);
        trainer.state = Checkpoint.Load(checkpoint, trainer.buffer, trainer.optimizer);
        run.MetricsLog.KeepUpTo(trainer.state.Step);
        trainer.TrainUntil(Math.Min(stopAfter ?? run.Options.Steps, run.Options.Steps));
        return run;
    }

    static void Check(ModelSpec spec, IReadOnlyList<WeightedTask> tasks, TrainingOptions options)
    {
        if (tasks.Count == 0) throw new InvalidInputException("There is no task to learn: give at least one.");
        if (options.Kernels == Kernels.Compiled) throw new InvalidInputException("The compiled kernels serve next-token prediction alone: leave out --kernels for several tasks.");
        foreach (var (task, weight) in tasks)
        {
            if (!(weight > 0)) throw new InvalidInputException($"The task \"{task.Name}\" has the weight {weight}: it must be above 0.");
            task.Check(spec);
        }
    }

    static string Hash(IReadOnlyList<WeightedTask> tasks) => Convert.ToHexStringLower(XxHash3.Hash(Encoding.UTF8.GetBytes(
        string.Join(";", tasks.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Task.Name} {t.Task.DataHash} {t.Weight}"))))));

    void TrainUntil(int last)
    {
        long started = Stopwatch.GetTimestamp(), tokensBefore = state.Tokens;
        double before = state.Seconds, total = tasks.Sum(t => t.Weight);
        double[] losses = new double[tasks.Count];
        model.train();
        try
        {
            while (state.Step < last)
            {
                Operation.Current.ThrowIfCancelled();
                long tokens = 0;
                for (int i = 0; i < tasks.Count; i++)
                {
                    (losses[i], long read) = tasks[i].Task.Accumulate(engine, state.Step, tasks[i].Weight);
                    tokens += read;
                }
                double loss = tasks.Zip(losses, (t, l) => t.Weight * l).Sum() / total, norm = engine.Reduce();
                if (!double.IsFinite(loss) || !double.IsFinite(norm))
                    throw new InvalidInputException($"The loss became {loss} at step {state.Step + 1} (gradient {norm}): lower the learning rate ({options.LearningRate}).");
                double rate = Schedule.Share(options, state.Step);
                optimizer.Step(state.Step, rate, options.GradientClip > 0 ? Math.Min(1, options.GradientClip / (norm + 1e-6)) : 1);
                engine.Clear();
                double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                state = state with { Step = state.Step + 1, Batches = state.Batches + 1, Tokens = state.Tokens + tokens, LossSum = state.LossSum + loss, LossCount = state.LossCount + 1, Seconds = before + seconds };
                if (Due(options.LogEvery) || state.Step == options.Steps) Log(rate, norm, (state.Tokens - tokensBefore) / seconds);
                if (Due(options.SaveEvery) || state.Step == last) Save();
                Operation.Current.Report("training", state.Step, options.Steps, "steps", string.Join(", ", tasks.Zip(losses, (t, l) => string.Create(CultureInfo.InvariantCulture, $"{t.Task.Name} {l:0.000}"))));
            }
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }
        Finish((state.Tokens - tokensBefore) / Math.Max(1e-9, Stopwatch.GetElapsedTime(started).TotalSeconds));
    }

    bool Due(int every) => every > 0 && state.Step % every == 0;

    void Save() => Checkpoint.Save(run.Checkpoints, buffer, optimizer, state, options.KeepCheckpoints);

    void Log(double rate, double norm, double tokensPerSecond)
    {
        run.MetricsLog.Append(new Metrics
        {
            Step = state.Step,
            Tokens = state.Tokens,
            Seconds = state.Seconds,
            TrainLoss = state.LossSum / state.LossCount,
            LearningRate = (options.Optimizer == OptimizerKind.Muon ? options.MuonLearningRate : options.LearningRate) * rate,
            GradientNorm = norm,
            TokensPerSecond = tokensPerSecond,
        });
        state = state with { LossSum = 0, LossCount = 0 };
    }

    void Finish(double tokensPerSecond)
    {
        run.Write(new RunResult
        {
            Run = run.Folder,
            Steps = state.Step,
            Seconds = state.Seconds,
            Seed = options.Seed,
            TrainLoss = run.Metrics.LastOrDefault(m => m.TrainLoss is not null)?.TrainLoss ?? 0,
            TokensPerSecond = tokensPerSecond,
            Precision = run.Description.Precision,
            Kernels = run.Description.Kernels,
            Threads = run.Description.Threads,
        });
        RunReport.Write(run, model.ParameterCount);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        optimizer.Dispose();
        engine.Dispose();
        pool.Dispose();
        buffer.Dispose();
        model.Dispose();
    }
}
