using System.Text.Json;

namespace LlmLab.Retrieval.Embeddings.Benchmark;

/// <summary>A line of a task's data: a JSON object, and where it stands.</summary>
readonly record struct TaskLine(string Where, JsonElement Element)
{
    /// <summary>The lines of a file that are not empty.</summary>
    /// <exception cref="InvalidInputException">One of them is no JSON object: which.</exception>
    public static IEnumerable<TaskLine> Read(string file)
    {
        foreach (var (number, line) in File.ReadLines(file).Index())
        {
            if (line.Length == 0) continue;
            string where = $"{file}, line {number + 1}";
            JsonElement element;
            try
            {
                element = JsonDocument.Parse(line).RootElement;
            }
            catch (JsonException e)
            {
                throw new InvalidInputException($"{where} is not JSON: {e.Reason()}", e);
            }
            yield return element.ValueKind == JsonValueKind.Object ? new TaskLine(where, element) : throw new InvalidInputException($"{where}: expected a JSON object, found {element.ValueKind}.");
        }
    }

    public bool Has(string name) => Element.TryGetProperty(name, out _);

    public string? Optional(string name) => Element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public string Text(string name) => Optional(name) ?? throw Lacks($"a text \"{name}\"");

    public double Number(string name) => Element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Lacks($"a number \"{name}\"");

    /// <summary>A class: a text or a number.</summary>
    public string Label(string name) => Element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : throw Lacks($"a text or number \"{name}\"");

    InvalidInputException Lacks(string what) => new($"{Where}: expected {what}, found {Element.GetRawText()[..Math.Min(120, Element.GetRawText().Length)]}");
}
