namespace LlmLab.Evaluation.Statistics;

/// <summary>The distribution functions that tests need, to about fourteen digits.</summary>
static class SpecialFunctions
{
    const double Smallest = 1e-300, Precision = 1e-16;

    static readonly double[] lanczos =
    [
        0.99999999999999709182, 57.156235665862923517, -59.597960355475491248, 14.136097974741747174, -0.49191381609762019978, 0.33994649984811888699e-4,
        0.46523628927048575665e-4, -0.98374475304879564677e-4, 0.15808870322491248884e-3, -0.21026444172410488319e-3, 0.21743961811521264320e-3,
        -0.16431810653676389022e-3, 0.84418223983852743293e-4, -0.26190838401581408670e-4, 0.36899182659531622704e-5,
    ];

    /// <summary>The logarithm of the gamma function of a positive number (C. Lanczos' approximation, 1964, with P. Godfrey's coefficients).</summary>
    public static double LogGamma(double x)
    {
        var sum = lanczos[0];
        for (var i = 1; i < lanczos.Length; i++) sum += lanczos[i] / (x + i);
        var shifted = x + 607.0 / 128 + 0.5;
        return (x + 0.5) * Math.Log(shifted) - shifted + Math.Log(Math.Sqrt(2 * Math.PI) * sum / x);
    }

    /// <summary>The regularised incomplete beta function I(x; a, b), by Lentz' method on its continued fraction.</summary>
    public static double Beta(double a, double b, double x)
    {
        if (double.IsNaN(x)) return double.NaN;
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x));
        return x < (a + 1) / (a + b + 2) ? front * BetaFraction(a, b, x) / a : 1 - front * BetaFraction(b, a, 1 - x) / b;
    }

    /// <summary>The probability that a standard normal variable is larger than <paramref name="z"/>.</summary>
    public static double NormalUpperTail(double z)
    {
        if (double.IsNaN(z)) return double.NaN;
        var x = Math.Abs(z) / Math.Sqrt(2);
        double half; // of the two-sided tail
        if (x < 2)
        {
            var (term, sum) = (x, x); // erf as a series
            for (var n = 1; Math.Abs(term) > Precision * sum; n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            half = 0.5 - sum / Math.Sqrt(Math.PI);
        }
        else
        {
            var fraction = 0.0; // erfc as a continued fraction, from its end
            for (var n = 120; n > 0; n--) fraction = n / 2.0 / (x + fraction);
            half = Math.Exp(-x * x) / ((x + fraction) * Math.Sqrt(Math.PI)) / 2;
        }
        return z >= 0 ? half : 1 - half;
    }

    /// <summary>The number that a standard normal variable exceeds with this probability (0 to 1, exclusive), by bisection.</summary>
    public static double NormalUpperQuantile(double probability)
    {
        var (low, high) = (-40.0, 40.0);
        while (high - low > 1e-13 * Math.Max(1, Math.Abs(low)))
        {
            var middle = (low + high) / 2;
            if (NormalUpperTail(middle) > probability) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }

    /// <summary>The probability that a variable of Student's distribution is farther from zero than <paramref name="t"/>.</summary>
    public static double StudentTwoSided(double t, double degreesOfFreedom) =>
        double.IsInfinity(t) ? 0 : Beta(degreesOfFreedom / 2, 0.5, degreesOfFreedom / (degreesOfFreedom + t * t));

    static double BetaFraction(double a, double b, double x)
    {
        static double Bounded(double value) => Math.Abs(value) < Smallest ? Smallest : value;
        var (c, d) = (1.0, 1 / Bounded(1 - (a + b) * x / (a + 1)));
        var result = d;
        for (var m = 1; m <= 10_000; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / Bounded(1 + even * d);
            c = Bounded(1 + even / c);
            result *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / Bounded(1 + odd * d);
            c = Bounded(1 + odd / c);
            var step = d * c;
            result *= step;
            if (Math.Abs(step - 1) < Precision) break;
        }
        return result;
    }
}
