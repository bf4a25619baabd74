using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.CodeAnalysis.Text;

namespace LlmLab.Notebooks.CSharp;

/// <summary>Errors as the reader of a notebook needs them: what, and on which line of which cell.</summary>
static class CellErrors
{
    /// <summary>How many of the cell's own frames are listed: endless recursion has a hundred thousand.</summary>
    const int MaximumFrames = 12;

    /// <summary>Errors of the compiler, each with its line and a caret.</summary>
    public static ErrorOutput OfCompilation(IReadOnlyList<CellDiagnostic> errors, string text, string label)
    {
        var source = SourceText.From(text);
        var lines = new List<string>();
        foreach (var error in errors)
        {
            var position = source.Lines.GetLinePosition(Math.Min(error.Span.Start, source.Length));
            var line = source.Lines[position.Line].ToString();
            var width = Math.Clamp(error.Span.Length, 1, Math.Max(1, line.Length - position.Character));
            // Tabs stay tabs, so that the caret stands under the character.
            var indent = new string([.. line[..Math.Min(position.Character, line.Length)].Select(character => character == '\t' ? '\t' : ' ')]);
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{label} ({position.Line + 1},{position.Character + 1}): error {error.Id}: {error.Message}"));
            lines.Add("    " + line);
            lines.Add("    " + indent + new string('^', width));
        }

        return new("CompilationError", errors[0].Message, lines);
    }

    /// <summary>An error before compilation, such as a failed restore.</summary>
    public static ErrorOutput OfInput(string message, string? place = null) =>
        new("InvalidInput", message, place is null ? [message] : [message, place]);

    /// <summary>An exception of the cell's code.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="wasInterrupted">Whether the user had asked to stop.</param>
    /// <param name="cellOf">Finds the cell of an assembly.</param>
    public static ErrorOutput OfException(Exception exception, bool wasInterrupted, Func<Assembly, LoadedCell?> cellOf)
    {
        exception = Unwrap(exception);
        var frames = Frames(exception, cellOf);
        if (wasInterrupted && IsInterruption(exception))
        {
            var message = exception is OperationCanceledException && exception.Message.Contains("background", StringComparison.Ordinal) ? exception.Message : "The cell was interrupted.";
            return new("KeyboardInterrupt", message, [message, .. frames.Take(1)]);
        }

        if (exception is InvalidInputException input) return new("InvalidInput", input.Message, [input.Message, .. frames.Take(1)]);
        if (exception is InsufficientExecutionStackException)
        {
            const string message = "The recursion is too deep: the stack is full.";
            return new(nameof(InsufficientExecutionStackException), message, [message, .. frames.Distinct().Take(MaximumFrames)]);
        }

        var lines = new List<string> { $"{NameOf(exception)}: {exception.Message}" };
        lines.AddRange(frames.Take(MaximumFrames));
        AddInner(exception, lines, cellOf);
        return new(NameOf(exception), exception.Message, lines);
    }

    static void AddInner(Exception exception, List<string> lines, Func<Assembly, LoadedCell?> cellOf)
    {
        var inner = exception is AggregateException many ? [.. many.InnerExceptions] : exception.InnerException is { } one ? new[] { one } : [];
        foreach (var cause in inner)
        {
            lines.Add($" caused by {NameOf(cause)}: {cause.Message}");
            lines.AddRange(Frames(cause, cellOf).Take(MaximumFrames));
            AddInner(cause, lines, cellOf);
        }
    }

    /// <summary>Exceptions that only say that another one happened.</summary>
    static Exception Unwrap(Exception exception) =>
        exception is TargetInvocationException or TypeInitializationException && exception.InnerException is { } inner ? Unwrap(inner) : exception;

    static bool IsInterruption(Exception exception) => exception switch
    {
        OperationCanceledException or ThreadInterruptedException => true,
        AggregateException many => many.Flatten().InnerExceptions.Any(IsInterruption),
        _ => exception.InnerException is { } inner && IsInterruption(inner),
    };

    static List<string> Frames(Exception exception, Func<Assembly, LoadedCell?> cellOf)
    {
        var lines = new List<string>();
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames())
        {
            // The first cell's assembly holds the checks too.
            if (frame.GetMethod() is not { } method || method.DeclaringType?.Name == WovenChecks.ClassName || cellOf(method.Module.Assembly) is not { } cell) continue;
            var number = frame.GetFileLineNumber();
            if (number == 0) continue;
            var source = SourceText.From(cell.Text);
            var index = number - 1;
            var code = index >= 0 && index < source.Lines.Count ? source.Lines[index].ToString().Trim() : "";
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"   at {cell.Label}, line {number}: {code}"));
            if (lines.Count > 4 * MaximumFrames) break;
        }

        return lines;
    }

    static string NameOf(Exception exception)
    {
        var name = exception.GetType().Name;
        var generic = name.IndexOf('`', StringComparison.Ordinal);
        return generic < 0 ? name : name[..generic];
    }
}
