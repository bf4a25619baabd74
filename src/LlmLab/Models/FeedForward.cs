using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>The position-wise feed-forward layer: up, non-linearity (gated or not), down.</summary>
public sealed class FeedForward : nn.Module
{
    readonly ModelSpec spec;
    readonly Projection up, down;
    readonly Projection? gate;

    /// <summary>A layer by the spec.</summary>
    public FeedForward(ModelSpec spec, Device? device = null) : base(nameof(FeedForward))
    {
        this.spec = spec;
        register_module("up", up = new Projection(spec.Width, spec.FeedForwardSize, spec.Biases, device));
        if (spec.IsGated) register_module("gate", gate = new Projection(spec.Width, spec.FeedForwardSize, spec.Biases, device));
        register_module("down", down = new Projection(spec.FeedForwardSize, spec.Width, spec.Biases, device));
    }

    /// <summary>[batch, time, width] → [batch, time, width].</summary>
    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var inner = up.call(x);   // [batch, time, feed-forward width]
        inner = spec.Activation switch
        {
            Activation.Gelu => nn.functional.gelu(inner),
            Activation.GeluTanh => GeluTanh(inner),
            Activation.Relu => inner.relu(),
            Activation.ReluSquared => inner.relu().square(),
            Activation.SwiGlu => nn.functional.silu(gate!.call(x)) * inner,
            Activation.GeGlu => GeluTanh(gate!.call(x)) * inner,
            _ => throw new ArgumentOutOfRangeException(nameof(spec)),
        };
        return scope.MoveToOuter(pass.Drop(down.call(inner), spec.Dropout));
    }

    static Tensor GeluTanh(Tensor x) => 0.5 * x * (1 + (Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x.pow(3))).tanh());
}
