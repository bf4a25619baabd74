using System.Text.Json;
using System.Text.Json.Serialization;
using LlmLab.Charts;
using LlmLab.Data;
using LlmLab.Interop;
using LlmLab.Models;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using LlmLab.Training;

namespace LlmLab.Runs;

/// <summary>What a run is, in <c>run.json</c>.</summary>
public sealed record RunDescription
{
    /// <summary>The run's name: that of its folder.</summary>
    public required string Name { get; init; }
    /// <summary>The preset that it came from, or null.</summary>
    public string? Preset { get; init; }
    /// <summary>Where the text came from: a name in the data catalog or a file; null where tokens were given by the caller.</summary>
    public string? Text { get; init; }
    /// <summary>Name of the training tokens.</summary>
    public required string Data { get; init; }
    /// <summary>The cleaned data set's version (name and hash of its documents) that the tokens come from; null where they come from elsewhere.</summary>
    public string? DataVersion { get; init; }
    /// <summary>Hash over training and validation tokens: a resume must be given the same.</summary>
    public required string DataHash { get; init; }
    /// <summary>When it began, in UTC.</summary>
    public DateTimeOffset Started { get; init; }
    /// <summary>Where it is trained.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Cpu;
    /// <summary>Operands of matrix products that it uses.</summary>
    public Precision Precision { get; init; }
    /// <summary>What computes forward and backward passes.</summary>
    public Kernels Kernels { get; init; } = Kernels.LibTorch;
    /// <summary>Processor threads that it uses.</summary>
    public int Threads { get; init; }

    /// <summary>How a model is trained in it.</summary>
    internal MeasuredSetting Setting(ModelSpec spec) => new(spec.Width, Precision, Threads, Kernels, 0, Device);
}

/// <summary>How a run ended; what the command line prints as JSON.</summary>
public sealed record RunResult
{
    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }
    /// <summary>Optimizer steps made.</summary>
    public int Steps { get; init; }
    /// <summary>Mean training loss of the last line of metrics, nats a token.</summary>
    public double TrainLoss { get; init; }
    /// <summary>Loss over the whole validation split after the last step, nats a token; null if the run was stopped before its end.</summary>
    public double? ValidationLoss { get; init; }
    /// <summary>The same with the averaged weights, where they are kept.</summary>
    public double? AverageValidationLoss { get; init; }
    /// <summary>Whether the run ended because validation got no better.</summary>
    public bool StoppedEarly { get; init; }
    /// <summary>The lowest validation loss of a run with early stopping, whose weights are in <c>best.safetensors</c>.</summary>
    public double? BestValidationLoss { get; init; }
    /// <summary>The step of that.</summary>
    public int? BestStep { get; init; }
    /// <summary>Steps skipped because of spikes or numbers that were not finite.</summary>
    public int SkippedSteps { get; init; }
    /// <summary>Tokens a second of training, evaluations and checkpoints left out.</summary>
    public double TokensPerSecond { get; init; }
    /// <summary>Seconds in all.</summary>
    public double Seconds { get; init; }
    /// <summary>Operands of matrix products.</summary>
    public Precision Precision { get; init; }
    /// <summary>What computed forward and backward passes.</summary>
    public Kernels Kernels { get; init; } = Kernels.LibTorch;
    /// <summary>Processor threads.</summary>
    public int Threads { get; init; }
    /// <summary>Floating-point operations a second of the model, as a share of <see cref="PeakGigaFlops"/> (MFU).</summary>
    public double ModelFlopsUtilization { get; init; }
    /// <summary>The machine's fastest matrix products in this precision, all processors at work (<see cref="MachinePeak"/>).</summary>
    public double PeakGigaFlops { get; init; }
    /// <summary>Energy in watt-hours, over all parts of a resumed run.</summary>
    public double WattHours { get; init; }
    /// <summary>Whether the energy was counted, or what was assumed.</summary>
    public string EnergySource { get; init; } = "";
    /// <summary>Most memory that the process held at once, in bytes: in a notebook, by whatever ran in it.</summary>
    public long PeakMemoryBytes { get; init; }
    /// <summary>Where it was trained.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Cpu;
    /// <summary>Most of the GPU's memory that was taken when metrics were written, in bytes, other programs' included; null on a processor.</summary>
    public long? PeakDeviceMemoryBytes { get; init; }
    /// <summary>The seed.</summary>
    public long Seed { get; init; }
}

