using System.Globalization;
using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Display;

/// <summary>Functions that every C# cell can call without a prefix.</summary>
public static class CellFunctions
{
    internal static CellContext Cell => CellContext.Current ?? throw new InvalidOperationException("This works only while a notebook cell runs.");

    /// <summary>Shows a value now, in all its forms.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="mimeType">One form only; a string is then taken as content of that type: <c>display("&lt;b&gt;x&lt;/b&gt;", "text/html")</c>.</param>
    /// <returns>A handle that replaces the value where it stands.</returns>
    /// <exception cref="InvalidInputException">The value has no such form.</exception>
    public static DisplayHandle display(object? value, string? mimeType = null)
    {
        var cell = Cell;
        string id = Guid.NewGuid().ToString("N");
        cell.Publish(new DisplayOutput(mimeType is null ? cell.Formatter.Format(value) : cell.Formatter.Format(value, mimeType), id));
        return new DisplayHandle(cell, id);
    }

    /// <summary>Shows this value now: <c>chart.Display();</c></summary>
    /// <inheritdoc cref="display"/>
    public static DisplayHandle Display<T>(this T value, string? mimeType = null) => display(value, mimeType);

    /// <summary>Removes what the cell has shown so far.</summary>
    /// <param name="wait">Only when the next output comes, which avoids flicker.</param>
    public static void ClearOutput(bool wait = false) => Cell.Publish(new ClearOutput(wait));

    /// <summary>
    /// Shows a number and records it: the runner collects it in results.json, and <c>llmlab verify</c> compares it with a rerun's.
    /// </summary>
    /// <param name="name">A name that is unique in the notebook: "validation loss".</param>
    /// <param name="value">The number; finite.</param>
    /// <param name="tolerance">The largest absolute difference that a rerun may show, in either direction; 0 asks for the same number.</param>
    /// <param name="higherIsBetter">Whether a higher number is the better one, for comparisons and for the results table.</param>
    /// <returns>The value.</returns>
    /// <exception cref="InvalidInputException">An empty name, a value that is not finite, or a negative tolerance.</exception>
    public static double Record(string name, double value, double tolerance, bool higherIsBetter = true)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new InvalidInputException("A recorded number needs a name: Record(\"validation loss\", value, tolerance, higherIsBetter).");
        if (!double.IsFinite(value)) throw new InvalidInputException($"The number to record as \"{name}\" is {value.ToString(CultureInfo.InvariantCulture)}: expected a finite one.");
        if (!(tolerance >= 0 && double.IsFinite(tolerance))) throw new InvalidInputException($"The tolerance of \"{name}\" is {tolerance.ToString(CultureInfo.InvariantCulture)}: expected 0 or more, in the number's own unit.");
        string text = $"{name} = {Scalars.Short(value)}" + (tolerance > 0 ? $" (a rerun may differ by {Scalars.Short(tolerance)})" : "");
        Cell.Publish(new DisplayOutput(new MimeBundle(new Dictionary<string, JsonNode>
        {
            [MimeTypes.Plain] = JsonValue.Create(text),
            [MimeTypes.Result] = new JsonObject { ["name"] = name, ["value"] = value, ["tolerance"] = tolerance, ["higherIsBetter"] = higherIsBetter },
        })));
        return value;
    }

    /// <summary>HTML to show as it is: <c>Html("&lt;b&gt;bold&lt;/b&gt;").Display();</c></summary>
    public static RawContent Html(string html) => new(MimeTypes.Html, html);

    /// <summary>Markdown to show rendered: <c>Markdown("# Title").Display();</c></summary>
    public static RawContent Markdown(string markdown) => new(MimeTypes.Markdown, markdown);

    /// <summary>Asks the reader for a line.</summary>
    /// <exception cref="InvalidInputException">This front end takes no input, as in a headless run.</exception>
    public static string Input(string prompt = "") => Cell.Host.ReadLine(prompt, isPassword: false);

    /// <summary>Asks the reader for a line that is not shown.</summary>
    /// <exception cref="InvalidInputException">This front end takes no input, as in a headless run.</exception>
    public static string Password(string prompt = "Password: ") => Cell.Host.ReadLine(prompt, isPassword: true);
}
