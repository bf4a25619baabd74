using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Tokenizers.Formats;

/// <summary>One call saves any tokenizer, one call loads any format: what a file is, is seen from its content.</summary>
public static class TokenizerFile
{
    /// <summary>Saves a tokenizer in Hugging Face's <c>tokenizer.json</c> form.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="path">The file, or an existing folder, in which it becomes <c>tokenizer.json</c>.</param>
    public static void Save(VocabularyTokenizer tokenizer, string path)
    {
        if (Directory.Exists(path)) path = Path.Combine(path, "tokenizer.json");
        AtomicFile.WriteText(path, ToJson(tokenizer));
    }

    /// <summary>The text of <c>tokenizer.json</c>.</summary>
    public static string ToJson(VocabularyTokenizer tokenizer) => HuggingFaceWriter.Write(tokenizer);

    /// <summary>Loads a tokenizer from a file of any supported format, or from a folder that holds one.</summary>
    /// <param name="path"><c>tokenizer.json</c>, or a folder.</param>
    /// <exception cref="InvalidInputException">The file is missing, of no known format, or broken: the message says where.</exception>
    public static VocabularyTokenizer Load(string path)
    {
        if (Directory.Exists(path)) path = Path.Combine(path, "tokenizer.json");
        if (!File.Exists(path)) throw new InvalidInputException($"The tokenizer file {path} does not exist.");
        return FromJson(File.ReadAllText(path), path);
    }

    /// <summary>Reads the text of <c>tokenizer.json</c>.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="InvalidInputException">It is not valid JSON, or not a tokenizer that is supported.</exception>
    public static VocabularyTokenizer FromJson(string json, string name = "tokenizer.json")
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject root ? HuggingFaceReader.Read(root, name) : throw new InvalidInputException($"{name} is not a tokenizer: it should hold a JSON object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidInputException($"{name} is broken: {e.Message.Split('\n')[0]}", e);
        }
    }
}
