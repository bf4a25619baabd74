using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmLab.Cli;

/// <summary>
/// One run of a verb: where its words go, its JSON line, and the exit code. 0 done, 1 a failed check or cell, 2 wrong usage or bad
/// input (one line on standard error), 130 stopped by Ctrl+C.
/// </summary>
sealed class Invocation
{
    public const int Done = 0, Failed = 1, BadInput = 2, Stopped = 130;

    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Option<bool> JsonOption { get; } = new("--json")
    {
        Description = "End the output with one line of JSON.",
        Recursive = true,
    };

    object? result;

    Invocation(ParseResult parse, CancellationToken cancellationToken)
    {
        Parse = parse;
        CancellationToken = cancellationToken;
        IsJson = parse.GetValue(JsonOption);
    }

    /// <summary>The parsed command line.</summary>
    public ParseResult Parse { get; }

    /// <summary>Cancelled by Ctrl+C; the current <see cref="Operation"/> carries it too.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>True if <c>--json</c> was given.</summary>
    public bool IsJson { get; }

    /// <summary>Writes a line for people.</summary>
    public void WriteLine(string line = "") => Console.Out.WriteLine(line);

    /// <summary>Sets the value of the last line, which is written only with <c>--json</c>.</summary>
    public void Result(object value) => result = value;

    /// <summary>Sets what a verb does; library calls inside see Ctrl+C and report their progress to the terminal.</summary>
    public static void SetAction(Command command, Func<Invocation, Task<int>> action) =>
        command.SetAction(async (parse, cancellationToken) =>
        {
            var invocation = new Invocation(parse, cancellationToken);
            using var progress = new TerminalProgress();
            using var operation = Operation.Enter(cancellationToken, progress);
            int code;
            try
            {
                code = await action(invocation);
            }
            finally
            {
                progress.Finish();
            }
            if (invocation.IsJson && invocation.result is { } value) Console.Out.WriteLine(JsonSerializer.Serialize(value, json));
            return code;
        });

    /// <summary>Sets what a verb does; the plain form for work that is not asynchronous.</summary>
    public static void SetAction(Command command, Func<Invocation, int> action) =>
        SetAction(command, invocation => Task.Run(() => action(invocation)));

    /// <summary>Parses, runs, and turns exceptions into one sentence and an exit code.</summary>
    public static async Task<int> RunAsync(Command root, string[] arguments)
    {
        var parse = root.Parse(arguments);
        if (parse.Errors.Count > 0)
        {
            string unknown = parse.UnmatchedTokens.Count > 0 ? $"\"{parse.UnmatchedTokens[0]}\" is not known here" : parse.Errors[0].Message.TrimEnd('.');
            await Console.Error.WriteLineAsync($"llmlab: {unknown}. See `llmlab {CommandPath(parse)}--help`.");
            return BadInput;
        }
        try
        {
            return await parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(60) });
        }
        catch (InvalidInputException e)
        {
            await Console.Error.WriteLineAsync("llmlab: " + e.Message);
            return BadInput;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("llmlab: stopped.");
            return Stopped;
        }
        catch (Exception e) when (Unwrap(e) is InvalidInputException inner)
        {
            await Console.Error.WriteLineAsync("llmlab: " + inner.Message);
            return BadInput;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or DirectoryNotFoundException or FileNotFoundException)
        {
            await Console.Error.WriteLineAsync("llmlab: " + e.Message);
            return BadInput;
        }
    }

    static Exception Unwrap(Exception e)
    {
        while (e is AggregateException or System.Reflection.TargetInvocationException or TypeInitializationException && e.InnerException is { } inner) e = inner;
        return e;
    }

    static string CommandPath(ParseResult parse)
    {
        var names = new List<string>();
        for (SymbolResult? at = parse.CommandResult; at is CommandResult { Parent: not null } command; at = at.Parent)
            names.Insert(0, command.Command.Name);
        return names.Count == 0 ? "" : string.Join(' ', names) + " ";
    }
}
