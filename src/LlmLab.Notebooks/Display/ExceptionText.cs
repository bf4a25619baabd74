using System.Text;

namespace LlmLab.Notebooks.Display;

/// <summary>An exception for a reader: type and message, inner ones, and the frames that are the reader's own or the library's.</summary>
static class ExceptionText
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
            if (!IsEngine(line)) text.Append("\n   ").Append(line);
        return text.ToString();
    }

    static bool IsEngine(string frame) =>
        frame.Contains("LlmLab.Notebooks.", StringComparison.Ordinal) || frame.Contains("Microsoft.CodeAnalysis.", StringComparison.Ordinal)
        || frame.Contains("System.Runtime.CompilerServices.", StringComparison.Ordinal) || frame.Contains("<<Initialize>>", StringComparison.Ordinal)
        || frame.Contains("<Factory>", StringComparison.Ordinal) || frame.StartsWith("---", StringComparison.Ordinal);
}
