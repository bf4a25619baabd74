using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// A linear layer y = x·Wᵀ + b whose float32 weight is cast to the type of its input: float32 masters, bfloat16 operands.
/// </summary>
public sealed class Projection : nn.Module<Tensor, Tensor>
{
    /// <summary>The weight, [outputs, inputs].</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, [outputs], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>A layer with uninitialised weight: <see cref="Initialization"/> fills it.</summary>
    public Projection(int inputs, int outputs, bool bias, Device? device = null) : base(nameof(Projection))
    {
        register_parameter("weight", Weight = new Parameter(zeros(outputs, inputs, device: device)));
        if (bias) register_parameter("bias", Bias = new Parameter(zeros(outputs, device: device)));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) =>   // [..., inputs] → [..., outputs]
        nn.functional.linear(x, Weight.to(x.dtype), Bias?.to(x.dtype));
}
