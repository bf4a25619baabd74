using System.Text.Json.Nodes;
using LlmLab.Tokenizers.SentencePiece;

namespace LlmLab.Tokenizers.Formats;

static partial class HuggingFaceReader
{
    static SentencePieceModelTokenizer ReadUnigram(JsonObject root, JsonObject model, string name)
    {
        var (special, phrases) = ReadAddedTokens(root);
        bool addDummyPrefix = ReadMetaspace(root["pre_tokenizer"] as JsonObject, name)
            ?? throw new InvalidInputException($"{name} holds a Unigram model without a Metaspace pre_tokenizer, which is not supported.");
        bool byteFallback = (bool?)model["byte_fallback"] == true;
        int unknown = (int?)model["unk_id"] ?? throw new InvalidInputException($"{name}: the Unigram model has no \"unk_id\".");
        var pieces = new List<Piece>();
        foreach (var entry in model["vocab"] as JsonArray ?? throw new InvalidInputException($"{name}: the model has no \"vocab\"."))
        {
            string text = (string)entry![0]!;
            var type = pieces.Count == unknown ? PieceType.Unknown
                : special.ContainsKey(text) ? PieceType.Control
                : phrases.ContainsKey(text) ? PieceType.Unused
                : byteFallback && text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) ? PieceType.Byte
                : PieceType.Normal;
            pieces.Add(new Piece(text, (float)(double)entry[1]!, type));
        }
        if (unknown < 0 || unknown >= pieces.Count) throw new InvalidInputException($"{name}: the Unigram model's unk_id {unknown} is no id of its vocabulary.");
        var known = pieces.Select(p => p.Text).ToHashSet();
        foreach (var (text, id) in special.Concat(phrases).Where(t => !known.Contains(t.Key)).OrderBy(t => t.Value))
        {
            if (id != pieces.Count) throw new InvalidInputException($"{name}: the added token \"{text}\" has the id {id}, which does not follow the vocabulary's {pieces.Count} pieces.");
            pieces.Add(new Piece(text, 0, special.ContainsKey(text) ? PieceType.Control : PieceType.Unused));
        }
        var (map, removeExtraWhitespace) = ReadUnigramNormalizer(root["normalizer"] as JsonObject, name);
        return new SentencePieceModelTokenizer(new SentencePieceModel(pieces, SentencePieceAlgorithm.Unigram, new SentencePieceNormalization(map, addDummyPrefix, removeExtraWhitespace))
        {
            ByteFallback = byteFallback,
            Phrases = phrases,
        });
    }

    /// <summary>Whether a space goes before the text; null where there is no Metaspace.</summary>
    static bool? ReadMetaspace(JsonObject? node, string name)
    {
        switch ((string?)node?["type"])
        {
            case "Metaspace":
                return (string?)node["prepend_scheme"] is { } scheme ? scheme != "never" : (bool?)node["add_prefix_space"] != false;
            case "Sequence":
                bool? found = null;
                foreach (var part in (JsonArray)node["pretokenizers"]!)
                    if ((string?)part!["type"] != "WhitespaceSplit") found = ReadMetaspace((JsonObject)part, name);
                return found;
            case null:
                return null;
            case var other:
                throw new InvalidInputException($"{name} uses the pre-tokenizer {other} before a Unigram model, which is not supported.");
        }
    }

    static bool IsRunOfSpaces(JsonNode? pattern) => (string?)pattern?["Regex"] == " {2,}";

    static (byte[] Map, bool RemoveExtraWhitespace) ReadUnigramNormalizer(JsonObject? node, string name)
    {
        byte[] map = [];
        bool remove = false;
        IEnumerable<JsonNode?> parts = [];
        if (node?["normalizers"] is JsonArray sequence) parts = sequence;
        else if (node is not null) parts = [node];
        foreach (var part in parts)
            switch ((string?)part!["type"])
            {
                case "Precompiled": map = Convert.FromBase64String((string?)part["precompiled_charsmap"] ?? ""); break;
                case "Strip": remove = true; break;
                case "Replace" when IsRunOfSpaces(part["pattern"]): remove = true; break;
                case var other: throw new InvalidInputException($"{name} uses the normalizer {other} before a Unigram model, which is not supported.");
            }
        return (map, remove);
    }
}
