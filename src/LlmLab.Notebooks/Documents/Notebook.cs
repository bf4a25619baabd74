using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Documents;

/// <summary>A notebook document, as nbformat 4.5 has it: cells, and metadata of which unknown entries are kept.</summary>
/// <param name="Cells">In reading order.</param>
public sealed record Notebook(IReadOnlyList<NotebookCell> Cells)
{
    /// <summary>The notebook's metadata; of a new notebook <see cref="NewMetadata"/>.</summary>
    public JsonObject Metadata { get; init; } = NewMetadata();

    /// <summary>Entries beside cells and metadata that nbformat does not know.</summary>
    public JsonObject Other { get; init; } = [];

    /// <summary>The name of the kernel that the notebook asks for, or null.</summary>
    public string? KernelName => (Metadata["kernelspec"] as JsonObject)?.Text("name");

    /// <summary>The language of cells that name none: "csharp", or what a Polyglot notebook has as its default kernel.</summary>
    public string DefaultLanguage =>
        (Metadata["polyglot_notebook"] as JsonObject ?? Metadata["dotnet_interactive"] as JsonObject)?["kernelInfo"] is JsonObject info
            ? info.Text("defaultKernelName") ?? "csharp"
            : "csharp";

    /// <summary>The smallest metadata that this project's kernel and other C# hosts understand.</summary>
    public static JsonObject NewMetadata() => new()
    {
        ["kernelspec"] = new JsonObject { ["display_name"] = "LlmLab (C#)", ["language"] = "C#", ["name"] = "llmlab" },
        ["language_info"] = new JsonObject { ["file_extension"] = ".cs", ["mimetype"] = "text/x-csharp", ["name"] = "C#", ["pygments_lexer"] = "csharp" },
        ["polyglot_notebook"] = new JsonObject { ["kernelInfo"] = new JsonObject { ["defaultKernelName"] = "csharp" } },
    };
}

/// <summary>What a cell holds.</summary>
public enum CellKind { Code, Markdown, Raw }

/// <summary>A cell of a notebook.</summary>
/// <param name="Id">Unique in the notebook; 1 to 64 letters, digits, - and _.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Source">Its text.</param>
public sealed record NotebookCell(string Id, CellKind Kind, string Source)
{
    /// <summary>The cell's metadata: tags, language, whatever front ends keep there.</summary>
    public JsonObject Metadata { get; init; } = [];

    /// <summary>Jupyter's [3], or null for a code cell that did not run.</summary>
    public int? ExecutionCount { get; init; }

    /// <summary>
    /// A code cell's outputs in nbformat's shape (output_type "stream", "display_data", "execute_result" or "error"), with texts as
    /// whole strings; the file has them as lists of lines.
    /// </summary>
    public IReadOnlyList<JsonObject> Outputs { get; init; } = [];

    /// <summary>Pictures pasted into a Markdown cell, by name, or null.</summary>
    public JsonObject? Attachments { get; init; }

    /// <summary>Entries that nbformat does not know.</summary>
    public JsonObject Other { get; init; } = [];

    /// <summary>The cell's tags, such as "parameters".</summary>
    public IReadOnlyList<string> Tags => Metadata["tags"] is JsonArray tags ? [.. tags.OfType<JsonValue>().Select(t => t.ToString())] : [];

    /// <summary>The cell's language where it is not the notebook's own: Polyglot Notebooks' and .NET Interactive's entries.</summary>
    public string? Language =>
        (Metadata["polyglot_notebook"] as JsonObject)?.Text("kernelName") ?? (Metadata["dotnet_interactive"] as JsonObject)?.Text("language");

    /// <summary>Metadata of a code cell in another language than the notebook's, as other C# hosts read it.</summary>
    public static JsonObject LanguageMetadata(string language) => new()
    {
        ["dotnet_interactive"] = new JsonObject { ["language"] = language },
        ["polyglot_notebook"] = new JsonObject { ["kernelName"] = language },
    };
}

static class JsonObjectText
{
    /// <summary>The string under a key, or null where there is none.</summary>
    public static string? Text(this JsonObject node, string key) =>
        node[key] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
