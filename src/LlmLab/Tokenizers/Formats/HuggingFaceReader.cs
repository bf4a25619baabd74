using System.Text.Json.Nodes;
using LlmLab.Tokenizers.Scanning;

namespace LlmLab.Tokenizers.Formats;

/// <summary>
/// Reads Hugging Face's <c>tokenizer.json</c>. What a file asks of text and is not supported is refused by name, never ignored. A
/// post-processor, which puts special tokens around a text, is not applied: encoding gives the text's own tokens.
/// </summary>
static partial class HuggingFaceReader
{
    public static VocabularyTokenizer Read(JsonObject root, string name)
    {
        var model = root["model"] as JsonObject ?? throw new InvalidInputException($"{name} is not a tokenizer: it has no \"model\".");
        // Old files do not name the model's type; merges are what only BPE has.
        string type = (string?)model["type"] ?? (model.ContainsKey("merges") ? "BPE" : "unnamed");
        return type switch
        {
            "BPE" => ReadBpe(root, model, name),
            "WordLevel" => ReadWordLevel(root, model, name),
            "WordPiece" => ReadWordPiece(root, model, name),
            "Unigram" => ReadUnigram(root, model, name),
            _ => throw new InvalidInputException($"{name} holds a model of type \"{type}\"; supported are BPE, WordPiece, Unigram and WordLevel."),
        };
    }

    static (Dictionary<string, int> Special, Dictionary<string, int> Phrases) ReadAddedTokens(JsonObject root)
    {
        var special = new Dictionary<string, int>();
        var phrases = new Dictionary<string, int>();
        foreach (var token in root["added_tokens"] as JsonArray ?? [])
            ((bool?)token!["special"] == true ? special : phrases)[(string)token["content"]!] = (int)token["id"]!;
        return (special, phrases);
    }

    static ByteLevelBpeTokenizer ReadBpe(JsonObject root, JsonObject model, string name)
    {
        if (root["normalizer"] is not null) throw new InvalidInputException($"{name} asks for a normalizer ({(string?)root["normalizer"]!["type"]}) before byte-level BPE, which is not supported.");
        var (special, phrases) = ReadAddedTokens(root);
        var (pattern, byteLevel) = ReadPreTokenizer(root["pre_tokenizer"] as JsonObject, name);
        if (!byteLevel) throw new InvalidInputException($"{name} holds a BPE model that does not work on bytes (its pre_tokenizer has no ByteLevel), which is not supported.");

        var vocabulary = ReadVocabulary(model, name);
        int size = vocabulary.Values.Append(-1).Max() + 1;
        var tokens = new byte[]?[size];
        foreach (var (token, id) in vocabulary)
            if (!special.ContainsKey(token) && !phrases.ContainsKey(token))
                tokens[id] = ByteLevelAlphabet.Read(token) ?? throw new InvalidInputException($"{name}: the token \"{token}\" (id {id}) has a character that stands for no byte.");

        var merges = new List<(int, int)>();
        foreach (var merge in model["merges"] as JsonArray ?? throw new InvalidInputException($"{name}: the BPE model has no \"merges\"."))
        {
            var parts = merge is JsonArray pair ? [.. pair.Select(p => (string)p!)] : ((string)merge!).Split(' ');
            if (parts.Length != 2 || !vocabulary.TryGetValue(parts[0], out int left) || !vocabulary.TryGetValue(parts[1], out int right))
                throw new InvalidInputException($"{name}: merge {merges.Count} (\"{string.Join(' ', parts)}\") does not join two tokens of the vocabulary.");
            merges.Add((left, right));
        }
        return new ByteLevelBpeTokenizer(new BpeVocabulary(tokens, pattern, special)
        {
            Merges = merges,
            Phrases = phrases,
            WholePieceFirst = (bool?)model["ignore_merges"] == true,
        });
    }

    static WordLevelTokenizer ReadWordLevel(JsonObject root, JsonObject model, string name)
    {
        var (special, phrases) = ReadAddedTokens(root);
        var (pattern, _) = ReadPreTokenizer(root["pre_tokenizer"] as JsonObject, name);
        var vocabulary = ReadVocabulary(model, name);
        var tokens = new string?[vocabulary.Values.Append(-1).Max() + 1];
        foreach (var (token, id) in vocabulary)
            if (!special.ContainsKey(token) && !phrases.ContainsKey(token)) tokens[id] = token;
        return new WordLevelTokenizer(tokens, pattern, special, (string?)model["unk_token"] ?? TokenizerTrainingUnknown, phrases);
    }

