using System.Globalization;
using System.Text.Json;
using LlmLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>What a run needs beside tensors to go on exactly where it was.</summary>
/// <param name="Step">Optimizer steps made.</param>
/// <param name="Batches">Batches consumed: the sampler's position. Dropout's random numbers depend on the seed and this alone.</param>
/// <param name="Tokens">Tokens trained on.</param>
/// <param name="Seconds">Seconds of training.</param>
/// <param name="LossSum">Sum of losses since the last line of metrics.</param>
/// <param name="LossCount">Number of them.</param>
/// <param name="SkippedSteps">Steps skipped by the guard.</param>
/// <param name="Joules">Energy taken, counted or assumed.</param>
/// <param name="Guard">What the guard against spikes remembers.</param>
/// <param name="Stopping">What early stopping remembers.</param>
public sealed record TrainingState(int Step, long Batches, long Tokens, double Seconds, double LossSum, int LossCount, int SkippedSteps = 0, double Joules = 0,
    StepGuardState? Guard = null, EarlyStopping? Stopping = null);

/// <summary>
/// Checkpoints of a run: folders <c>step-000500</c> with the weights (<c>model.safetensors</c>), the optimizer's memory
/// (<c>optimizer.safetensors</c>), the averaged weights (<c>average.safetensors</c>) where they are kept, and <c>state.json</c>. A checkpoint is written under another name and renamed when it is whole, and older
/// ones go only then: whenever the process dies, the newest folder of that name is complete.
/// </summary>
public static class Checkpoint
{
    /// <summary>The file of the weights.</summary>
    public const string Weights = "model.safetensors";

    /// <summary>The file of the averaged weights.</summary>
    public const string Average = "average.safetensors";

    /// <summary>Writes a checkpoint and removes all but the newest <paramref name="keep"/>.</summary>
    public static string Save(string checkpoints, ParameterBuffer buffer, IOptimizer optimizer, TrainingState state, int keep, WeightAverage? average = null)
    {
        Directory.CreateDirectory(checkpoints);
        foreach (string stale in Directory.EnumerateDirectories(checkpoints, "*.tmp")) Directory.Delete(stale, recursive: true);
        string folder = Path.Combine(checkpoints, string.Create(CultureInfo.InvariantCulture, $"step-{state.Step:000000}")), temporary = folder + ".tmp";
        using (var scope = NewDisposeScope())
        using (no_grad())
        {
            Directory.CreateDirectory(temporary);
            SafetensorsFile.Write(Path.Combine(temporary, Weights), Named(buffer, buffer.Values));
            if (average is not null) SafetensorsFile.Write(Path.Combine(temporary, Average), Named(buffer, average.Values));
            SafetensorsFile.Write(Path.Combine(temporary, "optimizer.safetensors"), optimizer.State);
            AtomicFile.WriteText(Path.Combine(temporary, "state.json"), JsonSerializer.Serialize(state, JsonSerializerOptions.Web));
        }
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.Move(temporary, folder);
        foreach (string old in All(checkpoints).Reverse().Skip(keep)) Directory.Delete(old, recursive: true);
        return folder;
    }

    /// <summary>The complete checkpoints, oldest first.</summary>
    public static IReadOnlyList<string> All(string checkpoints) => !Directory.Exists(checkpoints)
        ? []
        : [.. Directory.EnumerateDirectories(checkpoints, "step-*").Where(d => !d.EndsWith(".tmp", StringComparison.Ordinal) && File.Exists(Path.Combine(d, "state.json"))).Order(StringComparer.Ordinal)];

    /// <summary>Reads weights, the optimizer's memory and the state.</summary>
    /// <exception cref="InvalidInputException">A file is missing or broken, or belongs to another spec or optimizer.</exception>
    public static TrainingState Load(string folder, ParameterBuffer buffer, IOptimizer optimizer, WeightAverage? average = null)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        Copy(Path.Combine(folder, Weights), Named(buffer, buffer.Values));
        if (average is not null) Copy(Path.Combine(folder, Average), Named(buffer, average.Values));
        Copy(Path.Combine(folder, "optimizer.safetensors"), optimizer.State);
        string file = Path.Combine(folder, "state.json");
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(File.ReadAllText(file), JsonSerializerOptions.Web) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{file} is not a checkpoint's state: resume from another checkpoint.", e);
        }
    }

    /// <summary>Reads a checkpoint's weights into a model of the same spec.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="model">The model.</param>
    /// <param name="file"><see cref="Weights"/> or <see cref="Average"/>.</param>
    /// <exception cref="InvalidInputException">The file is missing or broken, or of another spec.</exception>
    public static void LoadWeights(string folder, LanguageModel model, string file = Weights)
    {
        using var none = no_grad();
        Copy(Path.Combine(folder, file), model.named_parameters().Select(p => (p.name, (Tensor)p.parameter)));
    }

    internal static IEnumerable<(string Name, Tensor Value)> Named(ParameterBuffer buffer, Tensor flat) => buffer.Segments.Select(s => (s.Name, ParameterBuffer.View(flat, s)));

    static void Copy(string file, IEnumerable<(string Name, Tensor Value)> targets)
    {
        var read = SafetensorsFile.Read(file);
        try
        {
            foreach (var (name, value) in targets)
            {
                if (!read.TryGetValue(name, out var found))
                    throw new InvalidInputException($"{file} has no tensor \"{name}\": it belongs to a model of another spec or to another optimizer.");
                if (!found.shape.SequenceEqual(value.shape))
                    throw new InvalidInputException($"The tensor \"{name}\" in {file} is [{string.Join(", ", found.shape)}] but the model needs [{string.Join(", ", value.shape)}]: it belongs to a model of another spec.");
                using var finite = found.isfinite().all();
                if (!finite.item<bool>())
                    throw new InvalidInputException($"The tensor \"{name}\" in {file} holds NaN or infinite numbers: go on from another checkpoint, with a lower learning rate.");
                value.copy_(found);
            }
        }
        finally
        {
            foreach (var tensor in read.Values) tensor.Dispose();
        }
    }
}
