using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmLab.Evaluation.Harness.Tasks;

/// <summary>Reads task files: JSON, checked field by field, so that a mistake is named in a sentence before anything runs.</summary>
public static class TaskFile
{
    static readonly JsonSerializerOptions json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Reads a task's file.</summary>
    /// <exception cref="InvalidInputException">There is none, or it describes no task.</exception>
    public static EvaluationTask Load(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"The task file {path} does not exist.");
        var task = Parse(File.ReadAllText(path), path);
        // A file beside the task's own goes before one of the data folder.
        string Near(string file) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, file) is var beside && File.Exists(beside) ? beside : file;
        return task with
        {
            Data = task.Data with { File = Near(task.Data.File) },
            FewShot = task.FewShot with { File = task.FewShot.File is { } examples ? Near(examples) : null },
        };
    }

    /// <summary>Reads a task's text.</summary>
    /// <param name="text">JSON.</param>
    /// <param name="where">The file, for errors.</param>
    /// <exception cref="InvalidInputException">It describes no task: the sentence names the field.</exception>
    public static EvaluationTask Parse(string text, string where)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new InvalidInputException($"The task file {where} is empty: expected a JSON object with name, output, data and metrics.");
        try
        {
            using (var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }))
            {
                if (document.RootElement.ValueKind != JsonValueKind.Object) throw new InvalidInputException($"The task file {where} holds no JSON object.");
                CheckNames(document.RootElement, typeof(EvaluationTask), where, "");
                if (document.RootElement.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object) CheckNames(data, typeof(TaskData), where, "data.");
            }
            return TaskChecks.Checked(JsonSerializer.Deserialize<EvaluationTask>(text, json)!, where);
        }
        catch (JsonException e)
        {
            string place = e.Path is { Length: > 2 } path ? $" at {path[2..]}" : "";
            throw new InvalidInputException($"The task file {where} cannot be read{place}: {e.Reason()}", e);
        }
    }

    static void CheckNames(JsonElement element, Type type, string where, string prefix)
    {
        var known = type.GetProperties().Where(p => p.Name != "EqualityContract").ToDictionary(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name), StringComparer.Ordinal);
        foreach (var field in element.EnumerateObject())
            if (!known.ContainsKey(field.Name))
                throw new InvalidInputException($"The task file {where} has an unknown field \"{prefix}{field.Name}\": known are {string.Join(", ", known.Keys)}.");
        foreach (var (name, property) in known)
            if (property.CustomAttributes.Any(a => a.AttributeType.Name == "RequiredMemberAttribute") && !element.TryGetProperty(name, out _))
                throw new InvalidInputException($"The task file {where} lacks the field \"{prefix}{name}\".");
    }
}

/// <summary>Choices are a text (an expression) or a list of texts (templates).</summary>
sealed class ChoicesConverter : JsonConverter<Choices>
{
    /// <inheritdoc/>
    public override Choices Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => new Choices(reader.GetString(), []),
        JsonTokenType.StartArray => new Choices(null, JsonSerializer.Deserialize<string[]>(ref reader, options) ?? []),
        _ => throw new JsonException("choices is an expression that gives a list, or a list of templates."),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Choices value, JsonSerializerOptions options)
    {
        if (value.Expression is not null) writer.WriteStringValue(value.Expression);
        else JsonSerializer.Serialize(writer, value.Templates, options);
    }
}
