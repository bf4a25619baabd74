using System.IO.Enumeration;
using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>What was run in this kernel's life, for history_request. The running session is session 1; "0" means it too.</summary>
sealed class ExecutionHistory
{
    const int Session = 1;

    readonly List<(int Line, string Input, string? Output)> entries = [];

    public void Add(int line, string input, string? output)
    {
        lock (entries) entries.Add((line, input, output));
    }

    /// <summary>Answers a history_request: access types tail (the last n), range (lines start to stop, exclusive) and search (a glob).</summary>
    public JsonArray Find(JupyterRequest request)
    {
        lock (entries) return FindLocked(request);
    }

    JsonArray FindLocked(JupyterRequest request)
    {
        bool withOutput = request.Flag("output", absent: false);
        IEnumerable<(int Line, string Input, string? Output)> found = request.Text("hist_access_type") switch
        {
            "range" => Range(request.Number("session") ?? 0, request.Number("start") ?? 0, request.Number("stop")),
            "search" => Last(Search(request.Text("pattern"), request.Flag("unique", absent: false)), request.Number("n")),
            _ => Last(entries, request.Number("n")),
        };
        return new JsonArray([.. found.Select(entry => new JsonArray(
            Session, entry.Line, withOutput ? new JsonArray(entry.Input, entry.Output) : JsonValue.Create(entry.Input)))]);
    }

    IEnumerable<(int Line, string Input, string? Output)> Range(int session, int start, int? stop) =>
        session is 0 or Session ? entries.Where(entry => entry.Line >= start && (stop is null || entry.Line < stop)) : [];

    IEnumerable<(int Line, string Input, string? Output)> Search(string pattern, bool unique)
    {
        var found = entries.Where(entry => FileSystemName.MatchesSimpleExpression(pattern.Length == 0 ? "*" : pattern, entry.Input, ignoreCase: false));
        // Of equal inputs the latest counts.
        return unique ? found.Reverse().DistinctBy(entry => entry.Input).Reverse() : found;
    }

    static IEnumerable<T> Last<T>(IEnumerable<T> all, int? count) => count is { } n ? all.TakeLast(n) : all;
}
