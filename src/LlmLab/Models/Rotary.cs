using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Rotary positions (Su et al. 2021, RoFormer): number i of the first half and number i of the second half of a head form a pair that is
/// turned by position × base^(−2i/headWidth), so that a product of query and key depends on their distance alone. The layout of pairs is
/// that of Hugging Face's Llama ("half split").
/// </summary>
public sealed class Rotary
{
    readonly Tensor cosines, sines;   // each [context (one more for positions to be predicted), head width / 2]

    /// <summary>Tables for all positions of the spec's context.</summary>
    public Rotary(ModelSpec spec, Device? device = null)
    {
        using var scope = NewDisposeScope();
        double[] frequencies = Frequencies(spec);
        var angles = outer(arange(spec.ContextLength + (spec.TargetPositions ? 1 : 0), dtype: ScalarType.Float64), tensor(frequencies));
        cosines = angles.cos().to(ScalarType.Float32).to(device ?? CPU).DetachFromDisposeScope();
        sines = (spec.RotaryNegative ? -angles.sin() : angles.sin()).to(ScalarType.Float32).to(device ?? CPU).DetachFromDisposeScope();
    }

    /// <summary>Turns by position in radians a token, one a pair of numbers.</summary>
    public static double[] Frequencies(ModelSpec spec)
    {
        int half = spec.HeadSize / 2;
        double[] frequencies = [.. Enumerable.Range(0, half).Select(i => Math.Pow(spec.RotaryBase, -(double)i / half))];
        return spec.RotaryScaling is { } scaling ? [.. frequencies.Select(f => Stretch(f, scaling))] : frequencies;
    }

    /// <summary>
    /// Turns queries or keys, [batch, heads, time, head width], whose first token stands at <paramref name="start"/>, or each where
    /// <paramref name="positions"/>, [batch, time], says.
    /// </summary>
    public Tensor Turn(Tensor x, int start, Tensor? positions = null)
    {
        using var scope = NewDisposeScope();
        long time = x.shape[2];
        Tensor Rows(Tensor table) => positions is null
            ? table.narrow(0, start, time).to(x.dtype)                                                         // [time, head width / 2]
            : table.index_select(0, positions.reshape(-1)).view(x.shape[0], 1, time, -1).to(x.dtype);          // [batch, 1, time, head width / 2]
        var (cosine, sine) = (Rows(cosines), Rows(sines));
        var halves = x.chunk(2, -1);
        var turned = cat([halves[0] * cosine - halves[1] * sine, halves[1] * cosine + halves[0] * sine], -1);
        return scope.MoveToOuter(turned);
    }

    static double Stretch(double frequency, RotaryScaling scaling)
    {
        double wavelength = 2 * Math.PI / frequency, original = scaling.OriginalContextLength;
        if (wavelength < original / scaling.HighFrequencyFactor) return frequency;
        if (wavelength > original / scaling.LowFrequencyFactor) return frequency / scaling.Factor;
        double blend = (original / wavelength - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return (1 - blend) * frequency / scaling.Factor + blend * frequency;
    }
}
