using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using LlmLab.Models;
using LlmLab.Runs;
using LlmLab.Training;

namespace LlmLab.Evaluation.Architectures;

/// <summary>One trained model of a comparison: a line of its results.</summary>
public sealed record ArchitectureResult
{
    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>decoder, encoder, encoder–decoder or permutation.</summary>
    public required string Architecture { get; init; }
    /// <summary>The seed.</summary>
    public required long Seed { get; init; }
    /// <summary>Hash of architecture, training and data.</summary>
    public required string Recipe { get; init; }
    /// <summary>The processor.</summary>
    public required string Machine { get; init; }
    /// <summary>When it ended, in UTC.</summary>
    public required DateTimeOffset Date { get; init; }
    /// <summary>Learned numbers.</summary>
    public long Parameters { get; init; }
    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; }
    /// <summary>Tokens of the windows that were read in training.</summary>
    public long Tokens { get; init; }
    /// <summary>Seconds of training.</summary>
    public double Seconds { get; init; }
    /// <summary>Loss of its own objective on the validation split, nats a scored token.</summary>
    public double Loss { get; init; }
    /// <summary>The same tokens predicted by their training frequency.</summary>
    public double Unigram { get; init; }
    /// <summary>The same tokens predicted from their left neighbour, by frequency where that is hidden.</summary>
    public double LeftNeighbour { get; init; }
    /// <summary>Nats of a token from those before it.</summary>
    public double Generation { get; init; }
    /// <summary>Nats of a token from all the others of its window.</summary>
    public double FillingIn { get; init; }
    /// <summary>Mean reciprocal rank of passages for questions, by mean activations.</summary>
    public double Retrieval { get; init; }
    /// <summary>Accuracy of a linear classifier of document kinds, on mean activations.</summary>
    public double Classification { get; init; }

    /// <summary>Nats by which it beats the better of its two baselines.</summary>
    public double Margin => Math.Min(Unigram, LeftNeighbour) - Loss;

    internal static string RecipeOf(ModelSpec spec, ComparisonOptions options, string dataHash) => Convert.ToHexStringLower(XxHash3.Hash(Encoding.UTF8.GetBytes(
        $"{RecipeChanges.Fingerprint(spec, options.Training)} {options.Length} {options.TaskBytes} {options.TaskItems} {dataHash}")));

    /// <summary>All whole lines of a file; none where there is no file.</summary>
    public static IReadOnlyList<ArchitectureResult> Read(string file) => new JsonLines<ArchitectureResult>(file, json).Read();

    /// <summary>Adds this line to a file.</summary>
    public void AppendTo(string file) => new JsonLines<ArchitectureResult>(file, json).Append(this);
}
