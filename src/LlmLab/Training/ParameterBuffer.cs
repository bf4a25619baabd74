using LlmLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>One tensor's place in the flat buffers.</summary>
/// <param name="Name">The parameter's name in the model.</param>
/// <param name="Offset">First number.</param>
/// <param name="Length">Numbers.</param>
/// <param name="Shape">The tensor's shape.</param>
public sealed record ParameterSegment(string Name, long Offset, long Length, long[] Shape);

/// <summary>
/// All weights of a model in one flat float32 buffer and all gradients in another; the model's tensors become views of it. The
/// optimizer's step, the norm of the gradient, its summing over threads or machines and a checkpoint are then single passes over memory.
/// </summary>
public sealed class ParameterBuffer : IDisposable
{
    /// <summary>Moves a model's weights into a flat buffer, matrices of the blocks first.</summary>
    public ParameterBuffer(LanguageModel model)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        Device = model.Device;
        long offset = 0;
        var segments = new List<ParameterSegment>();
        // Matrices of the blocks first: optimizers that treat them apart then own one stretch of the buffer.
        var named = model.named_parameters().Select(p => (p.name, p.parameter)).ToArray();
        foreach (var (name, parameter) in named.OrderBy(p => ParameterGroups.RoleOf(new ParameterSegment(p.name, 0, 0, p.parameter.shape)) == ParameterRole.Matrix ? 0 : 1))
        {
            segments.Add(new ParameterSegment(name, offset, parameter.numel(), parameter.shape));
            offset += (parameter.numel() + 15) / 16 * 16;   // each begins on a cache line
        }
        (Segments, Length) = (segments, offset);
        Values = zeros(offset, device: Device).DetachFromDisposeScope();
        Gradients = zeros(offset, device: Device).DetachFromDisposeScope();
        foreach (var segment in segments) View(Values, segment).copy_(model.get_parameter(segment.Name)!);
        Bind(model, Gradients);
    }

    /// <summary>Where it lives.</summary>
    public Device Device { get; }

    /// <summary>Each tensor's place.</summary>
    public IReadOnlyList<ParameterSegment> Segments { get; }

    /// <summary>Numbers in all, padding included.</summary>
    public long Length { get; }

    /// <summary>The weights, [length] float32.</summary>
    public Tensor Values { get; }

    /// <summary>The gradients, [length] float32.</summary>
    public Tensor Gradients { get; }

    /// <summary>Makes a model of the same spec use these weights, and collect its gradients in a buffer of this length.</summary>
    public void Bind(LanguageModel model, Tensor gradients)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        foreach (var segment in Segments)
        {
            var parameter = model.get_parameter(segment.Name)!;
            parameter.set_(View(Values, segment));
            parameter.grad = View(gradients, segment);
        }
    }

    /// <summary>The part of a flat tensor that belongs to a parameter, in its shape.</summary>
    public static Tensor View(Tensor flat, ParameterSegment segment) => flat.narrow(0, segment.Offset, segment.Length).view(segment.Shape);

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
    }
}
