using LlmLab.Data;
using LlmLab.Interop;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;

namespace LlmLab.Training;

/// <summary>
/// Trains a language model on windows of tokens. A run is a folder; it can be stopped at any step
/// (Ctrl+C, or the process killed) and resumed, and then ends with the same numbers to the last bit as one that was never stopped.
/// <code>
/// var run = Trainer.Train(spec, data, new TrainingOptions { Steps = 500 });
/// run.LossChart()
/// </code>
/// </summary>
public static class Trainer
{
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
        var settings = MachineSettings.Choose(spec, options);
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
            Device = settings.Device,
            Precision = settings.Precision,
            Kernels = settings.Kernels,
            Threads = settings.Threads,
        }, spec, options);
        return Train(run, data, from: null, stopAfter, watch);
    }

    /// <summary>Goes on with a run from its newest checkpoint.</summary>
    /// <param name="run">The run.</param>
    /// <param name="data">The same data.</param>
    /// <param name="stopAfter">Stop, resumable, after this step; null: go to the end.</param>
    /// <param name="precision">If given, it must be the run's: another would give other numbers.</param>
    /// <param name="threads">Likewise.</param>
    /// <param name="device">Likewise.</param>
    /// <exception cref="InvalidInputException">Other data, precision or threads than before, or a broken checkpoint.</exception>
    public static Run Resume(Run run, TrainingData data, int? stopAfter = null, Precision? precision = null, int? threads = null, ComputeDevice? device = null)
    {
        TrainingChecks.Check(run.Spec, data, run.Options);
        var description = run.Description;
        if (data.Hash() != description.DataHash)
            throw new InvalidInputException($"{run.Folder} was trained on other tokens ({description.Data}): give the same text and tokenizer, or start a new run.");
        if (precision is { } other and not Precision.Auto && other != description.Precision)
            throw new InvalidInputException($"{run.Folder} was begun with {description.Precision}; going on with {other} would not give the same numbers: leave --precision out, or start a new run.");
        if (threads is { } count and > 0 && count != description.Threads)
            throw new InvalidInputException($"{run.Folder} was begun with {description.Threads} threads; going on with {count} would not give the same numbers: leave --threads out, or start a new run.");
        if (device is { } place and not ComputeDevice.Auto && place != description.Device)
            throw new InvalidInputException($"{run.Folder} was begun on the device {description.Device}; going on with {place} would not give the same numbers: leave --device out, or start a new run.");
        MemoryEstimate.Of(run.Spec, run.Options, description.Setting(run.Spec)).CheckFits();
        return Train(run, data, run.LatestCheckpoint, stopAfter, watch: null);
    }

    static Run Train(Run run, TrainingData data, string? from, int? stopAfter, Action<Run>? watch)
    {
        using var setup = new TrainingSetup(run.Spec, run.Options, run.Description.Setting(run.Spec));
        using var loop = new TrainingLoop(run, setup, watch);
        if (from is not null) loop.Load(from);
        using var source = new WindowSource(run, data, setup, loop.State.Batches);
        loop.TrainUntil(Math.Min(stopAfter ?? run.Options.Steps, run.Options.Steps), source);
        return run;
    }
}
