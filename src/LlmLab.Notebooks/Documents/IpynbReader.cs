using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Documents;

/// <summary>
/// Reads <c>.ipynb</c> files of nbformat 4 (any minor version); see the
/// <see href="https://nbformat.readthedocs.io/en/latest/format_description.html">format description</see>. Texts that the file
/// splits into lines become whole strings; unknown entries are kept.
/// </summary>
static class IpynbReader
{
    const int SupportedMajor = 4;
    static readonly string[] notebookKeys = ["cells", "metadata", "nbformat", "nbformat_minor"];
    static readonly string[] cellKeys = ["cell_type", "id", "source", "metadata", "execution_count", "outputs", "attachments"];
    // Scrubbed by nbformat on reading and writing: they are about one user's machine or about a conversion.
    static readonly string[] transientKeys = ["orig_nbformat", "orig_nbformat_minor", "signature"];

    /// <param name="bytes">The file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="InvalidInputException">Not JSON, not a notebook, or of another major version.</exception>
    public static Notebook Read(ReadOnlyMemory<byte> bytes, string name)
    {
        if (Parse(bytes, name) is not JsonObject file) throw Broken(name, "holds no JSON object at its top: expected {\"cells\": [...], …}");
        if (Integer(file["nbformat"]) is not { } major) throw Broken(name, "is no notebook: it has no \"nbformat\" number");
        if (major < SupportedMajor) throw Broken(name, $"is in notebook format {major}: open it in Jupyter and save it, or run `jupyter nbconvert --to notebook --inplace` on it, which makes it format 4");
        if (major > SupportedMajor) throw Broken(name, $"is in notebook format {major}, which is newer than the 4 that is read here: save it as format 4");
        if (file["cells"] is not JsonArray cells) throw Broken(name, "has no list of cells");

        var identifiers = new CellIdentifiers();
        var read = cells.Select((cell, index) => Cell(cell, index, identifiers, name)).ToList();
        var metadata = ObjectOrEmpty(file["metadata"], name, "metadata");
        foreach (string key in transientKeys) metadata.Remove(key);
        return new Notebook(read) { Metadata = metadata, Other = Without(file, notebookKeys) };
    }

    static JsonNode? Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (bytes.Span.Trim(" \t\r\n"u8).IsEmpty) throw Broken(name, "is empty: expected a notebook's JSON");
        try
        {
            // A document first: unlike nodes, it reads everything at once, so that a broken file is found here.
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 512, AllowDuplicateProperties = false });
            CheckStrings(document.RootElement);
            return JsonNode.Parse(document.RootElement.GetRawText(), documentOptions: new JsonDocumentOptions { MaxDepth = 512 });
        }
        catch (JsonException e)
        {
            string reason = e.Message.Split(" Path:")[0].Split(" LineNumber:")[0].TrimEnd('.', ' ');
            throw new InvalidInputException($"{name}, line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}: not JSON ({reason}). Restore the file from your version control, or mend that line.", e);
        }
        catch (InvalidOperationException e)
        {
            throw Broken(name, "holds text that is no valid Unicode (half of a surrogate pair)", e);
        }
    }

    static void CheckStrings(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String: _ = element.GetString(); break;
            case JsonValueKind.Array: foreach (var item in element.EnumerateArray()) CheckStrings(item); break;
            case JsonValueKind.Object: foreach (var property in element.EnumerateObject()) CheckStrings(property.Value); break;
        }
    }

    static NotebookCell Cell(JsonNode? node, int index, CellIdentifiers identifiers, string name)
    {
        string where = $"cell {index + 1}";
        if (node is not JsonObject cell) throw Broken(name, $"has no object as {where}");
        var kind = cell.Text("cell_type") switch
        {
            "code" => CellKind.Code,
            "markdown" => CellKind.Markdown,
            "raw" => CellKind.Raw,
            var other => throw Broken(name, $"has {(other is null ? "no cell_type" : $"the cell_type \"{other}\"")} in {where}: expected code, markdown or raw"),
        };
        string source = MultilineText(cell["source"]) ?? throw Broken(name, $"has no text as source of {where}");
        var metadata = ObjectOrEmpty(cell["metadata"], name, $"metadata of {where}");
        metadata.Remove("trusted");
        var attachments = cell["attachments"] is null ? null : ObjectOrEmpty(cell["attachments"], name, $"attachments of {where}");
        foreach (var bundle in attachments?.Select(a => a.Value).OfType<JsonObject>() ?? []) JoinLines(bundle);
        return new NotebookCell(identifiers.Take(cell.Text("id"), index, source), kind, source)
        {
            Metadata = metadata,
            ExecutionCount = Integer(cell["execution_count"]),
            Outputs = kind == CellKind.Code ? Outputs(cell["outputs"], where, name) : [],
            Attachments = attachments,
            Other = Without(cell, cellKeys),
        };
    }

    static IReadOnlyList<JsonObject> Outputs(JsonNode? node, string where, string name)
    {
        if (node is null) return [];
        if (node is not JsonArray list) throw Broken(name, $"has no list as outputs of {where}");
        return [.. list.Select((item, index) => Output(item, $"output {index + 1} of {where}", name))];
    }

    static JsonObject Output(JsonNode? node, string where, string name)
    {
        if (node is not JsonObject given) throw Broken(name, $"has no object as {where}");
        var output = given.DeepClone().AsObject();
        switch (output.Text("output_type"))
        {
            case "stream":
                output["text"] = MultilineText(output["text"]) ?? throw Broken(name, $"has no text in {where}");
                break;
            case "display_data" or "execute_result":
                if (output["data"] is not JsonObject data) throw Broken(name, $"has no data object in {where}");
                JoinLines(data);
                break;
            case "error":
                break;
            case var other:
                throw Broken(name, $"has {(other is null ? "no output_type" : $"the output_type \"{other}\"")} in {where}: expected stream, display_data, execute_result or error");
        }
        return output;
    }

    static void JoinLines(JsonObject bundle)
    {
        foreach (string key in bundle.Select(p => p.Key).ToList())
            if (!Display.MimeTypes.IsJson(key) && bundle[key] is JsonArray && MultilineText(bundle[key]) is { } text) bundle[key] = text;
    }

    /// <summary>A string, or a list of strings joined; null for anything else.</summary>
    static string? MultilineText(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonArray lines when lines.All(l => l is JsonValue v && v.TryGetValue(out string? _)) => string.Concat(lines.Select(l => l!.GetValue<string>())),
        _ => null,
    };

    static int? Integer(JsonNode? node) => node is JsonValue value && value.TryGetValue(out int number) ? number : null;

    static JsonObject ObjectOrEmpty(JsonNode? node, string name, string what) => node switch
    {
        null => [],
        JsonObject found => found.DeepClone().AsObject(),
        _ => throw Broken(name, $"has no object as {what}"),
    };

    static JsonObject Without(JsonObject from, string[] known)
    {
        var rest = from.DeepClone().AsObject();
        foreach (string key in known) rest.Remove(key);
        return rest;
    }

    static InvalidInputException Broken(string name, string what, Exception? inner = null) => new($"{name} {what}.", inner);
}
