using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LlmLab.Data;
using LlmLab.Evaluation;
using LlmLab.Models;
using LlmLab.Runs;

namespace LlmLab.Training.Experiments;

/// <summary>How the program <c>llmlab</c> is started: for runs that get a process of their own.</summary>
/// <param name="File">The executable.</param>
/// <param name="Arguments">What comes before the verb.</param>
public sealed record HostProgram(string File, IReadOnlyList<string> Arguments);

/// <summary>
/// Trains what an experiment lacks on this machine, one variant and seed after the other, and writes a line of results after each: it
/// can be stopped at any time and goes on where it was.
/// </summary>
public sealed class Reproduction
{
    readonly Experiment experiment;
    readonly string resultsFile;
    readonly int? steps;
    readonly IReadOnlyList<long> seeds;
    readonly HostProgram? host;
    readonly string? text;
    readonly Workspace workspace;
    readonly Dictionary<string, TrainingData> prepared = [];

    Reproduction(Experiment experiment, string resultsFile, int? steps, IReadOnlyList<long> seeds, HostProgram? host, string? text, Workspace workspace) =>
        (this.experiment, this.resultsFile, this.steps, this.seeds, this.host, this.text, this.workspace) = (experiment, resultsFile, steps, seeds, host, text, workspace);

    /// <summary>Runs what is missing and returns all results on this machine.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="resultsFile">Where the lines go; null: the experiment's file.</param>
    /// <param name="steps">Another number of steps than the presets', for a try; then name another file too.</param>
    /// <param name="seeds">Other seeds; null: the experiment's.</param>
    /// <param name="host">How to start the program, for experiments whose runs get a process of their own; null: all run in this process.</param>
    /// <param name="workspace">Where the runs go, in a folder of the experiment's name; null: the current workspace.</param>
    /// <param name="text">Another text than the presets' (a file or a name in the catalog); then name another results file too.</param>
    /// <exception cref="InvalidInputException">A run failed, or results of another number of steps were to go into the experiment's file.</exception>
    public static async Task<ExperimentTable> RunAsync(Experiment experiment, string? resultsFile = null, int? steps = null, IReadOnlyList<long>? seeds = null, HostProgram? host = null, Workspace? workspace = null, string? text = null)
    {
        if ((steps is not null || text is not null) && (resultsFile is null || Path.GetFullPath(resultsFile) == Path.GetFullPath(experiment.ResultsFile)))
            throw new InvalidInputException($"Results of another number of steps or another text do not belong into {experiment.ResultsFile}: name another file for them (--results).");
        var runs = Workspace.Open(Path.Combine((workspace ?? Workspace.Open()).Folder, "reproduce-" + experiment.Name));
        var reproduction = new Reproduction(experiment, resultsFile ?? experiment.ResultsFile, steps, seeds ?? experiment.Seeds, experiment.OwnProcess ? host : null, text, runs);
        try
        {
            await reproduction.RunMissingAsync().ConfigureAwait(false);
        }
        finally
        {
            foreach (var data in reproduction.prepared.Values) data.Dispose();
        }
        return ExperimentTable.Of(experiment, ExperimentResult.Read(reproduction.resultsFile), MachineSettings.MachineName());
    }

    async Task RunMissingAsync()
    {
        var existing = ExperimentResult.Read(resultsFile).Where(r => r.Machine == MachineSettings.MachineName()).Select(r => (r.Variant, r.Seed, r.Recipe)).ToHashSet();
        int done = 0, total = experiment.Variants.Count * seeds.Count;
        // Seed by seed: stopped half-way, every variant has some of its seeds, and a machine that grows busier disturbs all alike.
        foreach (long seed in seeds)
            foreach (var variant in experiment.Variants)
            {
                Operation.Current.Report(experiment.Name, done++, total, "runs", $"{variant.Name}, seed {seed}");
                var data = await DataOfAsync(Preset.Find(variant.Preset)).ConfigureAwait(false);
                var (spec, options) = variant.Recipe(data.VocabularySize, steps);
                string recipe = RecipeChanges.Fingerprint(spec, options);
                if (existing.Contains((variant.Name, seed, recipe))) continue;
                double? wall = null;
                Run run;
                if (host is null) run = Sweep.TrainOrResume(workspace, $"{FolderName(variant.Name)}-{recipe[..8]}-seed{seed}", data, spec, options with { Seed = seed });
                else (run, wall) = await RunInOwnProcessAsync(variant, seed).ConfigureAwait(false);
                ResultOf(run, data, variant, seed, recipe, wall).AppendTo(resultsFile);
            }
        Operation.Current.Report(experiment.Name, done, total, "runs");
    }

