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

    /// <summary>
    /// What the file holds after some notebooks ran again: their numbers are replaced, those of others stay if they were made at the
    /// same scale.
    /// </summary>
    /// <param name="path">The file; it may be absent.</param>
    /// <param name="scale">The scale of the numbers that will be added.</param>
    /// <param name="notebooks">File names of the notebooks that run.</param>
    /// <exception cref="InvalidInputException">The file there is not of this form.</exception>
    public static ResultsFile Without(string path, string scale, IEnumerable<string> notebooks)
    {
        var others = File.Exists(path) ? Read(path) : null;
        var again = notebooks.ToHashSet(StringComparer.Ordinal);
        return new ResultsFile(scale, others?.Scale == scale ? [.. others.Results.Where(r => !again.Contains(r.Notebook))] : []);
    }

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
