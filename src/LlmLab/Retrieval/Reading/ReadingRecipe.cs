using System.Text.Json;
using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Training;

namespace LlmLab.Retrieval.Reading;

/// <summary>How a reader is trained: company, exercises, vocabulary, architecture, optimizer (<c>data/readers/*.json</c>).</summary>
public sealed record ReadingRecipe
{
    /// <summary>The company's seed.</summary>
    public ulong CompanySeed { get; init; } = 1;

    /// <summary>
    /// Projects of the company whose training split is read, from project 0 on. Test and validation projects among them are left out:
    /// a name is given to one project only, so none of theirs is ever seen.
    /// </summary>
    public int Projects { get; init; } = 1_000;

    /// <summary>Tokens in the vocabulary.</summary>
    public int VocabularySize { get; init; } = 4_096;

    /// <summary>Different training windows.</summary>
    public int Windows { get; init; } = 12_000;

    /// <summary>Fewest passages a window.</summary>
    public int LeastPassages { get; init; } = 5;

    /// <summary>Most passages a window.</summary>
    public int MostPassages { get; init; } = 8;

    /// <summary>Share of the windows, the first ones, of which three in four only practise copying.</summary>
    public double CopyingShare { get; init; } = 0.1;

    /// <summary>Share of the windows over which passages grow from a few to their full number.</summary>
    public double GrowingShare { get; init; } = 0.4;

    /// <summary>Percent of a window that passages may fill.</summary>
    public int PassageShare { get; init; } = 65;

    /// <summary>Share of questions that no passage answers.</summary>
    public double UnanswerableShare { get; init; } = 0.3;

    /// <summary>Give each training window other names and numbers, so that no fact is met twice and only reading helps.</summary>
    public bool Renamed { get; init; } = true;

    /// <summary>Loss weight of passages and questions, those of answers being 1.</summary>
    public double OtherWeight { get; init; } = 0.1;

    /// <summary>The architecture; its vocabulary is the tokenizer's.</summary>
    public ModelSpec Spec { get; init; } = new() { VocabularySize = 4_096 };

    /// <summary>The training.</summary>
    public TrainingOptions Options { get; init; } = new();

    /// <summary>Reads a recipe; what it does not name keeps its default.</summary>
    /// <exception cref="InvalidInputException">It is not one.</exception>
    public static ReadingRecipe FromJson(string json, string where)
    {
        try
        {
            var root = System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject();
            string spec = root["spec"]!.ToJsonString(), options = root["options"]!.ToJsonString();
            root.Remove("spec");
            root.Remove("options");
            return (root.Deserialize<ReadingRecipe>(new JsonSerializerOptions(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow }) ?? throw new JsonException("null")) with
            {
                Spec = ModelSpec.FromJson(spec, where),
                Options = TrainingOptions.FromJson(options, where),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new InvalidInputException($"{where} is not a reader's recipe: {e.Message}", e);
        }
    }

    /// <summary>A shipped recipe.</summary>
    /// <param name="name">"company-reader", or "company-reader-smoke".</param>
    public static ReadingRecipe Shipped(string name = "company-reader") => FromJson(ShippedData.ReadText($"readers/{name}.json"), $"data/readers/{name}.json");
}
