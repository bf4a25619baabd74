using System.Text.Json;
using LlmLab.Tokenizers.SentencePiece;

namespace LlmLab.Tokenizers.Formats;

static partial class HuggingFaceWriter
{
    static void WriteUnigram(Utf8JsonWriter json, SentencePieceModelTokenizer tokenizer)
    {
        var normalization = tokenizer.Model.Normalization;
        WriteUnigramNormalizer(json, normalization);
        json.WritePropertyName("pre_tokenizer");
        WriteMetaspace(json, normalization);
        json.WriteNull("post_processor");
        json.WritePropertyName("decoder");
        if (!tokenizer.Model.ByteFallback) WriteMetaspace(json, normalization);
        else
        {
            json.WriteStartObject();
            json.WriteString("type", "Sequence");
            json.WriteStartArray("decoders");
            json.WriteStartObject();
            json.WriteString("type", "ByteFallback");
            json.WriteEndObject();
            WriteMetaspace(json, normalization);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteStartObject("model");
        json.WriteString("type", "Unigram");
        json.WriteNumber("unk_id", tokenizer.UnknownId!.Value);
        json.WriteStartArray("vocab");
        foreach (var piece in tokenizer.Model.Pieces)
        {
            json.WriteStartArray();
            json.WriteStringValue(piece.Text);
            json.WriteNumberValue((double)piece.Score);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteBoolean("byte_fallback", tokenizer.Model.ByteFallback);
        json.WriteEndObject();
    }

    static void WriteUnigramNormalizer(Utf8JsonWriter json, SentencePieceNormalization normalization)
    {
        if (normalization.PrecompiledCharacterMap.IsEmpty && !normalization.RemoveExtraWhitespace)
        {
            json.WriteNull("normalizer");
            return;
        }
        json.WriteStartObject("normalizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("normalizers");
        if (!normalization.PrecompiledCharacterMap.IsEmpty)
        {
            json.WriteStartObject();
            json.WriteString("type", "Precompiled");
            json.WriteBase64String("precompiled_charsmap", normalization.PrecompiledCharacterMap.Span);
            json.WriteEndObject();
        }
        if (normalization.RemoveExtraWhitespace)
        {
            json.WriteStartObject();
            json.WriteString("type", "Strip");
            json.WriteBoolean("strip_left", true);
            json.WriteBoolean("strip_right", true);
            json.WriteEndObject();
            json.WriteStartObject();
            json.WriteString("type", "Replace");
            json.WriteStartObject("pattern");
            json.WriteString("Regex", " {2,}");
            json.WriteEndObject();
            json.WriteString("content", " ");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteMetaspace(Utf8JsonWriter json, SentencePieceNormalization normalization)
    {
        json.WriteStartObject();
        json.WriteString("type", "Metaspace");
        json.WriteString("replacement", SentencePieceNormalization.Space.ToString());
        json.WriteString("prepend_scheme", normalization.AddDummyPrefix ? "always" : "never");
        json.WriteBoolean("split", true);
        json.WriteEndObject();
    }
}
