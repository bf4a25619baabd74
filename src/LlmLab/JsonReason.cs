using System.Text.Json;

namespace LlmLab;

/// <summary>What JSON's errors say to a user.</summary>
static class JsonReason
{
    /// <summary>The reason alone: System.Text.Json adds the path, the line and the byte, all in its own notation.</summary>
    public static string Reason(this JsonException error) => error.Message.Split(" Path:")[0];
}