    static WordPieceTokenizer ReadWordPiece(JsonObject root, JsonObject model, string name)
    {
        var (special, phrases) = ReadAddedTokens(root);
        string prefix = (string?)model["continuing_subword_prefix"] ?? WordPieceTokenizer.ContinuationPrefix;
        if (prefix != WordPieceTokenizer.ContinuationPrefix) throw new InvalidInputException($"{name} marks continuing pieces by \"{prefix}\"; only ## is supported.");
        if (root["normalizer"] is not JsonObject normalizer || (string?)normalizer["type"] != "BertNormalizer")
            throw new InvalidInputException($"{name} holds a WordPiece model whose normalizer is not BertNormalizer, which is not supported.");
        if ((string?)root["pre_tokenizer"]?["type"] != "BertPreTokenizer")
            throw new InvalidInputException($"{name} holds a WordPiece model whose pre_tokenizer is not BertPreTokenizer, which is not supported.");
        bool lowercase = (bool?)normalizer["lowercase"] != false;
        var normalization = new BertNormalization((bool?)normalizer["clean_text"] != false, (bool?)normalizer["handle_chinese_chars"] != false, (bool?)normalizer["strip_accents"] ?? lowercase, lowercase);
        var vocabulary = ReadVocabulary(model, name);
        var tokens = new string?[vocabulary.Values.Append(-1).Max() + 1];
        foreach (var (token, id) in vocabulary) tokens[id] = token;
        return new WordPieceTokenizer(tokens, special, (string?)model["unk_token"] ?? "[UNK]", normalization, (int?)model["max_input_chars_per_word"] ?? 100, phrases);
    }

    const string TokenizerTrainingUnknown = Training.TokenizerTrainingOptions.UnknownToken;

    static Dictionary<string, int> ReadVocabulary(JsonObject model, string name)
    {
        var result = new Dictionary<string, int>();
        foreach (var (token, id) in model["vocab"] as JsonObject ?? throw new InvalidInputException($"{name}: the model has no \"vocab\"."))
        {
            int value = (int)id!;
            if (value is < 0 or > 1 << 24) throw new InvalidInputException($"{name}: the token \"{token}\" has the impossible id {value}.");
            result[token] = value;
        }
        return result;
    }

    /// <summary>The expression of a pre-tokenizer, and whether bytes are spelled in GPT-2's alphabet after it.</summary>
    static (string Pattern, bool ByteLevel) ReadPreTokenizer(JsonObject? node, string name)
    {
        switch ((string?)node?["type"])
        {
            case "ByteLevel":
                if ((bool?)node["add_prefix_space"] == true) throw new InvalidInputException($"{name} adds a space before every text (add_prefix_space), which is not supported for byte-level BPE.");
                return ((bool?)node["use_regex"] == false ? WholeText : PreTokenization.Gpt2, true);
            case "Split":
                if ((string?)node["behavior"] != "Isolated" || (bool?)node["invert"] == true)
                    throw new InvalidInputException($"{name} splits with behaviour {(string?)node["behavior"]}; only Isolated is supported.");
                return ((string?)node["pattern"]?["Regex"] ?? System.Text.RegularExpressions.Regex.Escape((string?)node["pattern"]?["String"] ?? throw new InvalidInputException($"{name}: a Split pre-tokenizer has no pattern.")), false);
            case "Sequence":
                string? pattern = null;
                bool byteLevel = false;
                foreach (var part in (JsonArray)node["pretokenizers"]!)
                {
                    var (partPattern, partByteLevel) = ReadPreTokenizer((JsonObject)part!, name);
                    byteLevel |= partByteLevel;
                    if (partPattern == WholeText) continue;
                    if (pattern is not null) throw new InvalidInputException($"{name} splits text in several passes, which is not supported.");
                    pattern = partPattern;
                }
                return (pattern ?? WholeText, byteLevel);
            case null:
                return (WholeText, false);
            case var other:
                throw new InvalidInputException($"{name} uses the pre-tokenizer {other}, which is not supported.");
        }
    }

    const string WholeText = @"[\s\S]+";
}
