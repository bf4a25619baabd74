using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LlmLab.Models.Kernels;

/// <summary>
/// The work between products, one row at a time. Widths are multiples of 16. All of it is compiled at full optimization at once: a short
/// run, or the measuring of this machine, is over before the runtime would do so by itself.
/// </summary>
static unsafe class Elementwise
{
    /// <summary>A row's mean (0 for a root-mean-square norm) and 1 / its deviation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Mean, float Scale) Statistics(float* x, int width, bool centred, float epsilon)
    {
        var sum = Vector512<float>.Zero;
        float mean = 0;
        if (centred)
        {
            for (int i = 0; i < width; i += 16) sum += Vector512.Load(x + i);
            mean = Vector512.Sum(sum) / width;
        }
        var centre = Vector512.Create(mean);
        var squares = Vector512<float>.Zero;
        for (int i = 0; i < width; i += 16)
        {
            var d = Vector512.Load(x + i) - centre;
            squares = Vector512.FusedMultiplyAdd(d, d, squares);
        }
        return (mean, 1 / MathF.Sqrt(Vector512.Sum(squares) / width + epsilon));
    }

    /// <summary>A row's norm: y = (x − mean)·scale·gain, in bfloat16 or, where <paramref name="wide"/> is given, in float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize(float* x, int width, float mean, float scale, float* gain, ushort* y, float* wide = null)
    {
        var (centre, scales) = (Vector512.Create(mean), Vector512.Create(scale));
        for (int i = 0; i < width; i += 16)
        {
            var unit = (Vector512.Load(x + i) - centre) * scales;
            if (gain != null) unit *= Vector512.Load(gain + i);
            if (wide != null) unit.Store(wide + i);
            else BFloat16.Store(unit, y + i);
        }
    }

    /// <summary>Adds a norm's gradient to dx, and the gain's to dGain: dx += scale·(g − mean(g) − unit·mean(g·unit)), g = dy·gain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void NormalizeBackward(float* x, float* dy, int width, bool centred, float mean, float scale, float* gain, float* dx, float* dGain)
    {
        var (centre, scales) = (Vector512.Create(mean), Vector512.Create(scale));
        var (sum, product) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (int i = 0; i < width; i += 16)
        {
            var unit = (Vector512.Load(x + i) - centre) * scales;
            var g = Vector512.Load(dy + i);
            if (gain != null)
            {
                Vector512.FusedMultiplyAdd(g, unit, Vector512.Load(dGain + i)).Store(dGain + i);
                g *= Vector512.Load(gain + i);
            }
            sum += g;
            product = Vector512.FusedMultiplyAdd(g, unit, product);
        }
        var meanG = Vector512.Create(centred ? Vector512.Sum(sum) / width : 0);
        var meanProduct = Vector512.Create(Vector512.Sum(product) / width);
        for (int i = 0; i < width; i += 16)
        {
            var unit = (Vector512.Load(x + i) - centre) * scales;
            var g = Vector512.Load(dy + i);
            if (gain != null) g *= Vector512.Load(gain + i);
            (Vector512.Load(dx + i) + scales * (g - meanG - unit * meanProduct)).Store(dx + i);
        }
    }

    /// <summary>activation(u) in bfloat16, of u in bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Activate(Activation kind, ushort* u, ushort* y, long count)
    {
        for (long i = 0; i < count; i += 16)
        {
            var x = BFloat16.Load(u + i);
            BFloat16.Store(kind switch
            {
                Activation.Gelu => x * GaussianShare(x, out _),
                Activation.GeluTanh => x * TanhShare(x, out _),
                Activation.Relu => Vector512.Max(x, Vector512<float>.Zero),
                _ => Square(Vector512.Max(x, Vector512<float>.Zero)),
            }, y + i);
        }
    }

