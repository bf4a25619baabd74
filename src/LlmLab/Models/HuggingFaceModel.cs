using System.Text.Json;
using System.Text.Json.Nodes;
using LlmLab.Interop;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Reads models in Hugging Face's form: <c>config.json</c> becomes a <see cref="ModelSpec"/>, the published tensors become the model's.
/// Families: GPT-2, Llama, Qwen 3, nanochat, BERT, T5 (1.0 and 1.1).
/// </summary>
public static class HuggingFaceModel
{
    /// <summary>Loads a folder with <c>config.json</c> and <c>model.safetensors</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where its weights go and passes are computed.</param>
    /// <exception cref="InvalidInputException">A file is missing or broken, or the family is unknown here.</exception>
    public static LanguageModel Load(string folder, ComputeDevice device = ComputeDevice.Cpu)
    {
        string config = Path.Combine(folder, "config.json");
        if (!File.Exists(config)) throw new InvalidInputException($"{config} is missing: a model in Hugging Face's form is a folder with config.json and model.safetensors.");
        var root = JsonNode.Parse(File.ReadAllText(config))!.AsObject();
        var tensors = SafetensorsFile.Read(Path.Combine(folder, "model.safetensors"));
        try
        {
            return Build(root, tensors, ComputeDevices.Open(device));
        }
        finally
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
        }
    }

    /// <summary>Builds a model from a configuration and its tensors by their published names.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="device">Where the model's go; null: the processor.</param>
    /// <exception cref="InvalidInputException">The family is unknown here, or a tensor is missing or of another shape.</exception>
    public static LanguageModel Build(JsonObject config, IReadOnlyDictionary<string, Tensor> tensors, Device? device = null)
    {
        var model = new LanguageModel(SpecOf(config), device: device);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var names = HuggingFaceNames.Of((string)config["model_type"]!, model.Spec);
        foreach (var (name, parameter) in model.named_parameters())
        {
            var parts = names(name).Select(n => tensors.TryGetValue(n, out var found) ? found : throw new InvalidInputException($"The tensor \"{n}\" is missing: it should become {name}.")).ToArray();
            var value = parts.Length == 1 ? parts[0] : cat(parts, 0);
            if ((string?)config["model_type"] == "gpt2" && value.dim() == 2 && name.StartsWith("blocks.", StringComparison.Ordinal)) value = value.t();   // Conv1D keeps [inputs, outputs]
            if (!value.shape.SequenceEqual(parameter.shape))
                throw new InvalidInputException($"The tensor for {name} is [{string.Join(", ", value.shape)}] but the configuration makes it [{string.Join(", ", parameter.shape)}].");
            parameter.copy_(value);
        }
        return model;
    }

    /// <summary>The architecture that a configuration describes.</summary>
    /// <exception cref="InvalidInputException">The family is unknown here, or a field is missing.</exception>
    public static ModelSpec SpecOf(JsonObject config)
    {
        string family = (string?)config["model_type"] ?? throw new InvalidInputException("The configuration has no model_type.");
        int Int(string name) => (int?)config[name] ?? throw new InvalidInputException($"The configuration of {family} has no {name}.");
        double Number(string name) => (double?)config[name] ?? throw new InvalidInputException($"The configuration of {family} has no {name}.");
        bool Flag(string name, bool otherwise = false) => (bool?)config[name] ?? otherwise;
        try
        {
            return (family switch
            {
                "gpt2" => new ModelSpec
                {
                    VocabularySize = Int("vocab_size"),
                    ContextLength = Int("n_positions"),
                    Width = Int("n_embd"),
                    LayerCount = Int("n_layer"),
                    HeadCount = Int("n_head"),
                    FeedForwardWidth = (int?)config["n_inner"],
                    Activation = Activation.GeluTanh,
                    NormEpsilon = Number("layer_norm_epsilon"),
                    Biases = true,
                },
                "llama" or "qwen3" or "nanochat" => Modern(family),
                "bert" => new ModelSpec
                {
                    Family = ModelFamily.Encoder,
                    VocabularySize = Int("vocab_size"),
                    ContextLength = Int("max_position_embeddings"),
                    Width = Int("hidden_size"),
                    LayerCount = Int("num_hidden_layers"),
                    HeadCount = Int("num_attention_heads"),
                    FeedForwardWidth = Int("intermediate_size"),
                    NormEpsilon = Number("layer_norm_eps"),
                    NormPlacement = NormPlacement.Post,
                    NormAfterEmbedding = true,
                    Biases = true,
                    Activation = Activation.Gelu,
                    TokenTypeCount = Int("type_vocab_size"),
                    HeadTransform = true,
                    ClassCount = 2,
                },
                "t5" => new ModelSpec
                {
                    Family = ModelFamily.EncoderDecoder,
                    VocabularySize = Int("vocab_size"),
                    ContextLength = (int?)config["n_positions"] ?? 512,
                    Width = Int("d_model"),
                    LayerCount = Int("num_layers"),
                    DecoderLayerCount = (int?)config["num_decoder_layers"],
                    HeadCount = Int("num_heads"),
                    HeadWidth = Int("d_kv"),
                    FeedForwardWidth = Int("d_ff"),
                    Positions = PositionKind.RelativeBias,
                    RelativeBuckets = Int("relative_attention_num_buckets"),
                    RelativeDistance = (int?)config["relative_attention_max_distance"] ?? 128,
                    Norm = NormKind.RmsNorm,
                    NormEpsilon = Number("layer_norm_epsilon"),
                    ScaledAttention = false,
                    Activation = (string?)config["feed_forward_proj"] == "gated-gelu" ? Activation.GeGlu : Activation.Relu,
                    TiedEmbeddings = Flag("tie_word_embeddings", true),
                    ScaledTiedHead = Flag("tie_word_embeddings", true),
                },
                _ => throw new InvalidInputException($"Models of the type \"{family}\" are not known here: expected gpt2, llama, qwen3, nanochat, bert or t5."),
            }).Checked();
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or JsonException)
        {
            throw new InvalidInputException($"The configuration of {family} holds a field of another type: {e.Message}", e);
        }

        ModelSpec Modern(string kind)
        {
            bool nanochat = kind == "nanochat";
            return new ModelSpec
            {
                VocabularySize = Int("vocab_size"),
                ContextLength = Int("max_position_embeddings"),
                Width = Int("hidden_size"),
                LayerCount = Int("num_hidden_layers"),
                HeadCount = Int("num_attention_heads"),
                KeyValueHeadCount = (int?)config["num_key_value_heads"],
                HeadWidth = (int?)config["head_dim"],
                FeedForwardWidth = Int("intermediate_size"),
                Positions = PositionKind.Rotary,
                RotaryBase = Number("rope_theta"),
                RotaryNegative = (string?)config["rope_rotation"] == "negative",
                RotaryScaling = Scaling(config["rope_scaling"]),
                Norm = NormKind.RmsNorm,
                NormEpsilon = Number("rms_norm_eps"),
                NormGain = !nanochat,
                NormAfterEmbedding = nanochat,
                QueryKeyNorm = kind is "qwen3" or "nanochat",
                QueryKeyNormAfterRotation = nanochat,
                Activation = nanochat ? Activation.ReluSquared : Activation.SwiGlu,
                TiedEmbeddings = Flag("tie_word_embeddings"),
                Biases = Flag("attention_bias"),
                LogitSoftCap = (double?)config["final_logit_softcapping"],
            };
        }
    }

    static RotaryScaling? Scaling(JsonNode? node) => node is not JsonObject scaling ? null
        : ((string?)scaling["rope_type"] ?? (string?)scaling["type"]) is not "llama3" and var kind
            ? throw new InvalidInputException($"Rotary scaling of the type \"{kind}\" is not known here: expected llama3.")
            : new RotaryScaling((double)scaling["factor"]!, (double)scaling["low_freq_factor"]!, (double)scaling["high_freq_factor"]!, (int)scaling["original_max_position_embeddings"]!);
}
