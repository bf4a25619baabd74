using System.Text.Json;
using System.Text.Json.Nodes;
using LlmLab.Data;
using LlmLab.Models;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Training;
using Microsoft.ML.Tokenizers;

namespace LlmLab.Training;

/// <summary>A complete recipe as data (<c>data/presets/*.json</c>): text, tokenizer, architecture and training, with its documentation.</summary>
/// <param name="Name">Its name: <c>llmlab train --preset NAME</c>.</param>
/// <param name="Summary">One line.</param>
/// <param name="Documentation">What it is for, where its numbers come from, what to expect.</param>
/// <param name="Source">Where the recipe was published, or null for an own one.</param>
/// <param name="Text">A name in the data catalog, or a file.</param>
/// <param name="Tokenizer">"characters", or "bpe:SIZE" for a byte-level BPE vocabulary of that size, trained on the training part.</param>
/// <param name="ValidationShare">Share of the text's end that is kept for validation.</param>
/// <param name="Spec">The architecture; its vocabulary size is the tokenizer's.</param>
/// <param name="Options">The training.</param>
public sealed record Preset(string Name, string Summary, string Documentation, string? Source, string Text, string Tokenizer, double ValidationShare, ModelSpec Spec, TrainingOptions Options)
{
    static readonly Lazy<IReadOnlyList<Preset>> all = new(() =>
        [.. ShippedData.List("presets/").Order(StringComparer.Ordinal).Select(name => Parse(ShippedData.ReadText(name), name))]);

    /// <summary>All that are shipped, by name.</summary>
    public static IReadOnlyList<Preset> All => all.Value;

    /// <summary>The preset of a name.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public static Preset Find(string name) => All.FirstOrDefault(p => p.Name == name)
        ?? throw new InvalidInputException($"There is no preset \"{name}\": choose one of {string.Join(", ", All.Select(p => p.Name))}.");

    /// <summary>Reads a preset.</summary>
    /// <exception cref="InvalidInputException">It is not one.</exception>
    public static Preset Parse(string json, string where)
    {
        try
        {
            var root = (JsonNode.Parse(json) ?? throw new JsonException("it is null")).AsObject();
            JsonNode Part(string name) => root[name] ?? throw new InvalidInputException($"{where} has no \"{name}\".");
            string Word(string name) => (string)Part(name)!;
            return new Preset(Word("name"), Word("summary"), Word("documentation"), (string?)root["source"], Word("text"), Word("tokenizer"), (double?)root["validationShare"] ?? 0.1,
                ModelSpec.FromJson(Part("spec").ToJsonString(), where), TrainingOptions.FromJson(Part("options").ToJsonString(), where));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidInputException($"{where} is not a preset: {e.Message}", e);
        }
    }

    /// <summary>Finds or fetches the text, trains the tokenizer and encodes both parts.</summary>
    /// <param name="text">Another text than the preset's: a name in the catalog, or a file.</param>
    /// <param name="tokenizerFile">A tokenizer to load instead of training one.</param>
    public async Task<TrainingData> PrepareAsync(string? text = null, string? tokenizerFile = null)
    {
        var (name, content) = await TextSource.ReadAsync(text ?? Text).ConfigureAwait(false);
        int cut = (int)(content.Length * (1 - ValidationShare));
        var tokenizer = tokenizerFile is null ? TrainTokenizer(Tokenizer, content, cut) : TokenizerFile.Load(tokenizerFile);
        return TrainingData.FromText(name, content, tokenizer, tokenizer.VocabularySize, ValidationShare);
    }

    /// <summary>The architecture for a vocabulary of a size.</summary>
    public ModelSpec SpecFor(TrainingData data) => Spec with { VocabularySize = data.VocabularySize };

    static Tokenizers.VocabularyTokenizer TrainTokenizer(string kind, string text, int cut)
    {
        // Characters of the whole text, as nanoGPT does: which characters exist is not what is validated. Merges come from the training part alone.
        if (kind == "characters") return WordLevelTrainer.TrainCharacters([text]);
        if (kind.StartsWith("bpe:", StringComparison.Ordinal) && int.TryParse(kind.AsSpan(4), out int size))
            return BpeTrainer.Train([text[..cut]], new BpeTrainingOptions { VocabularySize = size });
        throw new InvalidInputException($"The tokenizer \"{kind}\" is unknown to presets: expected \"characters\" or \"bpe:SIZE\".");
    }
}
