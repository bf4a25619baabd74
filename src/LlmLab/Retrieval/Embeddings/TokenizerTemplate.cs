using System.Text.Json.Nodes;
using LlmLab.Tokenizers;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>The special tokens that a published model wants around a single text, such as [CLS] … [SEP], from its <c>tokenizer.json</c>.</summary>
/// <param name="Before">Ids before the text.</param>
/// <param name="After">Ids after the text.</param>
public sealed record TokenizerTemplate(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    /// <summary>No special tokens.</summary>
    public static TokenizerTemplate None { get; } = new([], []);

    /// <summary>Reads the post-processor of Hugging Face's format: TemplateProcessing, BertProcessing, RobertaProcessing, or a sequence with one of them.</summary>
    /// <param name="json">The text of <c>tokenizer.json</c>.</param>
    /// <param name="tokenizer">The same file's tokenizer, which knows the tokens' ids.</param>
    public static TokenizerTemplate Read(string json, VocabularyTokenizer tokenizer)
    {
        var processor = JsonNode.Parse(json)?["post_processor"];
        var steps = (string?)processor?["type"] == "Sequence" ? processor!["processors"]!.AsArray() : [processor?.DeepClone()];
        foreach (var step in steps)
            switch ((string?)step?["type"])
            {
                case "TemplateProcessing": return OfTemplate(step!["single"]!.AsArray(), tokenizer);
                case "BertProcessing" or "RobertaProcessing": return new([(int)step!["cls"]![1]!], [(int)step["sep"]![1]!]);
            }
        return None;
    }

    static TokenizerTemplate OfTemplate(JsonArray single, VocabularyTokenizer tokenizer)
    {
        var (before, after, passed) = (new List<int>(), new List<int>(), false);
        foreach (var part in single)
            if (part?["SpecialToken"]?["id"] is { } token)
                (passed ? after : before).Add(tokenizer.FindId((string)token!) ?? throw new InvalidInputException($"tokenizer.json puts the token \"{token}\" around texts, but its vocabulary has no such token."));
            else passed = true;
        return new(before, after);
    }

    /// <summary>A text's tokens with those around it, the text cut so that all fit.</summary>
    public int[] Wrap(int[] text, int most)
    {
        int room = Math.Max(0, most - Before.Count - After.Count);
        return [.. Before, .. text.Length > room ? text[..room] : text, .. After];
    }
}
