using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Reads checkpoints of llama2.c (its first format): seven 32-bit integers (width, feed-forward width, layers, heads, key-value heads,
/// vocabulary, negative where the head is not tied, context), then the float32 tensors. Rotary pairs there are neighbours, here they are
/// halves: rows of queries and keys are reordered.
/// </summary>
public static class Llama2CFile
{
    /// <summary>Loads a model.</summary>
    /// <exception cref="InvalidInputException">The file is missing, cut off or of another format.</exception>
    public static LanguageModel Load(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"{path} is missing.");
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length < 28) throw new InvalidInputException($"{path} is shorter than a llama2.c header.");
        int[] header = MemoryMarshal.Cast<byte, int>(bytes.AsSpan(0, 28)).ToArray();
        var (width, inner, layers, heads, shared, vocabulary, context) = (header[0], header[1], header[2], header[3], header[4], Math.Abs(header[5]), header[6]);
        bool tied = header[5] > 0;
        if (width <= 0 || inner <= 0 || layers is <= 0 or > 1_000 || heads <= 0 || shared <= 0 || context <= 0 || width % heads != 0 || heads % shared != 0)
            throw new InvalidInputException($"{path} is no llama2.c checkpoint: its header says width {width}, {layers} layers, {heads} heads.");
        var spec = new ModelSpec
        {
            VocabularySize = vocabulary,
            ContextLength = context,
            LayerCount = layers,
            Width = width,
            HeadCount = heads,
            KeyValueHeadCount = shared,
            FeedForwardWidth = inner,
            Positions = PositionKind.Rotary,
            Norm = NormKind.RmsNorm,
            NormEpsilon = 1e-5,
            Activation = Activation.SwiGlu,
            TiedEmbeddings = tied,
        };
        long size = width / heads, keys = shared * size, perLayer = 2L * width + 2L * width * width + 2L * keys * width + 3L * inner * width;
        long expected = (long)vocabulary * width * (tied ? 1 : 2) + layers * perLayer + width + context * size;
        if ((bytes.Length - 28) / 4 < expected)
            throw new InvalidInputException($"{path} has {(bytes.Length - 28) / 4:N0} numbers but its header describes {expected:N0}: it is cut off.");

        using var none = no_grad();
        using var scope = NewDisposeScope();
        var all = tensor(MemoryMarshal.Cast<byte, float>(bytes.AsSpan(28)).ToArray());
        long at = 0;
        Tensor Take(params long[] shape)
        {
            long count = shape.Aggregate(1L, (a, b) => a * b);
            var part = all.narrow(0, at, count).view(shape);
            at += count;
            return part;
        }
        var model = new LanguageModel(spec);
        void Set(string name, Tensor value) => model.get_parameter(name)!.copy_(value);
        Set("tokens", Take(vocabulary, width));
        var attentionNorms = Take(layers, width);
        var (query, key, value, output) = (Take(layers, width, width), Take(layers, keys, width), Take(layers, keys, width), Take(layers, width, width));
        var feedForwardNorms = Take(layers, width);
        var (gate, down, up) = (Take(layers, inner, width), Take(layers, width, inner), Take(layers, inner, width));
        for (int layer = 0; layer < layers; layer++)
        {
            string block = $"blocks.{layer}.";
            Set(block + "attention_norm.weight", attentionNorms[layer]);
            Set(block + "attention.packed.weight", cat([Halves(query[layer], heads, size), Halves(key[layer], shared, size), value[layer]], 0));
            Set(block + "attention.output.weight", output[layer]);
            Set(block + "feed_forward_norm.weight", feedForwardNorms[layer]);
            Set(block + "feed_forward.gate.weight", gate[layer]);
            Set(block + "feed_forward.down.weight", down[layer]);
            Set(block + "feed_forward.up.weight", up[layer]);
        }
        Set("final_norm.weight", Take(width));
        at += context * size;   // tables of cosines and sines, computed here
        if (!tied) Set("head.weight", Take(vocabulary, width));
        return model;
    }

    // Rows 0, 2, 4 … of a head become its first half, 1, 3, 5 … its second.
    static Tensor Halves(Tensor matrix, long heads, long size) =>
        matrix.view(heads, size / 2, 2, matrix.shape[1]).transpose(1, 2).reshape(matrix.shape);
}
