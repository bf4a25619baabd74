using System.Text;
using System.Text.RegularExpressions;

namespace LlmLab.Notebooks.Display;

/// <summary>An exception that is displayed as a value: type and message, inner ones, the lines of cells and the library's frames.</summary>
static partial class ExceptionText
{
    public static string Of(Exception exception)
    {
        var text = new StringBuilder();
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (text.Length > 0) text.Append("\n caused by ");
            text.Append(TypeNames.Of(e.GetType())).Append(": ").Append(e.Message.ReplaceLineEndings("\n"));
        }
        foreach (string line in (exception.StackTrace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (CellFrame().Match(line) is { Success: true } cell) text.Append($"\n   at {cell.Groups[1].Value}, line {cell.Groups[2].Value}");
            else if (!IsEngine(line)) text.Append("\n   ").Append(line);
        }
        return text.ToString();
    }

    static bool IsEngine(string frame) =>
        frame.Contains("LlmLab.Notebooks.", StringComparison.Ordinal) || frame.Contains("System.Runtime.CompilerServices.", StringComparison.Ordinal)
        || frame.StartsWith("---", StringComparison.Ordinal);

    [GeneratedRegex(@"^at .* in (Cell \d+):line (\d+)$")]
    private static partial Regex CellFrame();
}
