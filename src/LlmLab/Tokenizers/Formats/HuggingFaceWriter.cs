using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LlmLab.Tokenizers.Scanning;
using LlmLab.Tokenizers.SentencePiece;

namespace LlmLab.Tokenizers.Formats;

/// <summary>Writes Hugging Face's <c>tokenizer.json</c> (version 1.0 of the tokenizers library).</summary>
static partial class HuggingFaceWriter
{
    public static string Write(VocabularyTokenizer tokenizer)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            WriteAddedTokens(json, tokenizer);
            switch (tokenizer)
            {
                case ByteLevelBpeTokenizer bpe: WriteBpe(json, bpe); break;
                case WordLevelTokenizer words: WriteWordLevel(json, words); break;
                case WordPieceTokenizer pieces: WriteWordPiece(json, pieces); break;
                case SentencePieceModelTokenizer { Model.Algorithm: SentencePieceAlgorithm.Unigram } unigram: WriteUnigram(json, unigram); break;
                default: throw new InvalidInputException($"A {tokenizer.Algorithm} tokenizer cannot be written as tokenizer.json.");
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The text of <c>tokenizer_config.json</c>: which special token plays which role.</summary>
    public static string Configuration(VocabularyTokenizer tokenizer)
    {
        var roles = new Dictionary<string, object> { ["tokenizer_class"] = "PreTrainedTokenizerFast", ["clean_up_tokenization_spaces"] = false };
        (string Role, string[] Tokens)[] candidates =
        [
            ("bos_token", [ReservedTokens.BeginningOfSequence]), ("eos_token", [ReservedTokens.EndOfSequence, "<|endoftext|>"]), ("pad_token", [ReservedTokens.Padding, "[PAD]"]),
            ("mask_token", [ReservedTokens.Mask, "[MASK]"]), ("sep_token", [ReservedTokens.Separator, "[SEP]"]), ("cls_token", ["[CLS]"]),
        ];
        foreach (var (role, tokens) in candidates)
            if (tokens.FirstOrDefault(tokenizer.SpecialTokens.ContainsKey) is { } token) roles[role] = token;
        if (tokenizer.UnknownId is { } unknown) roles["unk_token"] = tokenizer.GetToken(unknown)!;
        return JsonSerializer.Serialize(roles, new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    static void WriteAddedTokens(Utf8JsonWriter json, VocabularyTokenizer tokenizer)
    {
        json.WriteStartArray("added_tokens");
        var added = tokenizer.SpecialTokens.Select(p => (p.Value, p.Key, Special: true)).Concat(tokenizer.Phrases.Select(p => (p.Value, p.Key, Special: false)));
        foreach (var (id, content, special) in added.OrderBy(a => a.Value))
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", content);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", special);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void WriteBpe(Utf8JsonWriter json, ByteLevelBpeTokenizer tokenizer)
    {
        bool gpt2 = tokenizer.Vocabulary.Pattern is PreTokenization.Gpt2 or PreTokenization.R50k;
        json.WriteNull("normalizer");
        json.WritePropertyName("pre_tokenizer");
        if (gpt2) WriteByteLevel(json, addPrefixSpace: false, useRegex: true);
        else
        {
            json.WriteStartObject();
            json.WriteString("type", "Sequence");
            json.WriteStartArray("pretokenizers");
            WriteSplit(json, tokenizer.Vocabulary.Pattern);
            WriteByteLevel(json, addPrefixSpace: false, useRegex: false);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteNull("post_processor");
        json.WritePropertyName("decoder");
        WriteByteLevel(json, addPrefixSpace: false, useRegex: gpt2);

        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteNull("unk_token");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", tokenizer.Vocabulary.WholePieceFirst);
        WriteVocabulary(json, tokenizer);
        json.WriteStartArray("merges");
        var merges = tokenizer.Vocabulary.Merges ?? [.. tokenizer.AllSplits().Select(m => (m.Left, m.Right))];
        foreach (var (left, right) in merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(tokenizer.GetToken(left));
            json.WriteStringValue(tokenizer.GetToken(right));
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteWordLevel(Utf8JsonWriter json, WordLevelTokenizer tokenizer)
    {
        json.WriteNull("normalizer");
        json.WritePropertyName("pre_tokenizer");
        WriteSplit(json, tokenizer.Pattern);
        json.WriteNull("post_processor");
        json.WriteStartObject("decoder");
        json.WriteString("type", "Fuse");
        json.WriteEndObject();
        json.WriteStartObject("model");
        json.WriteString("type", "WordLevel");
        WriteVocabulary(json, tokenizer);
        json.WriteString("unk_token", tokenizer.UnknownToken);
        json.WriteEndObject();
    }

    static void WriteWordPiece(Utf8JsonWriter json, WordPieceTokenizer tokenizer)
    {
        json.WriteStartObject("normalizer");
        json.WriteString("type", "BertNormalizer");
        json.WriteBoolean("clean_text", tokenizer.Normalization.CleanText);
        json.WriteBoolean("handle_chinese_chars", tokenizer.Normalization.SplitChinese);
        json.WriteBoolean("strip_accents", tokenizer.Normalization.StripAccents);
        json.WriteBoolean("lowercase", tokenizer.Normalization.Lowercase);
        json.WriteEndObject();
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "BertPreTokenizer");
        json.WriteEndObject();
        json.WriteNull("post_processor");
        json.WriteStartObject("decoder");
        json.WriteString("type", "WordPiece");
        json.WriteString("prefix", WordPieceTokenizer.ContinuationPrefix);
        json.WriteBoolean("cleanup", false);
        json.WriteEndObject();
        json.WriteStartObject("model");
        json.WriteString("type", "WordPiece");
        json.WriteString("unk_token", tokenizer.UnknownToken);
        json.WriteString("continuing_subword_prefix", WordPieceTokenizer.ContinuationPrefix);
        json.WriteNumber("max_input_chars_per_word", tokenizer.LongestWord);
        WriteVocabulary(json, tokenizer);
        json.WriteEndObject();
    }

    /// <summary>Special tokens and phrases stand in the vocabulary too, as in files that the tokenizers library's trainers write.</summary>
    static void WriteVocabulary(Utf8JsonWriter json, VocabularyTokenizer tokenizer)
    {
        json.WriteStartObject("vocab");
        for (int id = 0; id < tokenizer.VocabularySize; id++)
            if (tokenizer.GetToken(id) is { } token) json.WriteNumber(token, id);
        json.WriteEndObject();
    }

    static void WriteSplit(Utf8JsonWriter json, string pattern)
    {
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", pattern == PreTokenization.Cl100k ? PreTokenization.Cl100kPlain : pattern);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
    }

    static void WriteByteLevel(Utf8JsonWriter json, bool addPrefixSpace, bool useRegex)
    {
        json.WriteStartObject();
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", addPrefixSpace);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", useRegex);
        json.WriteEndObject();
    }
}
