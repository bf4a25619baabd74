using System.Text.Json.Nodes;
using LlmLab.Notebooks.Display;

namespace LlmLab.Notebooks.Documents;

/// <summary>Between what a running cell puts out and what nbformat stores of it.</summary>
public static class NotebookOutputs
{
    /// <summary>An output as nbformat has it; null for what is not stored (clearing, updates).</summary>
    /// <param name="output">The output.</param>
    /// <param name="executionCount">The cell's, for its result.</param>
    public static JsonObject? ToJson(Output output, int executionCount) => output switch
    {
        StreamOutput stream => new JsonObject { ["output_type"] = "stream", ["name"] = stream.IsError ? "stderr" : "stdout", ["text"] = stream.Text },
        DisplayOutput display => Bundle("display_data", display.Bundle),
        ResultOutput result => Result(result.Bundle, executionCount),
        ErrorOutput error => new JsonObject
        {
            ["output_type"] = "error",
            ["ename"] = error.Name,
            ["evalue"] = error.Message,
            ["traceback"] = new JsonArray([.. error.Traceback.Select(line => (JsonNode)line)]),
        },
        _ => null,
    };

    /// <summary>A stored output in its typed form, with nothing that nbformat allows to be absent assumed present.</summary>
    public static Output FromJson(JsonObject output) => output.Text("output_type") switch
    {
        "stream" => new StreamOutput(output.Text("name") == "stderr", output.Text("text") ?? ""),
        "execute_result" => new ResultOutput(BundleOf(output)),
        "error" => new ErrorOutput(output.Text("ename") ?? "Error", output.Text("evalue") ?? "",
            output["traceback"] is JsonArray lines ? [.. lines.Select(l => l?.ToString() ?? "")] : []),
        _ => new DisplayOutput(BundleOf(output)),
    };

    /// <summary>Replaces a stored display's content, as an update does.</summary>
    internal static void Replace(JsonObject stored, MimeBundle bundle)
    {
        stored["data"] = Data(bundle);
        stored["metadata"] = bundle.Metadata?.DeepClone() ?? new JsonObject();
    }

    static JsonObject Bundle(string type, MimeBundle bundle)
    {
        var stored = new JsonObject { ["output_type"] = type };
        Replace(stored, bundle);
        return stored;
    }

    static JsonObject Result(MimeBundle bundle, int executionCount)
    {
        var stored = Bundle("execute_result", bundle);
        stored["execution_count"] = executionCount;
        return stored;
    }

    static JsonObject Data(MimeBundle bundle) =>
        new(bundle.Data.Select(form => KeyValuePair.Create<string, JsonNode?>(form.Key, form.Value.DeepClone())));

    static MimeBundle BundleOf(JsonObject output) => new((output["data"] as JsonObject ?? [])
        .Where(form => form.Value is not null).ToDictionary(form => form.Key, form => form.Value!.DeepClone()))
    {
        Metadata = output["metadata"]?.DeepClone() as JsonObject,
    };
}
