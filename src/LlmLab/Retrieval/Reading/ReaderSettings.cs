using System.Text.Json;
using LlmLab.Data;
using LlmLab.Runs;

namespace LlmLab.Retrieval.Reading;

/// <summary>What a reader was set to after its training, in <c>reader.json</c> of its run's folder.</summary>
/// <param name="RefusalThreshold">Log-odds above which it refuses (<see cref="RefusalCalibration"/>).</param>
public sealed record ReaderSettings(double RefusalThreshold)
{
    const string FileName = "reader.json";
    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web) { WriteIndented = true, UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    /// <summary>A run's settings; those of a run that keeps none are a threshold of 0: what is likelier.</summary>
    /// <exception cref="InvalidInputException">The file is broken.</exception>
    public static ReaderSettings Of(Run run)
    {
        string file = Path.Combine(run.Folder, FileName);
        if (!File.Exists(file)) return new ReaderSettings(0);
        try
        {
            return JsonSerializer.Deserialize<ReaderSettings>(File.ReadAllText(file), json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{file} holds no reader's settings ({e.Message}): calibrate again with `llmlab reader eval --calibrate`, or remove it.", e);
        }
    }

    /// <summary>Keeps them with the run.</summary>
    public void Save(Run run) => AtomicFile.WriteText(Path.Combine(run.Folder, FileName), JsonSerializer.Serialize(this, json) + "\n");
}