    /// <summary>dy becomes dy·activation′(u), in bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ActivateBackward(Activation kind, ushort* u, float* dy, ushort* du, long count)
    {
        for (long i = 0; i < count; i += 16)
        {
            var x = BFloat16.Load(u + i);
            Vector512<float> slope;
            switch (kind)
            {
                case Activation.Gelu:
                    var share = GaussianShare(x, out var density);
                    slope = share + x * density;
                    break;
                case Activation.GeluTanh:
                    slope = TanhShare(x, out var change) + x * change;
                    break;
                case Activation.Relu:
                    slope = Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One, Vector512<float>.Zero);
                    break;
                default:
                    var positive = Vector512.Max(x, Vector512<float>.Zero);
                    slope = positive + positive;
                    break;
            }
            BFloat16.Store(Vector512.Load(dy + i) * slope, du + i);
        }
    }

    // e to the x (Cephes' expf: 2ⁿ by the exponent's bits, the rest by a polynomial); 0 below −87. The runtime's own goes through double
    // precision; what that costs is in DECISIONS.md.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Exp(Vector512<float> x)
    {
        const float magic = 3 << 22;   // adding it rounds to a whole number and leaves that in the lowest bits
        var bounded = Vector512.MinNative(Vector512.Create(88f), x);   // keeps NaN
        var shifted = Vector512.FusedMultiplyAdd(bounded, Vector512.Create(1.44269504f), Vector512.Create(magic));
        var n = shifted - Vector512.Create(magic);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), bounded);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.FusedMultiplyAdd(r, Vector512.Create(1.9875691500e-4f), Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(r, p, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(r, p, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(r, p, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(r, p, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(r * r, p, r + Vector512<float>.One);
        var power = ((shifted.AsInt32() + Vector512.Create(127)) << 23).AsSingle();
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-87f)), Vector512<float>.Zero, p * power);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Square(Vector512<float> x) => x * x;

    // The normal distribution's share below x and its density; erf by Abramowitz and Stegun 7.1.26, whose error is below 1.5e-7.
    static Vector512<float> GaussianShare(Vector512<float> x, out Vector512<float> density)
    {
        var z = Vector512.Abs(x) * 0.70710678f;
        var t = Vector512<float>.One / Vector512.FusedMultiplyAdd(z, Vector512.Create(0.3275911f), Vector512<float>.One);
        var e = Exp(-(z * z));
        var p = Vector512.FusedMultiplyAdd(t, Vector512.Create(1.061405429f), Vector512.Create(-1.453152027f));
        p = Vector512.FusedMultiplyAdd(t, p, Vector512.Create(1.421413741f));
        p = Vector512.FusedMultiplyAdd(t, p, Vector512.Create(-0.284496736f));
        p = Vector512.FusedMultiplyAdd(t, p, Vector512.Create(0.254829592f));
        var tail = p * t * e * 0.5f;
        density = e * 0.39894228f;
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One - tail, tail);
    }

    // (1 + tanh(√(2/π)(x + 0.044715 x³))) / 2 and its slope; tanh by the logistic function.
    static Vector512<float> TanhShare(Vector512<float> x, out Vector512<float> slope)
    {
        const float root = 0.7978845608f;
        var square = x * x;
        var inner = x * root * Vector512.FusedMultiplyAdd(square, Vector512.Create(0.044715f), Vector512<float>.One);
        var share = Vector512<float>.One / (Vector512<float>.One + Exp(Vector512.Max(inner * -2f, Vector512.Create(-80f))));
        slope = 2f * share * (Vector512<float>.One - share) * root * Vector512.FusedMultiplyAdd(square, Vector512.Create(3 * 0.044715f), Vector512<float>.One);
        return share;
    }

    /// <summary>A row of softmax: weights of keys 0 to <paramref name="last"/> in bfloat16, zeros after, up to <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(float* scores, float scale, int last, int count, ushort* weights)
    {
        int used = (last + 16) / 16 * 16;
        for (int i = last + 1; i < used; i++) scores[i] = float.NegativeInfinity;
        var most = Vector512.Create(float.NegativeInfinity);
        for (int i = 0; i < used; i += 16) most = Vector512.Max(most, Vector512.Load(scores + i));
        float high = float.NegativeInfinity;
        for (int i = 0; i < 16; i++) high = MathF.Max(high, most[i]);
        var (scales, shift) = (Vector512.Create(scale), Vector512.Create(-high * scale));
        var sum = Vector512<float>.Zero;
        for (int i = 0; i < used; i += 16)
        {
            var e = Exp(Vector512.FusedMultiplyAdd(Vector512.Load(scores + i), scales, shift));
            e.Store(scores + i);
            sum += e;
        }
        var share = Vector512.Create(1 / Vector512.Sum(sum));
        for (int i = 0; i < used; i += 16) BFloat16.Store(Vector512.Load(scores + i) * share, weights + i);
        for (int i = used; i < count; i += 16) Vector256<ushort>.Zero.Store(weights + i);
    }

    /// <summary>dS = P·(dP − Σ dP·P)·scale in bfloat16 for keys 0 to <paramref name="last"/>, zeros after.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SoftmaxBackward(ushort* weights, float* dWeights, float scale, int last, int count, ushort* dScores)
    {
        int used = (last + 16) / 16 * 16;
        for (int i = last + 1; i < used; i++) dWeights[i] = 0;
        var sum = Vector512<float>.Zero;
        for (int i = 0; i < used; i += 16) sum = Vector512.FusedMultiplyAdd(BFloat16.Load(weights + i), Vector512.Load(dWeights + i), sum);
        var (mean, scales) = (Vector512.Create(Vector512.Sum(sum)), Vector512.Create(scale));
        for (int i = 0; i < used; i += 16) BFloat16.Store(BFloat16.Load(weights + i) * (Vector512.Load(dWeights + i) - mean) * scales, dScores + i);
        for (int i = used; i < count; i += 16) Vector256<ushort>.Zero.Store(dScores + i);
    }

    /// <summary>
    /// Cross-entropy of one row of logits, soft-capped where <paramref name="cap"/> is above 0: returns the loss in nats and puts
    /// its gradient, times <paramref name="weight"/>, into <paramref name="gradient"/>, zeros past the vocabulary.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float CrossEntropy(float* logits, int vocabulary, int padded, int target, float weight, float cap, ushort* gradient)
    {
        for (int i = vocabulary; i < padded; i++) logits[i] = float.NegativeInfinity;
        var most = Vector512.Create(float.NegativeInfinity);
        for (int i = 0; i < padded; i += 16)
        {
            var x = Vector512.Load(logits + i);
            if (cap > 0)
            {
                // cap·tanh(x / cap), kept below the padding's −∞.
                var share = Vector512<float>.One / (Vector512<float>.One + Exp(Vector512.Min(Vector512.Max(x * (-2 / cap), Vector512.Create(-80f)), Vector512.Create(80f))));
                var capped = cap * (share + share - Vector512<float>.One);
                x = Vector512.ConditionalSelect(Vector512.Equals(x, Vector512.Create(float.NegativeInfinity)), x, capped);
                x.Store(logits + i);
            }
            most = Vector512.Max(most, x);
        }
        float high = float.NegativeInfinity;
        for (int i = 0; i < 16; i++) high = MathF.Max(high, most[i]);
        float chosen = logits[target];
        var shift = Vector512.Create(high);
        var sum = Vector512<float>.Zero;
        for (int i = 0; i < padded; i += 16) sum += Exp(Vector512.Load(logits + i) - shift);
        float total = Vector512.Sum(sum);
        if (gradient != null)
        {
            var scale = Vector512.Create(weight / total);
            for (int i = 0; i < padded; i += 16)
            {
                var x = Vector512.Load(logits + i);
                var g = Exp(x - shift) * scale;
                if (target >= i && target < i + 16) g = g.WithElement(target - i, g[target - i] - weight);
                if (cap > 0)
                {
                    var relative = Vector512.Max(x, Vector512.Create(-cap)) * (1 / cap);
                    g *= Vector512<float>.One - relative * relative;
                }
                BFloat16.Store(g, gradient + i);
            }
        }
        return MathF.Log(total) + high - chosen;
    }

    /// <summary>to += from·factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float* from, float factor, float* to, long count)
    {
        var factors = Vector512.Create(factor);
        for (long i = 0; i < count; i += 16) Vector512.FusedMultiplyAdd(Vector512.Load(from + i), factors, Vector512.Load(to + i)).Store(to + i);
    }

    /// <summary>The sum of products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* x, float* y, long count)
    {
        var sum = Vector512<float>.Zero;
        for (long i = 0; i < count; i += 16) sum = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), sum);
        return Vector512.Sum(sum);
    }

    /// <summary>to = x·a + y·b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blend(float* x, float a, float* y, float b, float* to, long count)
    {
        var (first, second) = (Vector512.Create(a), Vector512.Create(b));
        for (long i = 0; i < count; i += 16) Vector512.FusedMultiplyAdd(Vector512.Load(x + i), first, Vector512.Load(y + i) * second).Store(to + i);
    }

    /// <summary>x *= factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* x, float factor, long count)
    {
        var factors = Vector512.Create(factor);
        for (long i = 0; i < count; i += 16) (Vector512.Load(x + i) * factors).Store(x + i);
    }
}
