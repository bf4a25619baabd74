using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmLab.Tokenizers.Formats;

/// <summary>One call saves any tokenizer, one call loads any format.</summary>
public static class TokenizerFile
{
    /// <summary>Saves a tokenizer in Hugging Face's <c>tokenizer.json</c> form, which holds everything: vocabulary, rules, special tokens.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="path">
    /// A <c>.json</c> file, or a folder: in that it becomes <c>tokenizer.json</c>, and <c>tokenizer_config.json</c> beside it names the
    /// roles of the reserved tokens (beginning, end, padding …) as Hugging Face's libraries read them.
    /// </param>
    /// <exception cref="InvalidInputException">The tokenizer has no such form (SentencePiece BPE).</exception>
    public static void Save(VocabularyTokenizer tokenizer, string path)
    {
        string json = ToJson(tokenizer);
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) AtomicFile.WriteText(path, json);
        else
        {
            AtomicFile.WriteText(Path.Combine(path, "tokenizer.json"), json);
            AtomicFile.WriteText(Path.Combine(path, "tokenizer_config.json"), HuggingFaceWriter.Configuration(tokenizer));
        }
    }

    /// <summary>Writes a tokenizer in the format that the file's name asks for: <c>.json</c>, <c>.tiktoken</c> (byte-level BPE) or <c>.txt</c> (WordPiece).</summary>
    /// <exception cref="InvalidInputException">The format cannot hold this kind of tokenizer.</exception>
    public static void Convert(VocabularyTokenizer tokenizer, string path)
    {
        switch (Path.GetExtension(path).ToLowerInvariant(), tokenizer)
        {
            case (".json", _): Save(tokenizer, path); break;
            case (".tiktoken", ByteLevelBpeTokenizer bpe): TiktokenFile.Save(bpe, path); break;
            case (".txt", WordPieceTokenizer pieces): VocabularyText.Save(pieces, path); break;
            default: throw new InvalidInputException($"A {tokenizer.Algorithm} tokenizer cannot be written as {Path.GetFileName(path)}: .json holds every kind, .tiktoken byte-level BPE, .txt WordPiece.");
        }
    }

    /// <summary>The text of <c>tokenizer.json</c>.</summary>
    public static string ToJson(VocabularyTokenizer tokenizer) => HuggingFaceWriter.Write(tokenizer);

    /// <summary>
    /// Loads a tokenizer: <c>tokenizer.json</c>, <c>.tiktoken</c> (published vocabularies), <c>vocab.txt</c>, <c>vocab.json</c> with
    /// <c>merges.txt</c> beside it (or GPT-2's <c>encoder.json</c> with <c>vocab.bpe</c>), a SentencePiece <c>.model</c>, or a folder
    /// that holds one of these; also the names <c>cl100k</c> and <c>o200k</c>.
    /// </summary>
    /// <exception cref="InvalidInputException">Nothing is there, it is of no known format, or it is broken: the message says where.</exception>
    public static VocabularyTokenizer Load(string path)
    {
        if (Directory.Exists(path))
            path = Names.Select(n => Path.Combine(path, n)).FirstOrDefault(File.Exists)
                ?? throw new InvalidInputException($"The folder {path} holds no tokenizer: expected one of {string.Join(", ", Names)}.");
        else if (!File.Exists(path))
            return path switch
            {
                "cl100k" or "cl100k_base" => PublishedVocabulary.Cl100k(),
                "o200k" or "o200k_base" => PublishedVocabulary.O200k(),
                _ => throw new InvalidInputException($"The tokenizer file {path} does not exist."),
            };
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".tiktoken": return TiktokenFile.Load(path);
            case ".model": return SentencePieceFile.Load(path);
            case ".txt" when Path.GetFileName(path) == "merges.txt": return Gpt2Files.Load(Path.Combine(folder, "vocab.json"), path);
            case ".txt": return VocabularyText.Load(path);
            case ".bpe": return Gpt2Files.Load(path.Replace("vocab.bpe", "encoder.json", StringComparison.Ordinal), path);
            case ".json":
                string json = File.ReadAllText(path);
                // A vocabulary alone maps tokens to ids; tokenizer.json has a "model".
                if (Guard(path, () => JsonNode.Parse(json)) is JsonObject root && root["model"] is not JsonObject && root.Count > 0 && root.All(p => p.Value is JsonValue v && v.GetValueKind() == JsonValueKind.Number))
                    return Gpt2Files.Load(path, new[] { "merges.txt", path.EndsWith("encoder.json", StringComparison.Ordinal) ? Path.GetFileName(path).Replace("encoder.json", "vocab.bpe", StringComparison.Ordinal) : "vocab.bpe" }
                        .Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists) ?? Path.Combine(folder, "merges.txt"));
                return FromJson(json, path);
            default:
                throw new InvalidInputException($"{path} is of no known tokenizer format: expected tokenizer.json, .tiktoken, vocab.txt, vocab.json with merges.txt, or a SentencePiece .model.");
        }
    }

    static readonly string[] Names = ["tokenizer.json", "vocab.json", "encoder.json", "vocab.txt", "tokenizer.model", "spiece.model"];

    /// <summary>Reads the text of <c>tokenizer.json</c>.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="InvalidInputException">It is not valid JSON, or not a tokenizer that is supported.</exception>
    public static VocabularyTokenizer FromJson(string json, string name = "tokenizer.json") =>
        Guard(name, () => JsonNode.Parse(json) is JsonObject root ? HuggingFaceReader.Read(root, name) : throw new InvalidInputException($"{name} is not a tokenizer: it should hold a JSON object."));

    /// <summary>Turns what JSON readers throw into one sentence.</summary>
    internal static T Guard<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or InvalidCastException or NullReferenceException or ArgumentOutOfRangeException)
        {
            throw new InvalidInputException($"{name} is broken: {e.Message.Split('\n')[0]}", e);
        }
    }
}
