using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Documents;

/// <summary>Writes <c>.ipynb</c> as nbformat 4.5, byte for byte as Jupyter's own <c>nbformat</c> writes it, so that diffs stay small.</summary>
static class IpynbWriter
{
    public static string Write(Notebook notebook)
    {
        var file = notebook.Other.DeepClone().AsObject();
        file["nbformat"] = 4;
        file["nbformat_minor"] = 5;
        file["metadata"] = notebook.Metadata.DeepClone();
        file["cells"] = new JsonArray([.. notebook.Cells.Select(Cell)]);
        return JupyterJson.Write(file) + "\n";
    }

    static JsonNode Cell(NotebookCell cell)
    {
        var node = cell.Other.DeepClone().AsObject();
        node["cell_type"] = cell.Kind.ToString().ToLowerInvariant();
        node["id"] = cell.Id;
        node["metadata"] = cell.Metadata.DeepClone();
        node["source"] = Lines(cell.Source);
        if (cell.Attachments is { } attachments)
        {
            var copy = attachments.DeepClone().AsObject();
            foreach (var bundle in copy.Select(a => a.Value).OfType<JsonObject>()) SplitLines(bundle);
            node["attachments"] = copy;
        }
        if (cell.Kind == CellKind.Code)
        {
            node["execution_count"] = cell.ExecutionCount;
            node["outputs"] = new JsonArray([.. cell.Outputs.Select(Output)]);
        }
        return node;
    }

    static JsonNode Output(JsonObject output)
    {
        var node = output.DeepClone().AsObject();
        if (node.Text("output_type") == "stream" && node.Text("text") is { } text) node["text"] = Lines(text);
        else if (node["data"] is JsonObject data) SplitLines(data);
        return node;
    }

    static void SplitLines(JsonObject bundle)
    {
        foreach (string key in bundle.Select(p => p.Key).ToList())
            if ((key.StartsWith("text/", StringComparison.Ordinal) || key is "application/javascript" or "image/svg+xml") && bundle.Text(key) is { } text) bundle[key] = Lines(text);
    }

    /// <summary>Lines with their ends, split where Python's <c>str.splitlines</c> splits.</summary>
    static JsonArray Lines(string text)
    {
        var lines = new JsonArray();
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029')) continue;
            if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n') i++;
            lines.Add((JsonNode)text[start..(i + 1)]);
            start = i + 1;
        }
        if (start < text.Length) lines.Add((JsonNode)text[start..]);
        return lines;
    }
}
