using System.Text.Json;
using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Runs;

namespace LlmLab.Training.Experiments;

/// <summary>One variant of an experiment: a preset with changes.</summary>
/// <param name="Name">What tables and plots call it.</param>
/// <param name="Preset">The preset.</param>
/// <param name="Changes">What differs from it: "spec.positions" → "learned".</param>
public sealed record ExperimentVariant(string Name, string Preset, IReadOnlyDictionary<string, string> Changes)
{
    /// <summary>The variant's recipe for a vocabulary.</summary>
    /// <param name="vocabularySize">Tokens of the vocabulary.</param>
    /// <param name="steps">Another number of steps than the preset's; null: the preset's.</param>
    /// <exception cref="InvalidInputException">There is no such preset, or a change makes no recipe.</exception>
    public (ModelSpec Spec, TrainingOptions Options) Recipe(int vocabularySize, int? steps = null)
    {
        var preset = Training.Preset.Find(Preset);
        var (spec, options) = RecipeChanges.Apply(preset.Spec with { VocabularySize = vocabularySize }, preset.Options, Changes, $"The variant \"{Name}\"");
        return (spec, steps is { } other ? options with { Steps = other } : options);
    }
}

/// <summary>A published or measured figure that an experiment is compared with.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Loss">Validation loss, nats a token.</param>
/// <param name="Seconds">Wall-clock seconds, or null where they are not known for this machine.</param>
public sealed record ExperimentReference(string Name, double Loss, double? Seconds);

/// <summary>
/// A named experiment as data (<c>data/experiments/NAME.json</c>): variants of presets, each trained with several seeds. Its results are
/// lines of <c>data/results/NAME.jsonl</c>, which <c>llmlab reproduce NAME</c> writes.
/// </summary>
public sealed record Experiment
{
    static readonly Lazy<IReadOnlyList<Experiment>> all = new(() =>
        [.. ShippedData.List("experiments/").Order(StringComparer.Ordinal).Select(name => Parse(ShippedData.ReadText(name), name))]);

    /// <summary>Its name: <c>llmlab reproduce NAME</c>.</summary>
    public required string Name { get; init; }
    /// <summary>One line.</summary>
    public required string Summary { get; init; }
    /// <summary>What it is to show, and how to read its results.</summary>
    public required string Documentation { get; init; }
    /// <summary>The seeds that each variant is trained with.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }
    /// <summary>Each run in a process of its own, so that its wall-clock time includes the start of the program.</summary>
    public bool OwnProcess { get; init; }
    /// <summary>Window lengths at which each model is scored besides its context, where they fit.</summary>
    public IReadOnlyList<int> Windows { get; init; } = [];
    /// <summary>The variant that the others are compared with; null: the first.</summary>
    public string? Baseline { get; init; }
    /// <summary>Figures of others.</summary>
    public IReadOnlyList<ExperimentReference> References { get; init; } = [];
    /// <summary>What is trained.</summary>
    public required IReadOnlyList<ExperimentVariant> Variants { get; init; }

    /// <summary>All that are shipped, by name.</summary>
    public static IReadOnlyList<Experiment> All => all.Value;

    /// <summary>The file that results are kept in: in the repository's <c>data/results</c>, outside one in the workspace's <c>results</c>.</summary>
    public string ResultsFile => Path.Combine(Workspace.FindRepository() is { } repository ? Path.Combine(repository, "data") : Workspace.Open().Folder, "results", Name + ".jsonl");

    /// <summary>The experiment of a name.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public static Experiment Find(string name) => All.FirstOrDefault(e => e.Name == name)
        ?? throw new InvalidInputException($"There is no experiment \"{name}\": choose one of {string.Join(", ", All.Select(e => e.Name))}.");

    /// <summary>Its results so far, on any machine; none where there is no file.</summary>
    public IReadOnlyList<ExperimentResult> Results() => ExperimentResult.Read(ResultsFile);

    /// <summary>Reads an experiment and checks that every variant is a recipe.</summary>
    /// <exception cref="InvalidInputException">It is not one: what is wrong and in which variant.</exception>
    public static Experiment Parse(string json, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
            var root = document.RootElement;
            var experiment = new Experiment
            {
                Name = Text(root, "name"),
                Summary = Text(root, "summary"),
                Documentation = Text(root, "documentation"),
                Seeds = [.. root.GetProperty("seeds").EnumerateArray().Select(s => s.GetInt64())],
                OwnProcess = root.TryGetProperty("ownProcess", out var own) && own.GetBoolean(),
                Windows = root.TryGetProperty("windows", out var windows) ? [.. windows.EnumerateArray().Select(w => w.GetInt32())] : [],
                Baseline = root.TryGetProperty("baseline", out var baseline) ? baseline.GetString() : null,
                References = root.TryGetProperty("references", out var references)
                    ? [.. references.EnumerateArray().Select(r => new ExperimentReference(Text(r, "name"), r.GetProperty("loss").GetDouble(), r.TryGetProperty("seconds", out var s) ? s.GetDouble() : null))]
                    : [],
                Variants = [.. root.GetProperty("variants").EnumerateArray().Select(Variant)],
            };
            experiment.Check(where);
            return experiment;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidInputException($"{where} is not an experiment: {e.Message}", e);
        }

        static ExperimentVariant Variant(JsonElement variant) => new(Text(variant, "name"), Text(variant, "preset"), variant.TryGetProperty("set", out var set)
            ? set.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText())
            : new Dictionary<string, string>());

        static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new FormatException($"\"{name}\" is null");
    }

    void Check(string where)
    {
        if (Seeds.Count == 0 || Seeds.Distinct().Count() != Seeds.Count) throw new InvalidInputException($"{where} needs at least one seed, each once.");
        if (Variants.Count == 0) throw new InvalidInputException($"{where} has no variants.");
        if (Variants.GroupBy(v => v.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new InvalidInputException($"{where} has two variants called \"{twice.Key}\".");
        if (Baseline is not null && Variants.All(v => v.Name != Baseline)) throw new InvalidInputException($"{where} compares with \"{Baseline}\", which is none of its variants.");
        foreach (var variant in Variants) variant.Recipe(256);
    }
}
