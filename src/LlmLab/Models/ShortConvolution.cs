using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Adds to each token's activation a learned share, channel by channel, of the tokens before it, where all is visible also of those after it
/// (<see cref="ModelSpec.ShortConvolution"/>).
/// </summary>
public sealed class ShortConvolution : nn.Module
{
    readonly int layer, reach;
    readonly bool bothWays;
    readonly Parameter weight;   // [reach, width]: row k − 1 is the share of the token k places before; both ways [2 × reach, width]: row reach + k − 1, k places after

    /// <summary>The convolution of one layer.</summary>
    /// <param name="spec">The architecture.</param>
    /// <param name="layer">Its number.</param>
    /// <param name="bothWays">Whether tokens after are read as those before: in encoders.</param>
    /// <param name="device">Where its weights lie; null: the processor.</param>
    public ShortConvolution(ModelSpec spec, int layer, bool bothWays = false, Device? device = null) : base(nameof(ShortConvolution))
    {
        (this.layer, reach, this.bothWays) = (layer, spec.ShortConvolution, bothWays);
        register_parameter("weight", weight = new Parameter(zeros(bothWays ? 2 * reach : reach, spec.Width, device: device)));
    }

    /// <summary>[batch, time, width] → [batch, time, width]; with a cache, the tokens before are those that it last saw.</summary>
    /// <param name="x">Normalised activations.</param>
    /// <param name="cache">Where a text is read on.</param>
    /// <param name="mask">[batch, time] bool, false for padding, which nothing is taken from; null: no padding.</param>
    internal Tensor Forward(Tensor x, KeyValueCache? cache, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        long time = x.shape[1];
        var read = mask is null ? x : x * mask.unsqueeze(-1).to(x.dtype);
        var all = cache is null ? nn.functional.pad(read, [0, 0, reach, bothWays ? reach : 0]) : cache.AfterEarlier(layer, read);   // [batch, reach + time (+ reach), width]
        var sum = x;
        for (int away = 1; away <= reach; away++)
        {
            sum = sum + weight[away - 1].to(x.dtype) * all.narrow(1, reach - away, time);
            if (bothWays) sum = sum + weight[reach + away - 1].to(x.dtype) * all.narrow(1, reach + away, time);
        }
        return scope.MoveToOuter(sum);
    }
}
