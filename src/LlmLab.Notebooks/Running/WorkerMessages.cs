using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmLab.Notebooks.Running;

/// <summary>What the parent asks of a worker: one line of JSON on its standard input. The end of that input asks it to stop.</summary>
sealed record WorkerRequest(string Notebook, string Output, IReadOnlyDictionary<string, string> Parameters, double? TimeLimitSeconds);

/// <summary>What a worker tells its parent: JSON texts, each after the character RS on a line of its own (RFC 7464's sequences).</summary>
[JsonDerivedType(typeof(WorkerProgress), "progress")]
[JsonDerivedType(typeof(WorkerEnd), "end")]
[JsonDerivedType(typeof(WorkerRefusal), "refusal")]
abstract record WorkerMessage;

/// <summary>How far the notebook is.</summary>
sealed record WorkerProgress(ProgressReport Report) : WorkerMessage;

/// <summary>The notebook ran, or stopped at a cell; it is written.</summary>
sealed record WorkerEnd(CellFailure? Failure, int CellsRun, double Seconds) : WorkerMessage;

/// <summary>The input was bad; nothing was written.</summary>
sealed record WorkerRefusal(string Message) : WorkerMessage;

static class WorkerProtocol
{
    /// <summary>Begins a message; other lines are what native libraries print past the session.</summary>
    public const char RecordSeparator = '\x1e';

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
