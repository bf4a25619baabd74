using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>LayerNorm or RMSNorm over the last dimension, with or without gain and bias, as the spec says. Computed in float32.</summary>
public sealed class Normalization : nn.Module<Tensor, Tensor>
{
    readonly NormKind kind;
    readonly double epsilon;
    readonly long[] shape;
    readonly Parameter? gain, bias;

    /// <summary>A norm over vectors of <paramref name="width"/> numbers.</summary>
    public Normalization(ModelSpec spec, int width, Device? device = null) : base(nameof(Normalization))
    {
        (kind, epsilon, shape) = (spec.Norm, spec.NormEpsilon, [width]);
        if (spec.NormGain) register_parameter("weight", gain = new Parameter(ones(width, device: device)));
        if (spec is { NormGain: true, Biases: true, Norm: NormKind.LayerNorm }) register_parameter("bias", bias = new Parameter(zeros(width, device: device)));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)   // [..., width]
    {
        using var scope = NewDisposeScope();
        var full = x.to(ScalarType.Float32);
        var result = kind == NormKind.LayerNorm
            ? nn.functional.layer_norm(full, shape, gain, bias, epsilon)
            : Rms(full);
        return scope.MoveToOuter(result.to(x.dtype));
    }

    Tensor Rms(Tensor x)
    {
        var unit = x * (x.square().mean([-1], keepdim: true) + epsilon).rsqrt();
        return gain is null ? unit : unit * gain;
    }
}
