using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmLab.Models;

namespace LlmLab.Training;

/// <summary>Changes of a recipe by name: "spec.width" and "options.learningRate", with values as JSON or as words.</summary>
public static class RecipeChanges
{
    /// <summary>Parses "options.learningRate=1e-3".</summary>
    /// <exception cref="InvalidInputException">Not of this form.</exception>
    public static KeyValuePair<string, string> Parse(string text)
    {
        int equals = text.IndexOf('=');
        string name = equals < 0 ? "" : text[..equals].Trim();
        if (!IsName(name) || equals == text.Length - 1)
            throw new InvalidInputException($"\"{text}\" is no change of a recipe: write spec.NAME=VALUE or options.NAME=VALUE.");
        return new(name, text[(equals + 1)..].Trim());
    }

    /// <summary>Whether a name is that of a property of the spec or the options, by its form.</summary>
    public static bool IsName(string name) => name.StartsWith("spec.", StringComparison.Ordinal) || name.StartsWith("options.", StringComparison.Ordinal);

    /// <summary>The recipe with the changes.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="options">The training.</param>
    /// <param name="changes">Names and values.</param>
    /// <param name="where">What is changed, for errors.</param>
    /// <exception cref="InvalidInputException">A name is no property, or a value makes no model.</exception>
    public static (ModelSpec Spec, TrainingOptions Options) Apply(ModelSpec spec, TrainingOptions options, IEnumerable<KeyValuePair<string, string>> changes, string where)
    {
        var (architecture, training) = (Node(spec.ToJson()), Node(options.ToJson()));
        foreach (var (name, value) in changes)
        {
            if (!IsName(name)) throw new InvalidInputException($"{where} changes \"{name}\": expected spec.NAME or options.NAME.");
            var target = name.StartsWith("spec.", StringComparison.Ordinal) ? architecture : training;
            target[name[(name.IndexOf('.') + 1)..]] = Value(value);
        }
        return (ModelSpec.FromJson(architecture.ToJsonString(), where), TrainingOptions.FromJson(training.ToJsonString(), where));
    }

    /// <summary>
    /// A short hash of what a recipe computes, 16 hexadecimal digits: of all properties that differ from the defaults, but the seed and
    /// those that say how and where it is computed. A property that is added to the library later does not change it.
    /// </summary>
    public static string Fingerprint(ModelSpec spec, TrainingOptions options)
    {
        var same = options with { Seed = 0, Device = Interop.ComputeDevice.Auto, Precision = Precision.Auto, Kernels = Kernels.Auto, Threads = 0, SaveEvery = 0, SampleEvery = 0, LogEvery = 1, KeepCheckpoints = 1, AssumedWattsPerCore = 0 };
        var none = new TrainingOptions { Seed = 0, SaveEvery = 0, LogEvery = 1, KeepCheckpoints = 1, AssumedWattsPerCore = 0 };
        string text = Differences(Node(spec.ToJson()), Node(new ModelSpec { VocabularySize = 1 }.ToJson())) + Differences(Node(same.ToJson()), Node(none.ToJson()));
        return Convert.ToHexStringLower(XxHash3.Hash(Encoding.UTF8.GetBytes(text)));
    }

    static string Differences(JsonObject node, JsonObject defaults) => string.Concat(node
        .Where(p => p.Value?.ToJsonString() != (defaults.TryGetPropertyValue(p.Key, out var value) ? value?.ToJsonString() : null))
        .OrderBy(p => p.Key, StringComparer.Ordinal)
        .Select(p => $"{p.Key}={p.Value?.ToJsonString() ?? "null"};"))
        // A default that was switched off: the key is written as null, or is left out.
        + string.Concat(defaults.Where(p => p.Value is not null && !node.ContainsKey(p.Key)).Select(p => p.Key + "=null;").Order(StringComparer.Ordinal));

    static JsonObject Node(string json) => JsonNode.Parse(json)!.AsObject();

    static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);   // a word: rotary, muon
        }
    }
}
