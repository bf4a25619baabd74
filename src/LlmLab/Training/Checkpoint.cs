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
public sealed record TrainingState(int Step, long Batches, long Tokens, double Seconds, double LossSum, int LossCount, int SkippedSteps = 0, double Joules = 0);

/// <summary>
/// Checkpoints of a run: folders <c>step-000500</c> with the weights (<c>model.safetensors</c>), the optimizer's memory
/// (<c>optimizer.safetensors</c>) and <c>state.json</c>. A checkpoint is written under another name and renamed when it is whole, and older
/// ones go only then: whenever the process dies, the newest folder of that name is complete.
/// </summary>
public static class Checkpoint
{
    /// <summary>Writes a checkpoint and removes all but the newest <paramref name="keep"/>.</summary>
    public static string Save(string checkpoints, ParameterBuffer buffer, IOptimizer optimizer, TrainingState state, int keep)
    {
        Directory.CreateDirectory(checkpoints);
        foreach (string stale in Directory.EnumerateDirectories(checkpoints, "*.tmp")) Directory.Delete(stale, recursive: true);
        string folder = Path.Combine(checkpoints, string.Create(CultureInfo.InvariantCulture, $"step-{state.Step:000000}")), temporary = folder + ".tmp";
        using (var scope = NewDisposeScope())
        using (no_grad())
        {
            Directory.CreateDirectory(temporary);
            SafetensorsFile.Write(Path.Combine(temporary, "model.safetensors"), buffer.Segments.Select(s => (s.Name, ParameterBuffer.View(buffer.Values, s))));
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
    public static TrainingState Load(string folder, ParameterBuffer buffer, IOptimizer optimizer)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        string weights = Path.Combine(folder, "model.safetensors"), memory = Path.Combine(folder, "optimizer.safetensors");
        Copy(weights, buffer.Segments.Select(s => (s.Name, ParameterBuffer.View(buffer.Values, s))));
        Copy(memory, optimizer.State);
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
    /// <exception cref="InvalidInputException">The file is missing or broken, or of another spec.</exception>
    public static void LoadWeights(string folder, LanguageModel model)
    {
        using var none = no_grad();
        Copy(Path.Combine(folder, "model.safetensors"), model.named_parameters().Select(p => (p.name, (Tensor)p.parameter)));
    }

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
                value.copy_(found);
            }
        }
        finally
        {
            foreach (var tensor in read.Values) tensor.Dispose();
        }
    }
}
