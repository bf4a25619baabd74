using System.Text.Json;
using System.Text.Json.Serialization;
using LlmLab.Runs;

namespace LlmLab.Training.Experiments;

/// <summary>One trained model of an experiment: a line of its results.</summary>
public sealed record ExperimentResult
{
    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The variant's name.</summary>
    public required string Variant { get; init; }
    /// <summary>The seed.</summary>
    public required long Seed { get; init; }
    /// <summary>Hash of the recipe (<see cref="RecipeChanges.Fingerprint"/>): a variant whose recipe changed is trained again.</summary>
    public required string Recipe { get; init; }
    /// <summary>Processor, number of processors, library.</summary>
    public required string Machine { get; init; }
    /// <summary>When it ended, in UTC.</summary>
    public required DateTimeOffset Date { get; init; }
    /// <summary>Commit of the repository, with "+" where files differed from it; null outside one.</summary>
    public string? Commit { get; init; }
    /// <summary>Learned numbers.</summary>
    public long Parameters { get; init; }
    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; }
    /// <summary>Tokens trained on.</summary>
    public long Tokens { get; init; }
    /// <summary>Loss over the whole validation split in windows of the model's context, nats a token.</summary>
    public double ValidationLoss { get; init; }
    /// <summary>The same in windows of other lengths.</summary>
    public IReadOnlyDictionary<int, double> LossByWindow { get; init; } = new Dictionary<int, double>();
    /// <summary>Seconds of training, evaluations and checkpoints included.</summary>
    public double TrainSeconds { get; init; }
    /// <summary>Seconds from the start of the process to its end: start-up, reading, tokenizing, training, saving; null where it had no process of its own.</summary>
    public double? WallSeconds { get; init; }
    /// <summary>Tokens a second, evaluations and checkpoints left out.</summary>
    public double TokensPerSecond { get; init; }
    /// <summary>Share of the machine's fastest matrix products.</summary>
    public double ModelFlopsUtilization { get; init; }
    /// <summary>Most memory that the process held, in bytes.</summary>
    public long PeakMemoryBytes { get; init; }
    /// <summary>Operands of products.</summary>
    public Precision Precision { get; init; }
    /// <summary>What computed the passes.</summary>
    public Kernels Kernels { get; init; }
    /// <summary>Threads.</summary>
    public int Threads { get; init; }

    /// <summary>All whole lines of a file; none where there is no file.</summary>
    public static IReadOnlyList<ExperimentResult> Read(string file) => new JsonLines<ExperimentResult>(file, json).Read();

    /// <summary>Adds this line to a file.</summary>
    public void AppendTo(string file) => new JsonLines<ExperimentResult>(file, json).Append(this);
}
