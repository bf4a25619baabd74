using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Keys and values of the tokens read so far, so that generation computes each token once. Memory: 2 × layers × batch × key-value heads ×
/// context × head width numbers, taken at the start.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    readonly Tensor[] keys, values;   // each [batch, key-value heads, context, head width]
    readonly Tensor[] earlier;        // each [batch, reach, width]: what the short convolution saw last

    /// <summary>An empty cache for a model.</summary>
    public KeyValueCache(ModelSpec spec, int batch = 1, ScalarType type = ScalarType.Float32, Device? device = null)
    {
        Capacity = spec.ContextLength;
        long[] shape = [batch, spec.KeyValueHeads, spec.ContextLength, spec.HeadSize];
        Tensor Empty() => zeros(shape, dtype: type, device: device).DetachFromDisposeScope();
        keys = [.. Enumerable.Range(0, spec.DecoderLayers).Select(_ => Empty())];
        values = [.. Enumerable.Range(0, spec.DecoderLayers).Select(_ => Empty())];
        earlier = spec.ShortConvolution == 0 ? [] : [.. Enumerable.Range(0, spec.DecoderLayers).Select(_ =>
            zeros([batch, spec.ShortConvolution, spec.Width], dtype: type, device: device).DetachFromDisposeScope())];
    }

    /// <summary>Tokens in it.</summary>
    public int Length { get; private set; }

    /// <summary>Tokens that fit.</summary>
    public int Capacity { get; }

    /// <summary>Stores a layer's new keys and values after those before, and returns all of them: [batch, key-value heads, length + new, head width].</summary>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor newKeys, Tensor newValues)
    {
        long count = newKeys.shape[2];
        keys[layer].narrow(2, Length, count).copy_(newKeys);
        values[layer].narrow(2, Length, count).copy_(newValues);
        return (keys[layer].narrow(2, 0, Length + count), values[layer].narrow(2, 0, Length + count));
    }

    /// <summary>A layer's new activations after the last ones before them, zeros where there were none: [batch, reach + new, width].</summary>
    internal Tensor AfterEarlier(int layer, Tensor x)
    {
        var all = cat([Length == 0 ? zeros_like(earlier[layer]).to(x.dtype) : earlier[layer].to(x.dtype), x], 1);
        earlier[layer].copy_(all.narrow(1, x.shape[1], earlier[layer].shape[1]));
        return all;
    }

    /// <summary>Called once all layers have appended.</summary>
    internal void Advance(int tokens) => Length += tokens;

    /// <summary>Forgets everything but keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in keys.Concat(values).Concat(earlier)) tensor.Dispose();
    }
}
