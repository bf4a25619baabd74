using System.Diagnostics;
using LlmLab.Interop;
using LlmLab.Models;
using LlmLab.Training;

namespace LlmLab.Runs;

/// <summary>Writes down what a run does while it goes on: metrics, as lines of JSON and as TensorBoard's events, and the energy it takes.</summary>
sealed class RunRecorder
{
    readonly Run run;
    readonly TensorBoardFile events;
    readonly EnergyMeter energy;
    long? peakDeviceBytes;

    /// <param name="run">The run.</param>
    /// <param name="step">Steps made before: what was written of later ones is forgotten.</param>
    public RunRecorder(Run run, int step)
    {
        this.run = run;
        if (step > 0 || File.Exists(Path.Combine(run.Folder, "metrics.jsonl"))) run.MetricsLog.KeepUpTo(step);
        events = new TensorBoardFile(run.Folder, step > 0 ? step : null);
        energy = new EnergyMeter(run.Options.AssumedWattsPerCore, run.Description.Threads);
    }

    /// <summary>Joules since the last call.</summary>
    public double Joules() => energy.Joules();

    /// <summary>Adds a line of metrics.</summary>
    public void Append(Metrics metrics)
    {
        run.MetricsLog.Append(metrics);
        if (run.Description.Device == ComputeDevice.Cuda && CudaDriver.Memory() is var (free, total)) peakDeviceBytes = Math.Max(peakDeviceBytes ?? 0, total - free);
        events.Append(metrics.Step,
            ("loss/training", metrics.TrainLoss),
            ("loss/validation", metrics.ValidationLoss),
            ("loss/validation_average", metrics.AverageValidationLoss),
            ("training/skipped_steps", metrics.SkippedSteps),
            ("training/learning_rate", metrics.LearningRate),
            ("training/gradient_norm", metrics.GradientNorm),
            ("speed/tokens_per_second", metrics.TokensPerSecond));
    }

    /// <summary>Writes the result and the report.</summary>
    /// <param name="model">The model, for its size.</param>
    /// <param name="state">Where the run is.</param>
    /// <param name="flopsPerToken">Operations of a step for each token (<see cref="TrainingCost"/>); null where they are not counted.</param>
    /// <param name="loss">The last step's loss, for a run that wrote no line yet.</param>
    public void Finish(LanguageModel model, TrainingState state, double? flopsPerToken, double loss)
    {
        var lines = run.Metrics;
        double[] rates = [.. lines.Where(m => m.TokensPerSecond is not null).Select(m => m.TokensPerSecond!.Value).Order()];
        double rate = rates.Length == 0 ? 0 : rates[rates.Length / 2], peak = flopsPerToken is null ? 0 : MachinePeak.Current(run.Description.Device).GigaFlops[run.Description.Precision];
        bool stopped = state.Stopping is { Stopped: true };
        using var process = Process.GetCurrentProcess();
        run.Write(new RunResult
        {
            Run = run.Folder,
            Steps = state.Step,
            Seconds = state.Seconds,
            Seed = run.Options.Seed,
            TrainLoss = lines.LastOrDefault(m => m.TrainLoss is not null)?.TrainLoss ?? loss,
            ValidationLoss = state.Step == run.Options.Steps || stopped ? lines.LastOrDefault(m => m.ValidationLoss is not null)?.ValidationLoss : null,
            AverageValidationLoss = lines.LastOrDefault(m => m.ValidationLoss is not null)?.AverageValidationLoss,
            SkippedSteps = state.SkippedSteps,
            StoppedEarly = stopped,
            BestValidationLoss = state.Stopping?.BestLoss,
            BestStep = state.Stopping?.BestStep,
            TokensPerSecond = rate,
            Precision = run.Description.Precision,
            Kernels = run.Description.Kernels,
            Threads = run.Description.Threads,
            ModelFlopsUtilization = flopsPerToken is { } flops ? rate * flops / (peak * 1e9) : 0,
            PeakGigaFlops = peak,
            WattHours = state.Joules / 3_600,
            EnergySource = energy.Source,
            PeakMemoryBytes = process.PeakWorkingSet64,
            Device = run.Description.Device,
            PeakDeviceMemoryBytes = peakDeviceBytes,
        });
        RunReport.Write(run, model.ParameterCount);
    }
}
