using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Training;

namespace LlmLab.Retrieval.Reading;

/// <summary>How a reader is trained: company, exercises, vocabulary, architecture, optimizer (<c>data/readers/*.json</c>).</summary>
public sealed record ReadingRecipe
{
    static readonly JsonSerializerOptions strict = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>The company's seed.</summary>
    public ulong CompanySeed { get; init; } = 1;

    /// <summary>
    /// Projects of the company whose training split is read, from project 0 on. Test and validation projects among them are left out:
    /// a name is given to one project only, so none of theirs is ever seen.
    /// </summary>
    public int Projects { get; init; } = 1_000;

    /// <summary>Tokens in the vocabulary.</summary>
    public int VocabularySize { get; init; } = 4_096;

    /// <summary>Different training questions.</summary>
    public int Questions { get; init; } = 40_000;

    /// <summary>Fewest passages a question.</summary>
    public int LeastPassages { get; init; } = 5;

    /// <summary>Most passages a question.</summary>
    public int MostPassages { get; init; } = 8;

    /// <summary>Share of questions that no passage answers.</summary>
    public double UnanswerableShare { get; init; } = 0.3;

    /// <summary>Share of questions whose passages a search found; those of the others are drawn.</summary>
    public double SearchedShare { get; init; } = 0.7;

    /// <summary>Projects that are searched for passages, the first of those that are read.</summary>
    public int SearchedProjects { get; init; } = 336;

    /// <summary>Placeholder tokens in the vocabulary, for the names, numbers and rare words of a prompt (<see cref="Reading.Placeholders"/>).</summary>
    public int Placeholders { get; init; } = 128;

    /// <summary>Share of the questions that are varied (<see cref="QuestionVariation"/>), so that phrasings can be read that were never trained on.</summary>
    public double VariedShare { get; init; } = 0.6;

    /// <summary>Largest share of a varied question's words that are left out, exchanged or made up.</summary>
    public double NoiseShare { get; init; } = 0.5;

    /// <summary>Share of the varied questions that are two phrasings, one after the other.</summary>
    public double JoinedShare { get; init; } = 0.4;

    /// <summary>Share of the projects that a word must occur in to be learned as a word; rarer ones are placeholders.</summary>
    public double CommonShare { get; init; } = 0.05;

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
            if (JsonNode.Parse(json) is not JsonObject root) throw new InvalidInputException($"{where} is not a reader's recipe: its text is no JSON object.");
            string Part(string name)
            {
                string text = (root[name] as JsonObject ?? throw new InvalidInputException($"{where} is not a reader's recipe: it has no \"{name}\".")).ToJsonString();
                root.Remove(name);
                return text;
            }
            string spec = Part("spec"), options = Part("options");
            return root.Deserialize<ReadingRecipe>(strict)! with { Spec = ModelSpec.FromJson(spec, where), Options = TrainingOptions.FromJson(options, where) };
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{where} is not a reader's recipe: {e.Reason()}", e);
        }
    }

    /// <summary>A shipped recipe.</summary>
    /// <param name="name">"company-reader", or "company-reader-smoke".</param>
    public static ReadingRecipe Shipped(string name = "company-reader") => FromJson(ShippedData.ReadText($"readers/{name}.json"), $"data/readers/{name}.json");
}
