using System.Diagnostics;
using System.Globalization;
using LlmLab.Data;
using LlmLab.Evaluation;
using LlmLab.Generation;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using TorchSharp;

namespace LlmLab.Training;

/// <summary>
/// Trains a language model: the loop at the end of this file is all there is to it. A run is a folder; it can be stopped at any step
/// (Ctrl+C, or the process killed) and resumed, and then ends with the same numbers to the last bit as one that was never stopped.
/// <code>
/// var run = Trainer.Train(spec, data, new TrainingOptions { Steps = 500 });
/// run.LossChart()
/// </code>
/// </summary>
public sealed class Trainer : IDisposable
{
    readonly Run run;
    readonly TrainingData data;
    readonly TrainingOptions options;
    readonly TrainingSetup setup;
    readonly StepGuard guard;
    readonly WeightAverage? average;
    readonly int passes;                      // batches a step
    RunRecorder recorder = null!;             // made when the loop begins
    TrainingState state = new(0, 0, 0, 0, 0, 0);
    double? validationLoss;
    double lastLoss, lastNorm, workSeconds, flopsPerToken;
    long workTokens, reported, watched = Environment.TickCount64;
    Action<Run>? watch;
    string? skipped;                          // why the last skipped step was skipped

    Trainer(Run run, TrainingData data)
    {
        (this.run, this.data, options) = (run, data, run.Options);
        setup = new TrainingSetup(run.Spec, data, options, SettingOf(run));
        guard = new StepGuard(options.SpikeDeviations);
        average = options.WeightAverageDecay > 0 ? new WeightAverage(setup.Buffer, options.WeightAverageDecay, setup.Pool) : null;
        passes = options.PassesPerStep(setup.Length);
    }

    static MeasuredSetting SettingOf(Run run) => new(run.Spec.Width, run.Description.Precision, run.Description.Threads, run.Description.Kernels, 0);

    /// <summary>Trains a new model in a new run of the workspace.</summary>
    /// <param name="spec">The architecture; its vocabulary must hold the data's tokens.</param>
    /// <param name="data">Tokens to learn from and to validate on.</param>
    /// <param name="options">How to train.</param>
    /// <param name="name">What the run's folder is named after.</param>
    /// <param name="stopAfter">Stop, resumable, after this step; null: go to the end.</param>
    /// <param name="preset">The preset that spec and options come from, for the record.</param>
    /// <param name="text">Where the text came from (catalog name or file), so that a resume can find it again.</param>
    /// <param name="workspace">Where the run's folder is made; null: the current workspace.</param>
    /// <param name="watch">Called with the run when there are new metrics, at most once in two seconds and at the end: for live plots.</param>
    /// <returns>The run: metrics, checkpoints, samples, report.</returns>
    /// <exception cref="InvalidInputException">Spec, options and data do not fit each other; nothing was made then.</exception>
    /// <exception cref="OperationCanceledException">The user asked to stop; the run can be resumed.</exception>
    public static Run Train(ModelSpec spec, TrainingData data, TrainingOptions options, string name = "train", int? stopAfter = null, string? preset = null, string? text = null, Workspace? workspace = null, Action<Run>? watch = null)
    {
        TrainingChecks.Check(spec, data, options);
        bool given = options is { Precision: not Precision.Auto, Threads: > 0, Kernels: not Kernels.Auto };
        var settings = given ? new MeasuredSetting(spec.Width, options.Precision, options.Threads, options.Kernels, 0) : MachineSettings.Current().Best(spec, options);
        MemoryEstimate.Of(spec, options, settings).CheckFits();
        string folder = (workspace ?? Workspace.Open()).NewFolder(name);
        // Before run.json: a folder that has that is a run, and a run can be resumed.
        if (data.Tokenizer is VocabularyTokenizer tokenizer) TokenizerFile.Save(tokenizer, Path.Combine(folder, "tokenizer.json"));
        var run = Run.Create(folder, new RunDescription
        {
            Name = Path.GetFileName(folder),
            Preset = preset,
            Text = text is not null && File.Exists(text) ? Path.GetFullPath(text) : text,
            Data = data.Training.Name,
            DataHash = data.Hash(),
            DataVersion = data.Version,
            Started = DateTimeOffset.UtcNow,
            Precision = settings.Precision,
            Kernels = settings.Kernels,
            Threads = settings.Threads,
        }, spec, options);
        using var trainer = new Trainer(run, data) { watch = watch };
        trainer.TrainUntil(Math.Min(stopAfter ?? options.Steps, options.Steps));
        return run;
    }