    async Task<TrainingData> DataOfAsync(Preset preset)
    {
        string key = $"{preset.Text}\n{preset.Tokenizer}\n{preset.ValidationShare}";
        if (!prepared.TryGetValue(key, out var data)) prepared[key] = data = await preset.PrepareAsync(text).ConfigureAwait(false);
        return data;
    }

    ExperimentResult ResultOf(Run run, TrainingData data, ExperimentVariant variant, long seed, string recipe, double? wall)
    {
        var result = run.Result ?? throw new InvalidInputException($"{run.Folder} has no result: delete the folder and start again.");
        using var model = run.LoadModel(device: run.Description.Device);
        using var pool = new WorkerPool(run.Description.Threads, torchThreads: 1);
        var windows = experiment.Windows.Where(w => w < run.Spec.ContextLength)
            .ToDictionary(w => w, w => IntrinsicEvaluation.Score(model, data.Validation, w, run.Description.Precision, pool).Loss);
        return new ExperimentResult
        {
            Variant = variant.Name,
            Seed = seed,
            Recipe = recipe,
            Machine = MachineSettings.MachineName(),
            Date = DateTimeOffset.UtcNow,
            Commit = run.Environment is { Commit: { } commit } environment ? commit[..12] + (environment.Modified == true ? "+" : "") : null,
            Parameters = model.ParameterCount,
            Steps = result.Steps,
            Tokens = run.Metrics[^1].Tokens,
            ValidationLoss = result.ValidationLoss!.Value,
            LossByWindow = windows,
            TrainSeconds = result.Seconds,
            WallSeconds = wall,
            TokensPerSecond = result.TokensPerSecond,
            ModelFlopsUtilization = result.ModelFlopsUtilization,
            PeakMemoryBytes = result.PeakMemoryBytes,
            Precision = result.Precision,
            Kernels = result.Kernels,
            Threads = result.Threads,
        };
    }

    async Task<(Run Run, double Seconds)> RunInOwnProcessAsync(ExperimentVariant variant, long seed)
    {
        var start = new ProcessStartInfo(host!.File, [
            .. host.Arguments, "train", "--preset", variant.Preset, "--seed", seed.ToString(CultureInfo.InvariantCulture),
            .. variant.Changes.SelectMany(c => (string[])["--set", $"{c.Key}={c.Value}"]),
            .. text is null ? (string[])[] : ["--text", text],
            .. steps is { } other ? (string[])["--steps", other.ToString(CultureInfo.InvariantCulture)] : [], "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LLMLAB_WORKSPACE"] = workspace.Folder;
        var token = Operation.Current.CancellationToken;
        long begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        // Stopped: the run is left as it is and the next time begun anew, since its wall-clock time would say nothing.
        using var stop = token.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None).ConfigureAwait(false);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        token.ThrowIfCancellationRequested();
        string words = (await errors.ConfigureAwait(false)).Trim();
        if (process.ExitCode != 0)
            throw new InvalidInputException($"The variant \"{variant.Name}\" with seed {seed} ended with exit code {process.ExitCode}: {words.Split('\n')[^1]}");
        using var line = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        return (Run.Open(line.RootElement.GetProperty("run").GetString()!), seconds);
    }

    static string FolderName(string variant) => string.Concat(variant.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
}
