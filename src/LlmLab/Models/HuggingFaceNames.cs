namespace LlmLab.Models;

/// <summary>How the published families name their tensors. A packed matrix here is several there, joined along their outputs.</summary>
static class HuggingFaceNames
{
    /// <summary>The published names of a parameter, in the order in which they are joined.</summary>
    public static Func<string, string[]> Of(string family, ModelSpec spec) => family switch
    {
        "gpt2" => Gpt2,
        "bert" => Bert,
        "t5" => name => T5(name, spec),
        _ => name => Llama(name, family),
    };

    static string[] Gpt2(string name)
    {
        var (layer, part, kind) = Split(name);
        if (layer is null)
            return [name switch
            {
                "tokens" => "transformer.wte.weight",
                "positions" => "transformer.wpe.weight",
                _ => "transformer.ln_f." + kind,
            }];
        string to = part switch
        {
            "attention_norm" => "ln_1",
            "feed_forward_norm" => "ln_2",
            "attention.packed" => "attn.c_attn",
            "attention.output" => "attn.c_proj",
            "feed_forward.up" => "mlp.c_fc",
            _ => "mlp.c_proj",
        };
        return [$"transformer.h.{layer}.{to}.{kind}"];
    }

    static string[] Llama(string name, string family)
    {
        var (layer, part, kind) = Split(name);
        if (layer is null)
            return [name switch { "tokens" => "model.embed_tokens.weight", "head.weight" => "lm_head.weight", _ => "model.norm." + kind }];
        string[] to = part switch
        {
            "attention_norm" => ["input_layernorm"],
            "feed_forward_norm" => ["post_attention_layernorm"],
            "attention.packed" => ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
            "attention.output" => ["self_attn.o_proj"],
            "attention.query_norm" => ["self_attn.q_norm"],
            "attention.key_norm" => ["self_attn.k_norm"],
            "feed_forward.gate" => ["mlp.gate_proj"],
            "feed_forward.up" => [family == "nanochat" ? "mlp.fc1" : "mlp.up_proj"],
            _ => [family == "nanochat" ? "mlp.fc2" : "mlp.down_proj"],
        };
        return [.. to.Select(t => $"model.layers.{layer}.{t}.{kind}")];
    }

    static string[] Bert(string name)
    {
        var (layer, part, kind) = Split(name);
        if (layer is null)
            return [name switch
            {
                "tokens" => "bert.embeddings.word_embeddings.weight",
                "positions" => "bert.embeddings.position_embeddings.weight",
                "token_types" => "bert.embeddings.token_type_embeddings.weight",
                "head_bias" => "cls.predictions.bias",
                _ => part switch
                {
                    "embedding_norm" => "bert.embeddings.LayerNorm.", "head_transform" => "cls.predictions.transform.dense.", "head_norm" => "cls.predictions.transform.LayerNorm.",
                    "pooler" => "bert.pooler.dense.", _ => "cls.seq_relationship.",
                } + kind,
            }];
        string[] to = part switch
        {
            "attention.packed" => ["attention.self.query", "attention.self.key", "attention.self.value"],
            "attention.output" => ["attention.output.dense"],
            "attention_norm" => ["attention.output.LayerNorm"],
            "feed_forward.up" => ["intermediate.dense"],
            "feed_forward.down" => ["output.dense"],
            _ => ["output.LayerNorm"],
        };
        return [.. to.Select(t => $"bert.encoder.layer.{layer}.{t}.{kind}")];
    }

    static string[] T5(string name, ModelSpec spec)
    {
        var (layer, part, kind) = Split(name);
        bool encoder = name.StartsWith("encoder", StringComparison.Ordinal);
        if (layer is null)
            return [name switch
            {
                "tokens" => "shared.weight", "head.weight" => "lm_head.weight", "final_norm.weight" => "decoder.final_layer_norm.weight", "encoder_norm.weight" => "encoder.final_layer_norm.weight",
                _ => $"{(encoder ? "encoder" : "decoder")}.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
            }];
        int last = encoder ? 1 : 2;   // the feed-forward sub-layer's number
        string[] to = part switch
        {
            "attention_norm" => ["layer.0.layer_norm"],
            "encoder_norm" => ["layer.1.layer_norm"],
            "feed_forward_norm" => [$"layer.{last}.layer_norm"],
            "attention.packed" => ["layer.0.SelfAttention.q", "layer.0.SelfAttention.k", "layer.0.SelfAttention.v"],
            "attention.output" => ["layer.0.SelfAttention.o"],
            "encoder_attention.query" => ["layer.1.EncDecAttention.q"],
            "encoder_attention.packed" => ["layer.1.EncDecAttention.k", "layer.1.EncDecAttention.v"],
            "encoder_attention.output" => ["layer.1.EncDecAttention.o"],
            "feed_forward.gate" => [$"layer.{last}.DenseReluDense.wi_0"],
            "feed_forward.up" => [$"layer.{last}.DenseReluDense.{(spec.IsGated ? "wi_1" : "wi")}"],
            _ => [$"layer.{last}.DenseReluDense.wo"],
        };
        return [.. to.Select(t => $"{(encoder ? "encoder" : "decoder")}.block.{layer}.{t}.{kind}")];
    }

    // "blocks.3.attention.packed.weight" → ("3", "attention.packed", "weight"); "final_norm.weight" → (null, "final_norm", "weight").
    static (string? Layer, string Part, string Kind) Split(string name)
    {
        string[] words = name.Split('.');
        return words.Length > 2 && words[0] is "blocks" or "encoder" && int.TryParse(words[1], out _)
            ? (words[1], string.Join('.', words[2..^1]), words[^1])
            : (null, string.Join('.', words[..^1]), words[^1]);
    }
}