    /// <summary>Goes on with a run from its newest checkpoint.</summary>
    /// <param name="run">The run.</param>
    /// <param name="data">The same data.</param>
    /// <param name="stopAfter">Stop, resumable, after this step; null: go to the end.</param>
    /// <param name="precision">If given, it must be the run's: another would give other numbers.</param>
    /// <param name="threads">Likewise.</param>
    /// <exception cref="InvalidInputException">Other data, precision or threads than before, or a broken checkpoint.</exception>
    public static Run Resume(Run run, TrainingData data, int? stopAfter = null, Precision? precision = null, int? threads = null)
    {
        TrainingChecks.Check(run.Spec, data, run.Options);
        var description = run.Description;
        if (data.Hash() != description.DataHash)
            throw new InvalidInputException($"{run.Folder} was trained on other tokens ({description.Data}): give the same text and tokenizer, or start a new run.");
        if (precision is { } other and not Precision.Auto && other != description.Precision)
            throw new InvalidInputException($"{run.Folder} was begun with {description.Precision}; going on with {other} would not give the same numbers: leave --precision out, or start a new run.");
        if (threads is { } count and > 0 && count != description.Threads)
            throw new InvalidInputException($"{run.Folder} was begun with {description.Threads} threads; going on with {count} would not give the same numbers: leave --threads out, or start a new run.");
        MemoryEstimate.Of(run.Spec, run.Options, SettingOf(run)).CheckFits();
        using var trainer = new Trainer(run, data);
        if (run.LatestCheckpoint is { } checkpoint) trainer.Load(checkpoint);
        trainer.TrainUntil(Math.Min(stopAfter ?? run.Options.Steps, run.Options.Steps));
        return run;
    }

    void Load(string checkpoint)
    {
        state = Checkpoint.Load(checkpoint, setup.Buffer, setup.Optimizer, average);
        if (state.Guard is { } remembered) guard.State = remembered;
    }

    // The loop.
    void TrainUntil(int last)
    {
        long started = Stopwatch.GetTimestamp();
        double before = state.Seconds;
        recorder = new RunRecorder(run, state.Step);
        setup.Model.train();
        setup.Sampler.Position = state.Batches;
        using var batches = new BatchPipeline(setup.Sampler, setup.Objective);
        try
        {
            while (state.Step < last && state.Stopping is not { Stopped: true })
            {
                Operation.Current.ThrowIfCancelled();
                long stepStarted = Stopwatch.GetTimestamp();

                double loss = 0, share = 1.0 / passes;
                for (int part = 0; part < passes; part++)
                {
                    var batch = batches.Take();
                    loss += share * setup.Engine.Accumulate(batch, share, state.Batches);
                    if (flopsPerToken == 0) flopsPerToken = TrainingCost.FlopsPerToken(setup.Model, setup.Length, batch.Length, batch.SourceLength);
                    batches.Return(batch);
                    state = state with { Batches = state.Batches + 1, Tokens = state.Tokens + batch.Tokens.Length };
                }
                double norm = setup.Engine.Reduce(), rate = Schedule.Share(options, state.Step);
                bool made = MayStep(loss, norm);
                if (made)
                {
                    setup.Optimizer.Step(state.Step, rate, options.GradientClip > 0 ? Math.Min(1, options.GradientClip / (norm + 1e-6)) : 1);
                    average?.Add(state.Step);
                }
                setup.Engine.Clear();

                (lastLoss, lastNorm) = (loss, norm);
                workSeconds += Stopwatch.GetElapsedTime(stepStarted).TotalSeconds;
                workTokens += (long)passes * setup.Sampler.Sequences * setup.Length;
                state = state with
                {
                    Step = state.Step + 1,
                    LossSum = state.LossSum + (made ? loss : 0),
                    LossCount = state.LossCount + (made ? 1 : 0),
                    SkippedSteps = state.SkippedSteps + (made ? 0 : 1),
                    Seconds = before + Stopwatch.GetElapsedTime(started).TotalSeconds,
                };
                if (Due(options.LogEvery) || state.Step == options.Steps) Log(rate);
                if (Due(options.EvaluateEvery) || state.Step == options.Steps) Evaluate();
                bool ends = state.Step == options.Steps || state.Stopping is { Stopped: true };
                if (Due(options.SampleEvery) || ends) WriteSample();
                if (Due(options.SaveEvery) || state.Step == last || ends) Save();
                Progress();
                if (watch is not null && Due(options.LogEvery) && Environment.TickCount64 - watched >= 2_000)
                {
                    watch(run);
                    watched = Environment.TickCount64;
                }
            }
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }
        catch (System.Runtime.InteropServices.ExternalException e) when (e.Message.Contains("allocate memory", StringComparison.Ordinal))
        {
            throw new InvalidInputException(MemoryEstimate.Of(run.Spec, options, SettingOf(run)).Sentence($"The memory ran out at step {state.Step + 1}, while other programs took theirs."), e);
        }
        state = state with { Seconds = before + Stopwatch.GetElapsedTime(started).TotalSeconds, Joules = state.Joules + recorder.Joules() };
        recorder.Finish(setup.Model, state, flopsPerToken, lastLoss);
        watch?.Invoke(run);
    }

    bool Due(int every) => every > 0 && state.Step % every == 0;

