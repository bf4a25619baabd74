using System.Diagnostics;
using System.Globalization;
using LlmLab.Models;
using LlmLab.Runs;

namespace LlmLab.Training;

/// <summary>
/// The training loop, the same for windows of tokens (<see cref="Trainer"/>) and for tasks (<see cref="Tasks.TaskTrainer"/>): gradients, a
/// step, and now and then a line of metrics, an evaluation, a sample of text and a checkpoint.
/// </summary>
sealed class TrainingLoop : IDisposable
{
    readonly Run run;
    readonly TrainingOptions options;
    readonly TrainingSetup setup;
    readonly StepUpdate update;
    readonly WeightAverage? average;
    readonly Action<Run>? watch;
    RunRecorder recorder = null!;             // made when the loop begins
    double? validationLoss;
    double lastLoss, lastNorm, workSeconds;
    long workTokens, reported, watched = Environment.TickCount64;

    /// <param name="run">The run that is recorded.</param>
    /// <param name="setup">Model, engine, optimizer.</param>
    /// <param name="watch">Called with the run when there are new metrics, at most once in two seconds and at the end; or null.</param>
    public TrainingLoop(Run run, TrainingSetup setup, Action<Run>? watch = null)
    {
        (this.run, this.setup, this.watch, options) = (run, setup, watch, run.Options);
        average = options.WeightAverageDecay > 0 ? new WeightAverage(setup.Buffer, options.WeightAverageDecay, setup.Pool) : null;
        update = StepUpdate.Create(setup, options, average);
    }

    /// <summary>Where the run is.</summary>
    public TrainingState State { get; private set; } = new(0, 0, 0, 0, 0, 0);

    /// <summary>Goes on from a checkpoint.</summary>
    /// <exception cref="InvalidInputException">It is broken, or of another spec or optimizer.</exception>
    public void Load(string checkpoint)
    {
        State = Checkpoint.Load(checkpoint, setup.Buffer, setup.Optimizer, average);
        if (State.Guard is { } remembered) update.Guard = remembered;
    }

