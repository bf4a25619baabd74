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
    readonly LanguageModel model;
    readonly ParameterBuffer buffer;
    readonly WorkerPool pool;
    readonly IGradientEngine engine;
    readonly IOptimizer optimizer;
    readonly BatchSampler sampler;
    RunRecorder recorder = null!;             // made when the loop begins
    readonly TrainingObjective? objective;   // null: the next token, windows as they are drawn
    TrainingState state = new(0, 0, 0, 0, 0, 0);
    double? validationLoss;
    double lastLoss, lastNorm, workSeconds;
    long workTokens;
    int sourceLength;

    Trainer(Run run, TrainingData data)
    {
        (this.run, this.data, options) = (run, data, run.Options);
        NativeMemory.KeepLargeBlocks();
        model = new LanguageModel(run.Spec, options.Seed);
        buffer = new ParameterBuffer(model);
        pool = new WorkerPool(run.Description.Threads, torchThreads: 1);
        int length = options.SequenceLength ?? run.Spec.ContextLength;
        engine = IGradientEngine.Create(run.Description.Kernels, model, buffer, pool, run.Description.Precision, options.Seed, options.BatchSize, length);
        optimizer = options.Optimizer switch
        {
            OptimizerKind.Muon => new Muon(buffer, options, pool, model.PackedParts, GradientEngine.TypeOf(run.Description.Precision), run.Description.Kernels),
            OptimizerKind.Lion => new Lion(buffer, options),
            _ => new AdamW(buffer, options, pool),
        };
        objective = options.Objective == ObjectiveKind.Causal ? null : TrainingObjective.Create(options.Objective, run.Spec, length, options.Seed);
        sampler = new BatchSampler(data.Training, options.BatchSize, length, options.Seed, options.Sampling == SamplingKind.Shuffled);
    }

    /// <summary>Trains a new model in a new run of the workspace.</summary>
    /// <param name="spec">The architecture; its vocabulary must hold the data's tokens.</param>
    /// <param name="data">Tokens to learn from and to validate on.</param>
    /// <param name="options">How to train.</param>
    /// <param name="name">What the run's folder is named after.</param>
    /// <param name="stopAfter">Stop, resumable, after this step; null: go to the end.</param>
    /// <param name="preset">The preset that spec and options come from, for the record.</param>
    /// <param name="text">Where the text came from (catalog name or file), so that a resume can find it again.</param>
    /// <param name="workspace">Where the run's folder is made; null: the current workspace.</param>
    /// <returns>The run: metrics, checkpoints, samples, report.</returns>
    /// <exception cref="InvalidInputException">Spec, options and data do not fit each other; nothing was made then.</exception>
    /// <exception cref="OperationCanceledException">The user asked to stop; the run can be resumed.</exception>
    public static Run Train(ModelSpec spec, TrainingData data, TrainingOptions options, string name = "train", int? stopAfter = null, string? preset = null, string? text = null, Workspace? workspace = null)
    {
        Check(spec.Checked(), data, options.Checked());
        bool given = options is { Precision: not Precision.Auto, Threads: > 0, Kernels: not Kernels.Auto };
        var settings = given ? new MeasuredSetting(spec.Width, options.Precision, options.Threads, options.Kernels, 0) : MachineSettings.Current().Best(spec, options);
        string folder = (workspace ?? Workspace.Open()).NewFolder(name);
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
        if (data.Tokenizer is VocabularyTokenizer tokenizer) TokenizerFile.Save(tokenizer, Path.Combine(folder, "tokenizer.json"));
        using var trainer = new Trainer(run, data);
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
        Check(run.Spec, data, run.Options);
        var description = run.Description;
        if (data.Hash() != description.DataHash)
            throw new InvalidInputException($"{run.Folder} was trained on other tokens ({description.Data}): give the same text and tokenizer, or start a new run.");
        if (precision is { } other and not Precision.Auto && other != description.Precision)
            throw new InvalidInputException($"{run.Folder} was begun with {description.Precision}; going on with {other} would not give the same numbers: leave --precision out, or start a new run.");
        if (threads is { } count and > 0 && count != description.Threads)
            throw new InvalidInputException($"{run.Folder} was begun with {description.Threads} threads; going on with {count} would not give the same numbers: leave --threads out, or start a new run.");
        using var trainer = new Trainer(run, data);
        if (run.LatestCheckpoint is { } checkpoint) trainer.state = Checkpoint.Load(checkpoint, trainer.buffer, trainer.optimizer);
        trainer.TrainUntil(Math.Min(stopAfter ?? run.Options.Steps, run.Options.Steps));
        return run;
    }

    static void Check(ModelSpec spec, TrainingData data, TrainingOptions options)
    {
        spec.CheckVocabulary(data.VocabularySize, data.Training.Name);
        int length = options.SequenceLength ?? spec.ContextLength;
        if (length > spec.ContextLength)
            throw new InvalidInputException($"Sequences of {length} tokens do not fit the model's context of {spec.ContextLength}.");
        TrainingObjective.Create(options.Objective, spec, length, options.Seed);
        if (data.Training.Length <= length)
            throw new InvalidInputException($"{data.Training.Name} has {data.Training.Length} tokens, too few for sequences of {length}: give more text or a shorter context.");
        if (data.Validation.Length < 2)
            throw new InvalidInputException($"{data.Validation.Name} has {data.Validation.Length} token(s): validation needs at least two.");
    }

    // The loop.
    void TrainUntil(int last)
    {
        long started = Stopwatch.GetTimestamp();
        double before = state.Seconds;
        recorder = new RunRecorder(run, state.Step);
        model.train();
        sampler.Position = state.Batches;
        using var batches = new BatchPipeline(sampler, objective);
        try
        {
            while (state.Step < last)
            {
                Operation.Current.ThrowIfCancelled();
                long stepStarted = Stopwatch.GetTimestamp();

                double loss = 0, share = 1.0 / options.AccumulationSteps;
                for (int part = 0; part < options.AccumulationSteps; part++)
                {
                    var batch = batches.Take();
                    loss += share * engine.Accumulate(batch, share, state.Batches);
                    sourceLength = batch.SourceLength;
                    batches.Return(batch);
                    state = state with { Batches = state.Batches + 1, Tokens = state.Tokens + batch.Tokens.Length };
                }
                double norm = engine.Reduce();
                if (!double.IsFinite(loss) || !double.IsFinite(norm))
                    throw new InvalidInputException($"The loss became {loss} at step {state.Step + 1} (gradient {norm}): lower the learning rate ({options.LearningRate}), or resume from {run.LatestCheckpoint ?? "the start"} with other data.");
                double clip = options.GradientClip > 0 ? Math.Min(1, options.GradientClip / (norm + 1e-6)) : 1;
                double rate = Schedule.Share(options, state.Step);
                optimizer.Step(state.Step, rate, clip);
                engine.Clear();

                (lastLoss, lastNorm) = (loss, norm);
                workSeconds += Stopwatch.GetElapsedTime(stepStarted).TotalSeconds;
                workTokens += (long)options.AccumulationSteps * sampler.Sequences * sampler.Length;
                state = state with
                {
                    Step = state.Step + 1,
                    LossSum = state.LossSum + loss,
                    LossCount = state.LossCount + 1,
                    Seconds = before + Stopwatch.GetElapsedTime(started).TotalSeconds,
                };
                if (Due(options.LogEvery) || state.Step == options.Steps) Log(rate);
                if (Due(options.EvaluateEvery) || state.Step == options.Steps) Evaluate();
                if (Due(options.SampleEvery) || state.Step == options.Steps) WriteSample();
                if (Due(options.SaveEvery) || state.Step == last) Save();
                Progress();
            }
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }
        state = state with { Seconds = before + Stopwatch.GetElapsedTime(started).TotalSeconds, Joules = state.Joules + recorder.Joules() };
        recorder.Finish(model, state, sampler.Length, sourceLength, lastLoss);
    }

    bool Due(int every) => every > 0 && state.Step % every == 0;

    void Log(double rate)
    {
        recorder.Append(new Metrics
        {
            Step = state.Step,
            Tokens = state.Tokens,
            Seconds = state.Seconds,
            TrainLoss = state.LossSum / state.LossCount,
            LearningRate = (options.Optimizer == OptimizerKind.Muon ? options.MuonLearningRate : options.LearningRate) * rate,
            GradientNorm = lastNorm,
            TokensPerSecond = workTokens / workSeconds,
        });
        state = state with { LossSum = 0, LossCount = 0, Joules = state.Joules + recorder.Joules() };
        (workSeconds, workTokens) = (0, 0);
    }

    void Evaluate()
    {
        double loss = objective is null
            ? IntrinsicEvaluation.Score(model, data.Validation, sampler.Length, run.Description.Precision, pool).Loss
            : ObjectiveEvaluation.Score(model, data, options.Objective, sampler.Length, precision: run.Description.Precision).Loss;
        validationLoss = loss;
        recorder.Append(new Metrics { Step = state.Step, Tokens = state.Tokens, Seconds = state.Seconds, ValidationLoss = loss });
    }

    void WriteSample()
    {
        if (data.Tokenizer is null || objective is not null) return;
        model.eval();
        string text = new TextGenerator(model, data.Tokenizer).Generate("\n", new GenerationOptions
        {
            MostTokens = 300,
            Temperature = 0.8,
            Seed = options.Seed,
            ExcludedTokens = data.Tokenizer is VocabularyTokenizer known ? [.. known.SpecialTokens.Values] : [],
        });
        AtomicFile.WriteText(Path.Combine(run.SampleFolder, string.Create(CultureInfo.InvariantCulture, $"step-{state.Step:000000}.txt")), text);
        model.train();
    }

    void Save()
    {
        state = state with { Joules = state.Joules + recorder.Joules() };
        Checkpoint.Save(run.Checkpoints, buffer, optimizer, state, options.KeepCheckpoints);
    }

    long reported;

    void Progress()
    {
        // At most ten reports a second: a step of a small model takes a hundredth of one.
        if (state.Step != options.Steps && Environment.TickCount64 - reported < 100) return;
        reported = Environment.TickCount64;
        string validation = validationLoss is { } v ? string.Create(CultureInfo.InvariantCulture, $", validation {v:0.0000}") : "";
        Operation.Current.Progress?.Report(new ProgressReport("training", state.Step, options.Steps, "steps", string.Create(CultureInfo.InvariantCulture, $"loss {lastLoss:0.0000}{validation}")));
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
