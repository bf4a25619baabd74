using System.Text.Json.Nodes;
using LlmLab.Notebooks.Display;
using LlmLab.Notebooks.Documents;

namespace LlmLab.Notebooks.Running;

/// <summary>A number that a notebook recorded by <c>Record(…)</c>.</summary>
/// <param name="Notebook">File name of the notebook: "05-training.ipynb".</param>
/// <param name="Name">The number's name, unique in its notebook.</param>
/// <param name="Value">The number.</param>
/// <param name="Tolerance">The largest absolute difference that a rerun may show, in either direction.</param>
/// <param name="HigherIsBetter">Whether a higher number is the better one.</param>
public sealed record RecordedResult(string Notebook, string Name, double Value, double Tolerance, bool HigherIsBetter)
{
    /// <summary>The numbers in a notebook's outputs, in their order; of two with one name the later counts, as it replaced the earlier.</summary>
    /// <param name="notebook">An executed notebook.</param>
    /// <param name="file">Its file name.</param>
    public static IReadOnlyList<RecordedResult> Of(Notebook notebook, string file)
    {
        var results = new OrderedDictionary<string, RecordedResult>();
        foreach (var output in notebook.Cells.SelectMany(cell => cell.Outputs))
            if ((output["data"] as JsonObject)?[MimeTypes.Result] is JsonObject json && Parse(json, Path.GetFileName(file)) is { } result)
                results[result.Name] = result;
        return [.. results.Values];
    }

    static RecordedResult? Parse(JsonObject json, string file) =>
        json["name"] is JsonValue name && json["value"] is JsonValue value
            ? new RecordedResult(file, name.ToString(), value.GetValue<double>(), json["tolerance"]?.GetValue<double>() ?? 0, json["higherIsBetter"]?.GetValue<bool>() ?? false)
            : null;
}
