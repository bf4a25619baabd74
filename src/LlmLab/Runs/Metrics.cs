using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmLab.Runs;

/// <summary>One line of a run's <c>metrics.jsonl</c>: what was known after a step. Values that were not measured then are null.</summary>
public sealed record Metrics
{
    /// <summary>Optimizer steps made.</summary>
    public int Step { get; init; }
    /// <summary>Tokens trained on.</summary>
    public long Tokens { get; init; }
    /// <summary>Seconds of training, evaluations and checkpoints included, over all parts of a resumed run.</summary>
    public double Seconds { get; init; }
    /// <summary>Mean training loss since the line before, nats a token.</summary>
    public double? TrainLoss { get; init; }
    /// <summary>Loss over the whole validation split, nats a token.</summary>
    public double? ValidationLoss { get; init; }
    /// <summary>The same with the averaged weights (<see cref="Training.TrainingOptions.WeightAverageDecay"/>).</summary>
    public double? AverageValidationLoss { get; init; }
    /// <summary>Steps skipped so far because of spikes or numbers that were not finite; null: none.</summary>
    public int? SkippedSteps { get; init; }
    /// <summary>Learning rate of the step.</summary>
    public double? LearningRate { get; init; }
    /// <summary>Length of the gradient before clipping.</summary>
    public double? GradientNorm { get; init; }
    /// <summary>Tokens a second since the line before, evaluations and checkpoints left out.</summary>
    public double? TokensPerSecond { get; init; }
}

/// <summary>Appends lines of metrics to a file, and reads them.</summary>
public sealed class MetricsFile(string path)
{
    static readonly JsonSerializerOptions json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    readonly JsonLines<Metrics> lines = new(path, json);

    /// <summary>Adds a line.</summary>
    public void Append(Metrics metrics) => lines.Append(metrics);

    /// <summary>All whole lines, in order; none where there is no file.</summary>
    public IReadOnlyList<Metrics> Read() => lines.Read();

    /// <summary>Forgets what was written after a step: a run that resumes from there writes it again.</summary>
    public void KeepUpTo(int step) => lines.Write(Read().Where(m => m.Step <= step));
}
