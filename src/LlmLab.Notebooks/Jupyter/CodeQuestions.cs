using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>Answers questions about code that does not run: completion, inspection, whether it is whole.</summary>
static class CodeQuestions
{
    public static JsonObject Complete(INotebookSession session, JupyterRequest request)
    {
        string code = request.Text("code");
        var list = session.CompleteAsync(code, Cursor(request, code)).GetAwaiter().GetResult();
        int start = CodePoints.FromUtf16(code, list.Start), end = CodePoints.FromUtf16(code, list.End);
        return Replies.Ok(
            ("matches", new JsonArray([.. list.Items.Select(item => JsonValue.Create(item.Text))])),
            ("cursor_start", start),
            ("cursor_end", end),
            ("metadata", new JsonObject
            {
                ["_jupyter_types_experimental"] = new JsonArray([.. list.Items.Select(item => new JsonObject
                {
                    ["text"] = item.Text,
                    ["type"] = item.Kind,
                    ["signature"] = item.Signature,
                    ["documentation"] = item.Documentation,
                    ["start"] = start,
                    ["end"] = end,
                })]),
            }));
    }

    /// <summary>Detail level 1 adds a variable's present value to its type and documentation, unless a cell runs.</summary>
    public static JsonObject Inspect(INotebookSession session, JupyterRequest request, bool withValue)
    {
        string code = request.Text("code");
        int position = Cursor(request, code);
        var found = session.InspectAsync(code, position).GetAwaiter().GetResult();
        var data = found is null ? new JsonObject { ["data"] = new JsonObject(), ["metadata"] = new JsonObject() } : JupyterCellHost.Bundle(found, null);
        if (withValue && found is not null && request.Number("detail_level") is >= 1) AddValue(session, IdentifierAt(code, position), data["data"]!.AsObject());
        return Replies.Ok(("found", found is not null), ("data", data["data"]!.DeepClone()), ("metadata", data["metadata"]!.DeepClone()));
    }

    public static JsonObject IsComplete(INotebookSession session, JupyterRequest request)
    {
        var answer = session.IsCompleteAsync(request.Text("code")).GetAwaiter().GetResult();
        var content = new JsonObject { ["status"] = answer.Status };
        if (answer.Status == "incomplete") content["indent"] = answer.Indent;
        return content;
    }

    static int Cursor(JupyterRequest request, string code) =>
        request.Number("cursor_pos") is { } position ? CodePoints.ToUtf16(code, position) : code.Length;

    static void AddValue(INotebookSession session, string name, JsonObject data)
    {
        if (name.Length == 0 || !session.Variables.Any(variable => variable.Name == name)) return;
        var (value, _) = session.EvaluateAsync(name).GetAwaiter().GetResult();
        if (value is null || !value.Data.TryGetValue("text/plain", out var plain)) return;
        data["text/plain"] = $"{data["text/plain"]}\n\n{name} = {plain}";
    }

    static string IdentifierAt(string code, int position)
    {
        int start = Math.Min(position, code.Length), end = start;
        while (start > 0 && IsPart(code[start - 1])) start--;
        while (end < code.Length && IsPart(code[end])) end++;
        return code[start..end];

        static bool IsPart(char c) => char.IsLetterOrDigit(c) || c == '_';
    }
}
