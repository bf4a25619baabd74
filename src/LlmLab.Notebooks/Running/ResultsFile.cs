using System.Text.Json;

namespace LlmLab.Notebooks.Running;

/// <summary>
/// The file <c>results.json</c>: the recorded numbers of one run, with the scale that they were made at. <c>llmlab run</c> writes one
/// beside the executed notebooks.
/// </summary>
/// <param name="Scale">"smoke", "laptop" or "gpu".</param>
/// <param name="Results">The numbers, in the notebooks' order.</param>
public sealed record ResultsFile(string Scale, IReadOnlyList<RecordedResult> Results)
{
    /// <summary>The usual name of the file.</summary>
    public const string FileName = "results.json";

    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, json) + "\n");

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidInputException">No such file, or not of this form.</exception>
    public static ResultsFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ResultsFile>(File.ReadAllText(path), json) ?? throw new JsonException("it holds null");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidInputException($"There is no file {path}: `llmlab run` writes one beside the executed notebooks.", e);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{path} is no file of recorded results ({e.Message.Split(" Path:")[0].TrimEnd('.')}).", e);
        }
    }
}
