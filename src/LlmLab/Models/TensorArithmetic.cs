using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Models;

/// <summary>
/// Sums, differences and products with a number, for code that several threads run. TorchSharp's own (<c>a + b</c>, which is a + 1 × b, and
/// <c>x * 0.5</c>) make a <see cref="Scalar"/> that nothing holds on to: where another thread collects garbage at that moment, its finalizer
/// frees the number before libtorch has read it. On a machine with more threads than cores that struck about once in a million operations, as
/// an exception ("Expected false to be true … Scalar.h") or, where the memory was taken again, as another number.
/// </summary>
static class TensorArithmetic
{
    static readonly Scalar One = 1, MinusOne = -1;

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    /// <summary>a − b.</summary>
    public static Tensor Minus(this Tensor a, Tensor b) => a.add(b, MinusOne);

    /// <summary>x + number.</summary>
    public static Tensor Plus(this Tensor x, double number) => With(number, x, static (x, n) => x.add(n));

    /// <summary>x + number, of integers.</summary>
    public static Tensor Plus(this Tensor x, long number)
    {
        using Scalar held = number;
        return x.add(held);
    }

    /// <summary>x × number.</summary>
    public static Tensor Times(this Tensor x, double number) => With(number, x, static (x, n) => x.mul(n));

    /// <summary>x ÷ number.</summary>
    public static Tensor DividedBy(this Tensor x, double number) => With(number, x, static (x, n) => x.div(n));

    /// <summary>x, or the number where it is larger.</summary>
    public static Tensor AtLeast(this Tensor x, double number) => With(number, x, static (x, n) => x.clamp_min(n));

    /// <summary>x, and the number where the mask is true.</summary>
    public static Tensor Filled(this Tensor x, Tensor mask, double number)
    {
        using Scalar held = number;
        return x.masked_fill(mask, held);
    }

    /// <summary>Consecutive integers, from the first up to but without the last: [last − first].</summary>
    public static Tensor Consecutive(long first, long last, Device device)
    {
        using Scalar from = first, to = last;
        return arange(from, to, dtype: ScalarType.Int64, device: device);
    }

    // Disposed of, and so held, only after libtorch has read it.
    static Tensor With(double number, Tensor x, Func<Tensor, Scalar, Tensor> of)
    {
        using Scalar held = number;
        return of(x, held);
    }
}
