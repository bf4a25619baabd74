using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Jupyter;

/// <summary>Contents that several replies share.</summary>
static class Replies
{
    public static JsonObject Ok(params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var content = new JsonObject { ["status"] = "ok" };
        foreach (var (name, value) in fields) content[name] = value;
        return content;
    }

    public static JsonObject Error(ErrorOutput error) => new()
    {
        ["ename"] = error.Name,
        ["evalue"] = error.Message,
        ["traceback"] = new JsonArray([.. error.Traceback.Select(line => JsonValue.Create(line))]),
    };

    public static JsonObject Failed(ErrorOutput error)
    {
        var content = Error(error);
        content["status"] = "error";
        return content;
    }

    public static JsonObject Failed(string name, string message) => Failed(new ErrorOutput(name, message, [message]));
}
