using System.Globalization;
using System.Text.Json;
using LlmLab.Data;
using LlmLab.Evaluation.Statistics;
using LlmLab.Models;
using LlmLab.Runs;

namespace LlmLab.Training;

/// <summary>One axis of a sweep.</summary>
/// <param name="Name">A property of the spec or the options: "spec.width", "options.learningRate".</param>
/// <param name="Values">Its values, as JSON.</param>
public sealed record SweepAxis(string Name, IReadOnlyList<string> Values)
{
    /// <summary>Parses "options.learningRate=1e-3,3e-3".</summary>
    /// <exception cref="InvalidInputException">Not of this form.</exception>
    public static SweepAxis Parse(string text)
    {
        int equals = text.IndexOf('=');
        string name = equals < 0 ? "" : text[..equals];
        string[] values = equals < 0 ? [] : text[(equals + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (values.Length == 0 || !RecipeChanges.IsName(name))
            throw new InvalidInputException($"\"{text}\" is no axis of a sweep: write spec.NAME=VALUE,VALUE or options.NAME=VALUE,VALUE.");
        return new SweepAxis(name, values);
    }
}

/// <summary>One cell of the grid, over its seeds.</summary>
/// <param name="Settings">The axes' values, by name.</param>
/// <param name="Parameters">The model's size.</param>
/// <param name="Losses">Validation loss of each seed.</param>
/// <param name="Seconds">Seconds of each seed.</param>
public sealed record SweepCell(IReadOnlyDictionary<string, string> Settings, long Parameters, IReadOnlyList<double> Losses, IReadOnlyList<double> Seconds)
{
    /// <summary>Mean validation loss.</summary>
    public double Mean => Losses.Average();
    /// <summary>Standard deviation over seeds; NaN with one.</summary>
    public double Deviation => Math.Sqrt(Samples.Variance(Losses));
}

/// <summary>
/// Trains a small grid of variants with several seeds each. Every run is a folder named by its settings, so a sweep that was stopped goes
/// on where it was, in the middle of a run too.
/// </summary>
public static class Sweep
{
    /// <summary>Runs what is missing of a sweep and returns all of it.</summary>
    /// <param name="folder">The sweep's folder.</param>
    /// <param name="data">What all train on.</param>
    /// <param name="spec">The architecture where no axis says otherwise.</param>
    /// <param name="options">The training likewise.</param>
    /// <param name="axes">The grid.</param>
    /// <param name="seeds">Seeds 1, 2 … up to this.</param>
    /// <exception cref="InvalidInputException">An axis names no property, or a value makes no model.</exception>
    public static IReadOnlyList<SweepCell> Run(string folder, TrainingData data, ModelSpec spec, TrainingOptions options, IReadOnlyList<SweepAxis> axes, int seeds)
    {
        var grid = Grid(axes).Select(settings => (Settings: settings, Made: RecipeChanges.Apply(spec, options, settings, "The sweep's cell " + string.Join(", ", settings.Select(s => $"{s.Key}={s.Value}"))))).ToArray();   // all are checked before any is trained
        var workspace = Workspace.Open(folder);
        var cells = new List<SweepCell>();
        int done = 0;
        foreach (var (settings, made) in grid)
        {
            var results = new List<RunResult>();
            for (int seed = 1; seed <= seeds; seed++)
            {
                Operation.Current.Report("sweep", done++, grid.Length * seeds, "runs", string.Join(", ", settings.Select(s => s.Value)) + $", seed {seed}");
                results.Add(TrainOrResume(workspace, NameOf(settings, seed), data, made.Spec, made.Options with { Seed = seed }).Result!);
            }
            using var model = new LanguageModel(made.Spec);
            cells.Add(new SweepCell(settings, model.ParameterCount, [.. results.Select(r => r.ValidationLoss!.Value)], [.. results.Select(r => r.Seconds)]));
            AtomicFile.WriteText(Path.Combine(folder, "sweep.jsonl"), string.Concat(cells.Select(c => JsonSerializer.Serialize(c, JsonSerializerOptions.Web) + "\n")));
        }
        return cells;
    }

    /// <summary>The run of a name: finished, resumed, or trained now.</summary>
    internal static Runs.Run TrainOrResume(Workspace workspace, string name, TrainingData data, ModelSpec spec, TrainingOptions options)
    {
        var existing = Directory.Exists(workspace.Folder) ? Runs.Run.List(workspace).FirstOrDefault(r => r.Description.Name.StartsWith(name + "-", StringComparison.Ordinal)) : null;
        if (existing?.Result is { ValidationLoss: not null }) return existing;
        return existing is { LatestCheckpoint: not null } ? Trainer.Resume(existing, data) : Trainer.Train(spec, data, options, name, workspace: workspace);
    }

    static string NameOf(IReadOnlyDictionary<string, string> settings, int seed) =>
        string.Concat(settings.Select(s => $"{s.Key[(s.Key.IndexOf('.') + 1)..]}_{s.Value}-".Replace('/', '_').Replace('"', '_'))) + string.Create(CultureInfo.InvariantCulture, $"seed{seed}");

    static IEnumerable<IReadOnlyDictionary<string, string>> Grid(IReadOnlyList<SweepAxis> axes)
    {
        IEnumerable<Dictionary<string, string>> cells = [[]];
        foreach (var axis in axes)
            cells = cells.SelectMany(cell => axis.Values.Select(value => new Dictionary<string, string>(cell) { [axis.Name] = value }));
        return cells.ToArray();
    }
}
