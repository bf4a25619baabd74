using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>Adds to each token's activation a learned share, channel by channel, of the tokens before it (<see cref="ModelSpec.ShortConvolution"/>).</summary>
public sealed class ShortConvolution : nn.Module
{
    readonly int layer, reach;
    readonly Parameter weight;   // [reach, width]: row k − 1 is the share of the token k places before

    /// <summary>The convolution of one layer.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="layer">Its number.</param>
    /// <param name="device">Where its weights lie; null: the processor.</param>
    public ShortConvolution(ModelSpec spec, int layer, Device? device = null) : base(nameof(ShortConvolution))
    {
        (this.layer, reach) = (layer, spec.ShortConvolution);
        register_parameter("weight", weight = new Parameter(zeros(reach, spec.Width, device: device)));
    }

    /// <summary>[batch, time, width] → [batch, time, width]; with a cache, the tokens before are those that it last saw.</summary>
    internal Tensor Forward(Tensor x, KeyValueCache? cache)
    {
        using var scope = NewDisposeScope();
        long time = x.shape[1];
        var all = cache is null ? nn.functional.pad(x, [0, 0, reach, 0]) : cache.AfterEarlier(layer, x);   // [batch, reach + time, width]
        var sum = x;
        for (int back = 1; back <= reach; back++) sum = sum + weight[back - 1].to(x.dtype) * all.narrow(1, reach - back, time);
        return scope.MoveToOuter(sum);
    }
}
