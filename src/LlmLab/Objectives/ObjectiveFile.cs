using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlmLab.Data;

namespace LlmLab.Objectives;

/// <summary>Reads, checks and writes <c>objective.json</c>, and opens the examples that are shipped.</summary>
public static class ObjectiveFile
{
    static readonly JsonSerializerOptions writing = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        // Computed, such as a target's interval: not part of the file.
        IgnoreReadOnlyProperties = true,
    };

    /// <summary>Names of the examples that are shipped, for <see cref="Example"/>.</summary>
    public static IReadOnlyList<string> Examples => [.. ShippedData.List("objectives/").Select(Path.GetFileNameWithoutExtension)!];

    /// <summary>A shipped example: <c>company-questions</c>, <c>support-chat</c> or <c>content-generator</c>.</summary>
    /// <exception cref="InvalidInputException">No example has that name.</exception>
    public static Objective Example(string name) => Examples.Contains(name)
        ? Parse(ShippedData.ReadText($"objectives/{name}.json"), name)
        : throw new InvalidInputException($"No example objective is called \"{name}\": there are {string.Join(", ", Examples)}.");

    /// <summary>Reads an objective from a file.</summary>
    /// <exception cref="InvalidInputException">The file is missing, is no JSON, or has faults; each is told with its JSON path.</exception>
    public static Objective Load(string path)
    {
        if (!File.Exists(path))
            throw new InvalidInputException($"There is no objective at {path}: make one with notebook 01, or copy one from data/objectives.");
        return Parse(File.ReadAllText(path), path);
    }

    /// <summary>Reads an objective from JSON.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">The file or name that messages use.</param>
    /// <exception cref="InvalidInputException">Faults, each with its JSON path.</exception>
    public static Objective Parse(string json, string source = "objective.json")
    {
        var faults = Validate(json, out var objective);
        return objective ?? throw new InvalidInputException(faults is [var only]
            ? $"{source}, {only}"
            : $"{source} has {faults.Count} faults:\n  {string.Join("\n  ", faults)}");
    }

    /// <summary>Every fault of a text that should be an objective; none means that it is one.</summary>
    public static IReadOnlyList<ObjectiveFault> Validate(string json) => Validate(json, out _);

    /// <summary>Writes an objective; a file that was there is replaced in one step.</summary>
    /// <exception cref="InvalidInputException">The objective has faults.</exception>
    public static void Save(Objective objective, string path)
    {
        var json = ToJson(objective);
        Parse(json, path);
        AtomicFile.WriteText(path, json);
    }

    /// <summary>The objective as indented JSON that ends with a line feed.</summary>
    public static string ToJson(Objective objective) => JsonSerializer.Serialize(objective, writing).ReplaceLineEndings("\n") + "\n";

    static List<ObjectiveFault> Validate(string json, out Objective? objective)
    {
        objective = null;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var reader = new ObjectiveReader();
            objective = reader.Read(document.RootElement);
            return reader.Faults;
        }
        catch (JsonException e)
        {
            return [new ObjectiveFault("$", $"line {e.LineNumber + 1}, column {e.BytePositionInLine + 1} is not valid JSON: {e.Message.Split(" LineNumber", 2)[0]}")];
        }
    }
}
