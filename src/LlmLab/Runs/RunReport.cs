using System.Globalization;
using System.Text;
using LlmLab.Interop;

namespace LlmLab.Runs;

/// <summary>Writes a run's <c>report.md</c>: what was trained, how it went, what it writes.</summary>
public static class RunReport
{
    /// <summary>Writes or replaces the report.</summary>
    public static void Write(Run run, long parameters)
    {
        var culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        var (spec, options, result, environment) = (run.Spec, run.Options, run.Result, run.Environment);
        text.AppendLine(culture, $"# {run.Description.Name}").AppendLine();
        text.AppendLine("| | |").AppendLine("| --- | --- |");
        void Row(string name, FormattableString value) => text.AppendLine(culture, $"| {name} | {value.ToString(culture)} |");
        if (run.Description.Preset is { } preset) Row("preset", $"{preset}");
        Row("model", $"{parameters:N0} parameters: {spec.LayerCount} layers, width {spec.Width}, {spec.HeadCount} heads, context {spec.ContextLength}, vocabulary {spec.VocabularySize}");
        Row("data", $"{run.Description.Data} (hash {run.Description.DataHash})");
        if (run.Description.DataVersion is { } version) Row("data version", $"{version}");
        Row("optimizer", $"{options.Optimizer}, learning rate {options.LearningRate}, {options.Schedule}, {options.BatchSize * options.AccumulationSteps} sequences a step");
        if (result is not null)
        {
            Row("steps", $"{result.Steps:N0} of {options.Steps:N0}");
            Row("training loss", $"{result.TrainLoss:0.0000} nats a token");
            if (result.ValidationLoss is { } loss) Row("validation loss", $"{loss:0.0000} nats a token (perplexity {Math.Exp(loss):0.000})");
            if (result.AverageValidationLoss is { } average) Row("validation loss of the averaged weights", $"{average:0.0000} nats a token");
            if (result.BestValidationLoss is { } best) Row("best validation loss", $"{best:0.0000} after step {result.BestStep:N0}{(result.StoppedEarly ? $"; the run stopped after {options.Patience} evaluations without a better one" : "")}");
            if (result.SkippedSteps > 0) Row("skipped steps", $"{result.SkippedSteps:N0} (spikes of loss or gradient, or numbers that were not finite)");
            Row("speed", $"{result.TokensPerSecond:N0} tokens a second; {result.Seconds:0.0} s in all");
            string where = result.Device == ComputeDevice.Cuda ? "the GPU" : $"{environment?.Processors} processors";
            if (result.PeakGigaFlops > 0) Row("utilization", $"{result.ModelFlopsUtilization:0.0 %} of this machine's fastest matrix products in {result.Precision} ({result.PeakGigaFlops:N0} GFLOP/s on {where})");
            Row("energy", $"{result.WattHours:0.###} Wh, {result.EnergySource}");
            Row("memory", $"{result.PeakMemoryBytes / 1048576.0:N0} MiB at most, the whole process");
            if (result.PeakDeviceMemoryBytes is { } device) Row("memory of the GPU", $"{device / 1048576.0:N0} MiB at most, all programs");
        }
        Row("device, precision, kernels, threads, seed", $"{run.Description.Device}, {run.Description.Precision}, {run.Description.Kernels}, {run.Description.Threads}, {options.Seed}");
        if (environment is not null)
        {
            string modified = environment.Modified == true ? " with changes" : "";
            Row("machine", $"{environment.Processor}, {environment.Processors} processors, {environment.System}");
            Row("software", $"LlmLab {environment.Version} {environment.Commit?[..Math.Min(12, environment.Commit.Length)]}{modified}, {environment.Framework}, TorchSharp {environment.TorchSharp} ({environment.Backend})");
        }
        var evaluations = run.Metrics.Where(m => m.ValidationLoss is not null).ToArray();
        if (evaluations.Length > 0)
        {
            text.AppendLine().AppendLine("## Validation").AppendLine().AppendLine("| step | tokens | seconds | loss |").AppendLine("| ---: | ---: | ---: | ---: |");
            foreach (var line in evaluations) text.AppendLine(culture, $"| {line.Step:N0} | {line.Tokens:N0} | {line.Seconds:0.0} | {line.ValidationLoss:0.0000} |");
        }
        if (run.Samples is [.., var sample])
            text.AppendLine().AppendLine(culture, $"## What it writes after step {sample.Step:N0}").AppendLine().AppendLine("```text").AppendLine(sample.Text.Trim('\n')).AppendLine("```");
        AtomicFile.WriteText(Path.Combine(run.Folder, "report.md"), text.ToString());
    }
}
