using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Causal self-attention (Vaswani et al. 2017), multi-head, grouped-query or multi-query, with the spec's positions, norms of queries and
/// keys, window and value embedding. Queries, keys and values come from one packed matrix.
/// </summary>
public sealed class Attention : nn.Module
{
    readonly ModelSpec spec;
    readonly int layer;
    readonly Rotary? rotary;
    readonly Projection packed, output;
    readonly Normalization? queryNorm, keyNorm;
    readonly Parameter? valueTokens;
    readonly Projection? valueGate;
    readonly int gateInputs;

    /// <summary>The attention of one layer.</summary>
    public Attention(ModelSpec spec, int layer, Rotary? rotary) : base(nameof(Attention))
    {
        (this.spec, this.layer, this.rotary) = (spec, layer, rotary);
        int heads = spec.HeadCount, shared = spec.KeyValueHeads, size = spec.HeadSize;
        register_module("packed", packed = new Projection(spec.Width, (heads + 2 * shared) * size, spec.Biases));
        register_module("output", output = new Projection(heads * size, spec.Width, spec.Biases));
        if (spec.QueryKeyNorm)
        {
            register_module("query_norm", queryNorm = new Normalization(spec, size));
            register_module("key_norm", keyNorm = new Normalization(spec, size));
        }
        if (spec.HasValueEmbedding(layer))
        {
            gateInputs = Math.Min(32, spec.Width);
            register_parameter("value_tokens", valueTokens = new Parameter(zeros(spec.VocabularySize, shared * size)));
            register_module("value_gate", valueGate = new Projection(gateInputs, shared, false));
        }
    }

    /// <summary>Mixes values of earlier positions into each: [batch, time, width] → [batch, time, width].</summary>
    /// <param name="x">Normalised activations.</param>
    /// <param name="tokens">[batch, time], for the value embedding.</param>
    /// <param name="pass">Cache, dropout and watcher.</param>
    public Tensor Forward(Tensor x, Tensor tokens, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        long batch = x.shape[0], time = x.shape[1];
        int heads = spec.HeadCount, shared = spec.KeyValueHeads, size = spec.HeadSize, start = pass.Cache?.Length ?? 0;
        var parts = packed.call(x).view(batch, time, heads + 2 * shared, size).split([heads, shared, shared], 2);
        var (query, key, value) = (parts[0].transpose(1, 2), parts[1].transpose(1, 2), parts[2]);   // [batch, heads, time, size]
        if (valueTokens is not null) value = value + GatedValueEmbedding(x, tokens);
        value = value.transpose(1, 2);
        query = Place(query, queryNorm, start);
        key = Place(key, keyNorm, start);
        if (pass.Cache is { } cache) (key, value) = cache.Append(layer, key, value);
        if (heads != shared)
        {
            key = key.repeat_interleave(heads / shared, 1);
            value = value.repeat_interleave(heads / shared, 1);
        }
        var mixed = Mix(query, key, value, start, pass);   // [batch, heads, time, size]
        var joined = mixed.transpose(1, 2).reshape(batch, time, heads * size);
        return scope.MoveToOuter(pass.Drop(output.call(joined), spec.Dropout));
    }

    Tensor Place(Tensor x, Normalization? norm, int start)
    {
        if (!spec.QueryKeyNormAfterRotation && norm is not null) x = norm.call(x);
        if (rotary is not null) x = rotary.Turn(x, start);
        return spec.QueryKeyNormAfterRotation && norm is not null ? norm.call(x) : x;
    }

    // nanochat: the gate reads the first numbers of the residual stream and starts near 1 (twice the sigmoid of 0).
    Tensor GatedValueEmbedding(Tensor x, Tensor tokens)
    {
        var gate = 2 * valueGate!.call(x.narrow(-1, 0, gateInputs)).sigmoid();   // [batch, time, key-value heads]
        var embedded = valueTokens!.index_select(0, tokens.reshape(-1)).to(x.dtype).view(x.shape[0], x.shape[1], spec.KeyValueHeads, spec.HeadSize);
        return gate.unsqueeze(-1) * embedded;
    }

    Tensor Mix(Tensor query, Tensor key, Tensor value, int start, ForwardPass pass)
    {
        long time = query.shape[2], all = key.shape[2];
        int? window = spec.WindowOf(layer) is { } w && w < all ? w : null;
        bool drops = pass.DropoutRandom is not null && spec.Dropout > 0;
        bool causal = time == all && window is null;
        if (pass.Watch is null && !drops)
        {
            if (causal) return nn.functional.scaled_dot_product_attention(query, key, value, is_casual: true);
            if (time == 1 && window is null) return nn.functional.scaled_dot_product_attention(query, key, value);
            return nn.functional.scaled_dot_product_attention(query, key, value, Allowed(time, all, start, window, query.device));
        }
        // The same, step by step: what the fused call computes.
        var scores = matmul(query, key.transpose(-2, -1)).to(ScalarType.Float32) / Math.Sqrt(spec.HeadSize);
        scores = scores.masked_fill(Allowed(time, all, start, window, query.device).logical_not(), double.NegativeInfinity);
        var weights = scores.softmax(-1);
        pass.Watch?.Invoke($"blocks.{layer}.attention.weights", weights);
        return matmul(pass.Drop(weights, spec.Dropout).to(value.dtype), value);
    }

    // True where the query at row i (position start + i) may look at the key in column j.
    static Tensor Allowed(long time, long all, int start, int? window, Device device)
    {
        var row = arange(start, start + time, device: device).unsqueeze(1);
        var column = arange(all, device: device).unsqueeze(0);
        var allowed = column <= row;
        return window is { } width ? allowed.logical_and(column > row - width) : allowed;
    }
}