/// <summary>
/// A training run: a folder with <c>run.json</c>, <c>spec.json</c>, <c>options.json</c>, <c>environment.json</c>, <c>metrics.jsonl</c>,
/// <c>checkpoints/</c>, <c>samples/</c>, TensorBoard's event files, and at the end <c>result.json</c> and <c>report.md</c>.
/// </summary>
public sealed class Run
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    Run(string folder, RunDescription description, ModelSpec spec, TrainingOptions options) =>
        (Folder, Description, Spec, Options) = (Path.GetFullPath(folder), description, spec, options);

    /// <summary>The absolute path of its folder.</summary>
    public string Folder { get; }

    /// <summary>Name, data, precision, threads.</summary>
    public RunDescription Description { get; }

    /// <summary>The model's architecture.</summary>
    public ModelSpec Spec { get; }

    /// <summary>How it is trained.</summary>
    public TrainingOptions Options { get; }

    /// <summary>The folder of its checkpoints.</summary>
    public string Checkpoints => Path.Combine(Folder, "checkpoints");

    /// <summary>The newest complete checkpoint's folder, or null before the first.</summary>
    public string? LatestCheckpoint => Checkpoint.All(Checkpoints) is [.., var last] ? last : null;

    /// <summary>Its lines of metrics so far.</summary>
    public IReadOnlyList<Metrics> Metrics => MetricsLog.Read();

    /// <summary>The file of metrics.</summary>
    public MetricsFile MetricsLog => new(Path.Combine(Folder, "metrics.jsonl"));

    /// <summary>How it ended, or null before that.</summary>
    public RunResult? Result => ReadOrNull<RunResult>(Path.Combine(Folder, "result.json"));

    /// <summary>Where and with what it was made.</summary>
    public RunEnvironment? Environment => ReadOrNull<RunEnvironment>(Path.Combine(Folder, "environment.json"));

    /// <summary>The texts that the model wrote on the way, by step.</summary>
    public IReadOnlyList<(int Step, string Text)> Samples => !Directory.Exists(SampleFolder) ? [] :
        [.. Directory.EnumerateFiles(SampleFolder, "step-*.txt").Order(StringComparer.Ordinal).Select(f => (int.Parse(Path.GetFileNameWithoutExtension(f)[5..], System.Globalization.CultureInfo.InvariantCulture), File.ReadAllText(f)))];

    internal string SampleFolder => Path.Combine(Folder, "samples");

    /// <summary>Makes a run's folder and writes what it is.</summary>
    public static Run Create(string folder, RunDescription description, ModelSpec spec, TrainingOptions options)
    {
        var run = new Run(folder, description, spec.Checked(), options.Checked());
        AtomicFile.WriteText(Path.Combine(folder, "spec.json"), spec.ToJson() + "\n");
        AtomicFile.WriteText(Path.Combine(folder, "options.json"), options.ToJson() + "\n");
        AtomicFile.WriteText(Path.Combine(folder, "environment.json"), JsonSerializer.Serialize(RunEnvironment.Current(), Json) + "\n");
        AtomicFile.WriteText(Path.Combine(folder, "run.json"), JsonSerializer.Serialize(description, Json) + "\n");
        return run;
    }

    /// <summary>Opens a run.</summary>
    /// <param name="pathOrName">Its folder, or its name in the workspace.</param>
    /// <param name="workspace">The workspace to look a name up in; null: the current one.</param>
    /// <exception cref="InvalidInputException">There is no such run, or its files are broken.</exception>
    public static Run Open(string pathOrName, Workspace? workspace = null)
    {
        string folder = Directory.Exists(pathOrName) ? pathOrName : Path.Combine((workspace ?? Workspace.Open()).Folder, pathOrName);
        if (!File.Exists(Path.Combine(folder, "run.json")))
            throw new InvalidInputException($"There is no run \"{pathOrName}\" here nor in {(workspace ?? Workspace.Open()).Folder}: `llmlab runs` lists those that there are.");
        var description = Read<RunDescription>(Path.Combine(folder, "run.json"));
        return new Run(folder, description, ModelSpec.FromJson(Text(folder, "spec.json"), Path.Combine(folder, "spec.json")), TrainingOptions.FromJson(Text(folder, "options.json"), Path.Combine(folder, "options.json")));
    }

    /// <summary>Opens a run, or the workspace's current model where no name is given.</summary>
    /// <exception cref="InvalidInputException">There is no such run, or the workspace has no current model.</exception>
    public static Run OpenOrCurrent(string? pathOrName, Workspace? workspace = null)
    {
        workspace ??= Workspace.Open();
        if (pathOrName is not null) return Open(pathOrName, workspace);
        return workspace.State.Model is { } model
            ? Open(workspace.Absolute(model), workspace)
            : throw new InvalidInputException($"The workspace {workspace.Folder} has no current model: name a run, or train one with `llmlab train`.");
    }

    /// <summary>All runs of a workspace, by the time they began.</summary>
    public static IReadOnlyList<Run> List(Workspace? workspace = null)
    {
        string folder = (workspace ?? Workspace.Open()).Folder;
        return !Directory.Exists(folder) ? [] : [.. Directory.EnumerateDirectories(folder).Where(d => File.Exists(Path.Combine(d, "run.json"))).Select(d => Open(d)).OrderBy(r => r.Description.Started)];
    }

    /// <summary>The trained model, from the newest checkpoint or another.</summary>
    /// <param name="checkpoint">The checkpoint's folder; null: the newest.</param>
    /// <param name="device">Where its weights go and passes are computed.</param>
    /// <exception cref="InvalidInputException">There is none yet, or it is broken.</exception>
    public LanguageModel LoadModel(string? checkpoint = null, ComputeDevice device = ComputeDevice.Cpu)
    {
        checkpoint ??= LatestCheckpoint ?? throw new InvalidInputException($"{Folder} has no checkpoint yet: the run ended before its first one.");
        return LoadWeights(checkpoint, Checkpoint.Weights, device);
    }

    /// <summary>The model with the averaged weights (<see cref="TrainingOptions.WeightAverageDecay"/>) of the newest checkpoint.</summary>
    /// <exception cref="InvalidInputException">There is none, or the run kept no average.</exception>
    public LanguageModel LoadAveragedModel()
    {
        string checkpoint = LatestCheckpoint ?? throw new InvalidInputException($"{Folder} has no checkpoint yet: the run ended before its first one.");
        return LoadWeights(checkpoint, Checkpoint.Average);
    }

    /// <summary>The model with the lowest validation loss of a run with early stopping (<see cref="TrainingOptions.Patience"/>).</summary>
    /// <exception cref="InvalidInputException">The run has no early stopping, or was not evaluated yet.</exception>
    public LanguageModel LoadBestModel() => LoadWeights(Folder, BestWeights);

    internal const string BestWeights = "best.safetensors";

    LanguageModel LoadWeights(string folder, string file, ComputeDevice device = ComputeDevice.Cpu)
    {
        var model = new LanguageModel(Spec, Options.Seed, ComputeDevices.Open(device));
        Checkpoint.LoadWeights(folder, model, file);
        model.eval();
        return model;
    }

    /// <summary>The tokenizer that it was trained with.</summary>
    /// <exception cref="InvalidInputException">It was trained on tokens without one.</exception>
    public VocabularyTokenizer LoadTokenizer() => TokenizerFile.Load(Path.Combine(Folder, "tokenizer.json"));

    /// <summary>The tokens that it was trained and validated on, made again from its text.</summary>
    /// <exception cref="InvalidInputException">It was trained on tokens that the caller gave, or the text is gone or another.</exception>
    public async Task<TrainingData> OpenDataAsync()
    {
        if (Description.Text is not { } source)
            throw new InvalidInputException($"{Folder} was trained on tokens that a program gave it: go on from there, with Trainer.Resume(run, data).");
        double share = Description.Preset is { } preset ? Preset.Find(preset).ValidationShare : 0.1;
        var (name, text) = await TextSource.ReadAsync(source).ConfigureAwait(false);
        var tokenizer = LoadTokenizer();
        return TrainingData.FromText(name, text, tokenizer, tokenizer.VocabularySize, share);
    }

    /// <summary>Loss against steps: training and validation.</summary>
    /// <param name="reference">A published loss to draw as a dashed line, or null.</param>
    /// <param name="referenceName">Its name.</param>
    public Chart LossChart(double? reference = null, string referenceName = "reference")
    {
        var lines = Metrics;
        var training = lines.Where(m => m.TrainLoss is not null).ToArray();
        var validation = lines.Where(m => m.ValidationLoss is not null).ToArray();
        var series = new List<Series>
        {
            new("training", [.. training.Select(m => (double)m.Step)], [.. training.Select(m => m.TrainLoss!.Value)]),
            new("validation", [.. validation.Select(m => (double)m.Step)], [.. validation.Select(m => m.ValidationLoss!.Value)]) { Mark = Mark.Points },
        };
        if (reference is { } value && lines.Count > 0)
            series.Add(new Series(referenceName, [0, lines[^1].Step], [value, value]) { Dashed = true });
        return new Chart($"{Description.Name}: loss") { Series = series, XLabel = "steps", YLabel = "loss (nats a token)" };
    }

    internal void Write(RunResult result) => AtomicFile.WriteText(Path.Combine(Folder, "result.json"), JsonSerializer.Serialize(result, Json) + "\n");

    static T Read<T>(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(file), Json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{file} is not what a run writes: {e.Reason()}", e);
        }
    }

    static T? ReadOrNull<T>(string file) where T : class => File.Exists(file) ? Read<T>(file) : null;

    static string Text(string folder, string file) => File.Exists(Path.Combine(folder, file))
        ? File.ReadAllText(Path.Combine(folder, file))
        : throw new InvalidInputException($"{Path.Combine(folder, file)} is missing: the run cannot be used without it.");
}
