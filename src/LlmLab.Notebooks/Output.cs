using System.Text.Json.Nodes;

namespace LlmLab.Notebooks;

/// <summary>One value in several forms, by MIME type: text is a JSON string, JSON types are objects, binary types are base64.</summary>
public sealed record MimeBundle(IReadOnlyDictionary<string, JsonNode> Data)
{
    /// <summary>Metadata by MIME type (width and height of a picture), as nbformat has it.</summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>A bundle with one form.</summary>
    public static MimeBundle Of(string mimeType, string content) => new(new Dictionary<string, JsonNode> { [mimeType] = JsonValue.Create(content) });
}

/// <summary>What a running cell puts out; the cases are those of nbformat and of Jupyter's messaging protocol.</summary>
public abstract record Output;

/// <summary>Console text.</summary>
/// <param name="IsError">True for standard error.</param>
/// <param name="Text">The text as written.</param>
public sealed record StreamOutput(bool IsError, string Text) : Output;

/// <summary>A displayed value; one with an id can be updated later.</summary>
public sealed record DisplayOutput(MimeBundle Bundle, string? DisplayId = null) : Output;

/// <summary>Replaces what was displayed under the id, wherever that was.</summary>
public sealed record UpdateDisplayOutput(MimeBundle Bundle, string DisplayId) : Output;

/// <summary>The value of the cell's trailing expression.</summary>
public sealed record ResultOutput(MimeBundle Bundle) : Output;

/// <summary>The cell failed.</summary>
/// <param name="Name">The exception's type name, or "CompilationError", "InvalidInput", "KeyboardInterrupt".</param>
/// <param name="Message">One sentence where possible.</param>
/// <param name="Traceback">Lines for the reader: message, the cell's own lines, no frames of the engine.</param>
public sealed record ErrorOutput(string Name, string Message, IReadOnlyList<string> Traceback) : Output;

/// <summary>Removes the cell's output so far; with <paramref name="Wait"/> only when the next output comes.</summary>
public sealed record ClearOutput(bool Wait) : Output;

/// <summary>Where a cell's output goes and its input comes from: the kernel, the runner and tests each have one.</summary>
public interface ICellHost
{
    /// <summary>Publishes output; may be called from any thread, keeps the order of calls.</summary>
    void Publish(Output output);

    /// <summary>The number under which the front end shows the cell; null where it has none.</summary>
    int? CellNumber => null;

    /// <summary>Asks the user for a line.</summary>
    /// <returns>The line without its end.</returns>
    /// <exception cref="InvalidInputException">This front end takes no input.</exception>
    string ReadLine(string prompt, bool isPassword);
}
