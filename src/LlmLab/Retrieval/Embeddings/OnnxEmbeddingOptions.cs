using System.Text.Json;
using System.Text.Json.Nodes;
using LlmLab.Data;

namespace LlmLab.Retrieval.Embeddings;

/// <summary>How a text's vector comes from its tokens' activations.</summary>
public enum EmbeddingPooling
{
    /// <summary>The mean over all tokens (Sentence-BERT, E5, nomic).</summary>
    Mean,
    /// <summary>The first token, [CLS] (BGE, Snowflake Arctic).</summary>
    FirstToken,
    /// <summary>The last token, for decoders (E5-Mistral, Qwen3-Embedding).</summary>
    LastToken,
}

/// <summary>What a published embedding model wants; its model card says it.</summary>
public sealed record OnnxEmbeddingOptions
{
    /// <summary>How activations become one vector; not used where the model has an output "sentence_embedding" of its own.</summary>
    public EmbeddingPooling Pooling { get; init; } = EmbeddingPooling.Mean;

    /// <summary>Written before queries, such as "query: " (E5) or "Instruct: …\nQuery: " (Qwen3-Embedding).</summary>
    public string QueryPrefix { get; init; } = "";

    /// <summary>Written before passages, such as "passage: " (E5).</summary>
    public string PassagePrefix { get; init; } = "";

    /// <summary>Tokens of a text beyond which it is cut.</summary>
    public int MostTokens { get; init; } = 512;

    /// <summary>Texts a pass.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Scale vectors to length 1.</summary>
    public bool Normalise { get; init; } = true;

    /// <summary>The special tokens around a text; null: those that tokenizer.json says.</summary>
    public TokenizerTemplate? Template { get; init; }

    /// <summary>The first so many numbers of a vector, for models trained so (Kusupati et al. 2022, Matryoshka); null: all.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Threads of a pass; 0: chosen by the runtime.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// What a published folder says of its model in the files of Sentence Transformers (Reimers and Gurevych 2019): pooling
    /// (<c>1_Pooling/config.json</c>), prefixes (<c>config_sentence_transformers.json</c>), length (<c>sentence_bert_config.json</c>). What no
    /// file says keeps its default.
    /// </summary>
    /// <param name="folder">The folder that holds <c>tokenizer.json</c>.</param>
    /// <exception cref="InvalidInputException">A file is broken, or asks for what is not offered here.</exception>
    public static OnnxEmbeddingOptions ReadFrom(string folder)
    {
        var options = new OnnxEmbeddingOptions();
        foreach (var module in Read(folder, "modules.json") as JsonArray ?? [])
            if ((string?)module?["type"] is { } type && !offered.Contains(type.Split('.')[^1]))
                throw new InvalidInputException($"The model in {folder} goes on after pooling with {type.Split('.')[^1]} (modules.json), which is not offered here: say how it is to be used by OnnxEmbeddingOptions if its ONNX file computes that itself.");
        if (Read(folder, "1_Pooling/config.json") is JsonObject pooling)
        {
            string[] modes = [.. pooling.Where(entry => entry.Key.StartsWith(ModePrefix, StringComparison.Ordinal) && entry.Value?.GetValueKind() == JsonValueKind.True).Select(entry => entry.Key[ModePrefix.Length..])];
            options = options with
            {
                Pooling = modes switch
                {
                    [] or ["mean_tokens"] => EmbeddingPooling.Mean,
                    ["cls_token"] => EmbeddingPooling.FirstToken,
                    ["lasttoken"] => EmbeddingPooling.LastToken,
                    _ => throw new InvalidInputException($"The model in {folder} pools by {string.Join(" and ", modes)} (1_Pooling/config.json): offered are mean_tokens, cls_token and lasttoken."),
                },
            };
        }
        if (Read(folder, "config_sentence_transformers.json")?["prompts"] is JsonObject prompts)
            options = options with { QueryPrefix = (string?)prompts["query"] ?? "", PassagePrefix = (string?)(prompts["document"] ?? prompts["passage"]) ?? "" };
        return (int?)Read(folder, "sentence_bert_config.json")?["max_seq_length"] is { } most ? options with { MostTokens = most } : options;
    }

    const string ModePrefix = "pooling_mode_";

    static readonly string[] offered = ["Transformer", "Pooling", "Normalize"];

    static JsonNode? Read(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        try
        {
            return File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) : null;
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{file} is not JSON ({e.Reason()}): fetch the model again.", e);
        }
    }
}