    /// <summary>Trains until a step, or until validation gets no better.</summary>
    /// <exception cref="InvalidInputException">Loss or weights are no finite numbers any more, or the memory ran out.</exception>
    /// <exception cref="OperationCanceledException">The user asked to stop; a checkpoint was written.</exception>
    public void TrainUntil(int last, ITrainingSource source)
    {
        long started = Stopwatch.GetTimestamp();
        double before = State.Seconds;
        recorder = new RunRecorder(run, State.Step);
        setup.Model.train();
        try
        {
            while (State.Step < last && State.Stopping is not { Stopped: true })
            {
                Operation.Current.ThrowIfCancelled();
                long stepStarted = Stopwatch.GetTimestamp();

                double rate = Schedule.Share(options, State.Step);
                var (batches, tokens) = source.Accumulate(update, State);
                update.Finish(State.Step, rate);
                State = State with { Step = State.Step + 1, Batches = State.Batches + batches, Tokens = State.Tokens + tokens };
                bool ends = State.Step == options.Steps;
                if (update.ReadsFreely || Due(options.LogEvery) || ends) Read();

                workSeconds += Stopwatch.GetElapsedTime(stepStarted).TotalSeconds;
                workTokens += source.TokensOfStep(tokens);
                State = State with { Seconds = before + Stopwatch.GetElapsedTime(started).TotalSeconds };
                if (Due(options.LogEvery) || ends) Log(rate);
                if (Due(options.EvaluateEvery) || ends) Evaluate(source);
                ends |= State.Stopping is { Stopped: true };
                if (Due(options.SampleEvery) || ends) WriteSample(source);
                if (Due(options.SaveEvery) || State.Step == last || ends) Save();
                Progress(source, ends);
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
        catch (System.Runtime.InteropServices.ExternalException e) when (IsOutOfMemory(e))
        {
            throw new InvalidInputException(MemoryEstimate.Of(run.Spec, options, run.Description.Setting(run.Spec)).Sentence($"The memory ran out at step {State.Step + 1}, while other programs took theirs."), e);
        }
        State = State with { Seconds = before + Stopwatch.GetElapsedTime(started).TotalSeconds, Joules = State.Joules + recorder.Joules() };
        recorder.Finish(setup.Model, State, source.FlopsPerToken, lastLoss);
        watch?.Invoke(run);
    }

    // The processor's allocator, and a GPU's.
    static bool IsOutOfMemory(Exception e) => e.Message.Contains("allocate memory", StringComparison.Ordinal) || e.Message.Contains("out of memory", StringComparison.Ordinal);

    bool Due(int every) => every > 0 && State.Step % every == 0;

    void Read()
    {
        var sums = update.Read();
        if (sums.Made + sums.Skipped == 0) return;
        (lastLoss, lastNorm) = (sums.LastLoss, sums.LastNorm);
        State = State with { LossSum = State.LossSum + sums.LossSum, LossCount = State.LossCount + sums.Made, SkippedSteps = State.SkippedSteps + sums.Skipped };
        if (sums.Hopeless is { } why)
            throw new InvalidInputException($"At step {State.Step} the loss is {lastLoss.ToString(CultureInfo.InvariantCulture)} and the gradient's length {lastNorm.ToString(CultureInfo.InvariantCulture)}, {why}: lower the learning rate, and go on from {run.LatestCheckpoint ?? "the start"}.");
        if (sums.Skipped > 0)
            Operation.Current.Progress?.Report(new ProgressReport("skipped steps", State.SkippedSteps, null, "steps", $"step {State.Step} skipped: {sums.Reason}"));
    }

    void Log(double rate)
    {
        recorder.Append(new Metrics
        {
            Step = State.Step,
            Tokens = State.Tokens,
            Seconds = State.Seconds,
            TrainLoss = State.LossCount == 0 ? null : State.LossSum / State.LossCount,
            SkippedSteps = State.SkippedSteps == 0 ? null : State.SkippedSteps,
            LearningRate = (options.Optimizer == OptimizerKind.Muon ? options.MuonLearningRate : options.LearningRate) * rate,
            GradientNorm = lastNorm,
            TokensPerSecond = workTokens / workSeconds,
        });
        State = State with { LossSum = 0, LossCount = 0, Joules = State.Joules + recorder.Joules() };
        (workSeconds, workTokens) = (0, 0);
    }

    void Evaluate(ITrainingSource source)
    {
        if (source.ValidationLoss() is not { } loss) return;
        double? averaged = null;
        average?.Exchange();
        try
        {
            if (average is not null) averaged = source.ValidationLoss();
            Judge(averaged ?? loss);
        }
        finally
        {
            average?.Exchange();   // also where the user stops the evaluation: what is saved then are the weights
        }
        validationLoss = loss;
        recorder.Append(new Metrics { Step = State.Step, Tokens = State.Tokens, Seconds = State.Seconds, ValidationLoss = loss, AverageValidationLoss = averaged });
    }

    // Keeps the evaluated weights (averaged ones where there are) if they are the best so far, and decides whether to go on.
    void Judge(double loss)
    {
        if (options.Patience == 0) return;
        var stopping = (State.Stopping ?? new EarlyStopping()).After(loss, State.Step, options.Patience, options.SmallestImprovement);
        if (stopping.BestStep == State.Step) SafetensorsFile.Write(Path.Combine(run.Folder, Run.BestWeights), Checkpoint.Named(setup.Buffer, setup.Buffer.Values));
        State = State with { Stopping = stopping };
    }

    void WriteSample(ITrainingSource source)
    {
        setup.Model.eval();
        if (source.Sample() is { } text) AtomicFile.WriteText(Path.Combine(run.SampleFolder, string.Create(CultureInfo.InvariantCulture, $"step-{State.Step:000000}.txt")), text);
        setup.Model.train();
    }

    void Save()
    {
        Read();
        State = State with { Joules = State.Joules + recorder.Joules(), Guard = update.Guard };
        Checkpoint.Save(run.Checkpoints, setup.Buffer, setup.Optimizer, State, options.KeepCheckpoints, average);
    }

    void Progress(ITrainingSource source, bool ends)
    {
        // At most ten reports a second: a step of a small model takes a hundredth of one.
        if (!ends && Environment.TickCount64 - reported < 100) return;
        reported = Environment.TickCount64;
        string validation = validationLoss is { } v ? string.Create(CultureInfo.InvariantCulture, $", validation {v:0.0000}") : "", detail = source.Detail is { } more ? $" ({more})" : "";
        string stopped = State.Stopping is { Stopped: true } ? $", stopped: no better for {options.Patience} evaluations" : "";
        Operation.Current.Progress?.Report(new ProgressReport("training", State.Step, options.Steps, "steps", string.Create(CultureInfo.InvariantCulture, $"loss {lastLoss:0.0000}{detail}{validation}{stopped}")));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        update.Dispose();
        average?.Dispose();
    }
}