    bool MayStep(double loss, double norm)
    {
        if (guard.WhySkip(loss, norm) is not { } reason) return true;
        skipped = $"step {state.Step + 1} skipped: {reason}";
        bool finite = double.IsFinite(loss) && double.IsFinite(norm);
        if (!finite && (guard.IsHopeless || !IsFinite(setup.Buffer.Values)))
            throw new InvalidInputException($"At step {state.Step + 1} the loss is {loss.ToString(CultureInfo.InvariantCulture)} and the gradient's length {norm.ToString(CultureInfo.InvariantCulture)}{(guard.IsHopeless ? ", the tenth time in a row" : ", and weights are no finite numbers either")}: lower the learning rate, and go on from {run.LatestCheckpoint ?? "the start"}.");
        Operation.Current.Progress?.Report(new ProgressReport("skipped steps", state.SkippedSteps + 1, null, "steps", skipped));
        return false;
    }

    static bool IsFinite(torch.Tensor values)
    {
        using var all = values.isfinite().all();
        return all.item<bool>();
    }

    void Log(double rate)
    {
        recorder.Append(new Metrics
        {
            Step = state.Step,
            Tokens = state.Tokens,
            Seconds = state.Seconds,
            TrainLoss = state.LossCount == 0 ? null : state.LossSum / state.LossCount,
            SkippedSteps = state.SkippedSteps == 0 ? null : state.SkippedSteps,
            LearningRate = (options.Optimizer == OptimizerKind.Muon ? options.MuonLearningRate : options.LearningRate) * rate,
            GradientNorm = lastNorm,
            TokensPerSecond = workTokens / workSeconds,
        });
        state = state with { LossSum = 0, LossCount = 0, Joules = state.Joules + recorder.Joules() };
        (workSeconds, workTokens) = (0, 0);
    }

    void Evaluate()
    {
        double loss = ValidationLoss();
        double? averaged = null;
        average?.Exchange();
        if (average is not null) averaged = ValidationLoss();
        Judge(averaged ?? loss);
        average?.Exchange();
        validationLoss = loss;
        recorder.Append(new Metrics { Step = state.Step, Tokens = state.Tokens, Seconds = state.Seconds, ValidationLoss = loss, AverageValidationLoss = averaged });
    }

    double ValidationLoss() => setup.Objective is null
        ? IntrinsicEvaluation.Score(setup.Model, data.Validation, setup.Length, run.Description.Precision, setup.Pool, MemoryEstimate.EvaluationTokens(run.Spec)).Loss
        : ObjectiveEvaluation.Score(setup.Model, data, options.Objective, setup.Length, precision: run.Description.Precision).Loss;

    // Keeps the evaluated weights (averaged ones where there are) if they are the best so far, and decides whether to go on.
    void Judge(double loss)
    {
        if (options.Patience == 0) return;
        var stopping = (state.Stopping ?? new EarlyStopping()).After(loss, state.Step, options.Patience, options.SmallestImprovement);
        if (stopping.BestStep == state.Step) SafetensorsFile.Write(Path.Combine(run.Folder, Run.BestWeights), Checkpoint.Named(setup.Buffer, setup.Buffer.Values));
        state = state with { Stopping = stopping };
    }

    void WriteSample()
    {
        if (data.Tokenizer is null || setup.Objective is not null) return;
        setup.Model.eval();
        string text = new TextGenerator(setup.Model, data.Tokenizer).Generate("\n", new GenerationOptions
        {
            MostTokens = 300,
            Temperature = 0.8,
            Seed = options.Seed,
            ExcludedTokens = data.Tokenizer is VocabularyTokenizer known ? [.. known.SpecialTokens.Values] : [],
        });
        AtomicFile.WriteText(Path.Combine(run.SampleFolder, string.Create(CultureInfo.InvariantCulture, $"step-{state.Step:000000}.txt")), text);
        setup.Model.train();
    }

    void Save()
    {
        state = state with { Joules = state.Joules + recorder.Joules(), Guard = guard.State };
        Checkpoint.Save(run.Checkpoints, setup.Buffer, setup.Optimizer, state, options.KeepCheckpoints, average);
    }

    void Progress()
    {
        // At most ten reports a second: a step of a small model takes a hundredth of one.
        bool ends = state.Step == options.Steps || state.Stopping is { Stopped: true };
        if (!ends && Environment.TickCount64 - reported < 100) return;
        reported = Environment.TickCount64;
        string validation = validationLoss is { } v ? string.Create(CultureInfo.InvariantCulture, $", validation {v:0.0000}") : "";
        string stopped = state.Stopping is { Stopped: true } ? $", stopped: no better for {options.Patience} evaluations" : "";
        Operation.Current.Progress?.Report(new ProgressReport("training", state.Step, options.Steps, "steps", string.Create(CultureInfo.InvariantCulture, $"loss {lastLoss:0.0000}{validation}{stopped}")));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        average?.Dispose();
        setup.Dispose();
    }
}
