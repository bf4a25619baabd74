using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Attention (Vaswani et al. 2017), multi-head, grouped-query or multi-query, over the text itself or over an encoder's output, with the
/// spec's positions, norms of queries and keys, window and value embedding. Queries, keys and values come from one packed matrix; over
/// an encoder's output the queries have one of their own.
/// </summary>
public sealed class Attention : nn.Module
{
    readonly ModelSpec spec;
    readonly int layer;
    readonly string label;
    readonly Rotary? rotary;
    readonly Projection packed, output;
    readonly Projection? query;
    readonly Normalization? queryNorm, keyNorm;
    readonly Parameter? valueTokens;
    readonly Projection? valueGate;
    readonly int gateInputs;

    /// <summary>The attention of one layer.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="layer">Its number in its stack.</param>
    /// <param name="rotary">Rotary tables, or null.</param>
    /// <param name="name">What a watcher calls it.</param>
    /// <param name="overEncoder">Keys and values come from an encoder's output.</param>
    /// <param name="device">Where its weights lie; null: the processor.</param>
    public Attention(ModelSpec spec, int layer, Rotary? rotary, string name, bool overEncoder = false, Device? device = null) : base(nameof(Attention))
    {
        (this.spec, this.layer, this.rotary, label) = (spec, layer, overEncoder && !spec.TargetPositions ? null : rotary, name);
        int heads = spec.HeadCount, shared = spec.KeyValueHeads, size = spec.HeadSize;
        register_module("packed", packed = new Projection(spec.Width, ((overEncoder ? 0 : heads) + 2 * shared) * size, spec.Biases, device));
        if (overEncoder) register_module("query", query = new Projection(spec.Width, heads * size, spec.Biases, device));
        register_module("output", output = new Projection(heads * size, spec.Width, spec.Biases, device));
        if (spec.QueryKeyNorm)
        {
            register_module("query_norm", queryNorm = new Normalization(spec, size, device));
            register_module("key_norm", keyNorm = new Normalization(spec, size, device));
        }
        if (!overEncoder && spec.HasValueEmbedding(layer))
        {
            gateInputs = Math.Min(32, spec.Width);
            register_parameter("value_tokens", valueTokens = new Parameter(zeros(spec.VocabularySize, shared * size, device: device)));
            register_module("value_gate", valueGate = new Projection(gateInputs, shared, false, device));
        }
    }

    /// <summary>Mixes values of other positions into each: [batch, time, width] → [batch, time, width].</summary>
    /// <param name="x">Normalised activations.</param>
    /// <param name="tokens">[batch, time], for the value embedding.</param>
    /// <param name="view">Who may look at whom.</param>
    /// <param name="pass">Cache, dropout and watcher.</param>
    /// <param name="encoded">An encoder's output, [batch, source time, width], to look at instead of the text itself.</param>
    internal Tensor Forward(Tensor x, Tensor tokens, AttentionView view, ForwardPass pass, Tensor? encoded = null)
    {
        using var scope = NewDisposeScope();
        long batch = x.shape[0], time = x.shape[1];
        int heads = spec.HeadCount, shared = spec.KeyValueHeads, size = spec.HeadSize;
        var (queries, keys, values) = Project(x, encoded);   // each [batch, time, heads, size]
        if (valueTokens is not null) values = values + GatedValueEmbedding(x, tokens);
        values = values.transpose(1, 2);
        queries = Place(queries.transpose(1, 2), queryNorm, view.Start + view.Ahead, view.QueryPositions);
        keys = Place(keys.transpose(1, 2), keyNorm, view.Start, view.Positions);
        if (encoded is null && pass.Cache is { } cache) (keys, values) = cache.Append(layer, keys, values);
        if (heads != shared)
        {
            keys = keys.repeat_interleave(heads / shared, 1);
            values = values.repeat_interleave(heads / shared, 1);
        }
        if (!spec.ScaledAttention) queries = queries * Math.Sqrt(size);   // undoes the division by the same
        var mixed = Mix(queries, keys, values, view, pass);   // [batch, heads, time, size]
        var joined = mixed.transpose(1, 2).reshape(batch, time, heads * size);
        return scope.MoveToOuter(pass.Drop(output.call(joined), spec.Dropout));
    }

    (Tensor Queries, Tensor Keys, Tensor Values) Project(Tensor x, Tensor? encoded)
    {
        int heads = spec.HeadCount, shared = spec.KeyValueHeads, size = spec.HeadSize;
        if (encoded is null)
        {
            var parts = packed.call(x).view(x.shape[0], x.shape[1], heads + 2 * shared, size).split([heads, shared, shared], 2);
            return (parts[0], parts[1], parts[2]);
        }
        var pair = packed.call(encoded.to(x.dtype)).view(encoded.shape[0], encoded.shape[1], 2 * shared, size).split([shared, shared], 2);
        return (query!.call(x).view(x.shape[0], x.shape[1], heads, size), pair[0], pair[1]);
    }

    Tensor Place(Tensor x, Normalization? norm, int start, Tensor? positions)
    {
        if (!spec.QueryKeyNormAfterRotation && norm is not null) x = norm.call(x);
        if (rotary is not null) x = rotary.Turn(x, start, positions);
        return spec.QueryKeyNormAfterRotation && norm is not null ? norm.call(x) : x;
    }

    // nanochat: the gate reads the first numbers of the residual stream and starts near 1 (twice the sigmoid of 0).
    Tensor GatedValueEmbedding(Tensor x, Tensor tokens)
    {
        var gate = 2 * valueGate!.call(x.narrow(-1, 0, gateInputs)).sigmoid();   // [batch, time, key-value heads]
        var embedded = valueTokens!.index_select(0, tokens.reshape(-1)).to(x.dtype).view(x.shape[0], x.shape[1], spec.KeyValueHeads, spec.HeadSize);
        return gate.unsqueeze(-1) * embedded;
    }

    Tensor Mix(Tensor queries, Tensor keys, Tensor values, AttentionView view, ForwardPass pass)
    {
        long time = queries.shape[2], all = keys.shape[2];
        int? window = view.Causal && spec.WindowOf(layer) is { } w && w < all ? w : null;
        if (pass.Watch is null && (pass.DropoutRandom is null || spec.Dropout == 0))
        {
            if (view.IsPlainlyCausal(time, all, window)) return nn.functional.scaled_dot_product_attention(queries, keys, values, is_casual: true);
            return nn.functional.scaled_dot_product_attention(queries, keys, values, view.Scores(time, all, window, queries.device)?.to(queries.dtype));
        }
        // The same, step by step: what the fused call computes.
        var scores = matmul(queries, keys.transpose(-2, -1)).to(ScalarType.Float32) / Math.Sqrt(spec.HeadSize);
        if (view.Scores(time, all, window, queries.device) is { } added) scores = scores + added;
        var weights = scores.softmax(-1);
        pass.Watch?.Invoke($"{label}.weights", weights);
        return matmul(pass.Drop(weights, spec.Dropout).to(values.dtype), values);
    }
}
