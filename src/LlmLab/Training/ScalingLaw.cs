using LlmLab.Charts;

namespace LlmLab.Training;

/// <summary>
/// loss = floor + (scale / x)^exponent, fitted to several runs (Kaplan et al. 2020; Hoffmann et al. 2022), x being parameters, tokens or
/// operations: what a larger budget can be expected to give, within the range that was measured and not far beyond it.
/// </summary>
/// <param name="Floor">The loss that no budget goes below, nats a token.</param>
/// <param name="Scale">In units of x.</param>
/// <param name="Exponent">How fast it falls.</param>
/// <param name="Error">Root mean square of the fit's residuals, nats.</param>
public sealed record ScalingLaw(double Floor, double Scale, double Exponent, double Error)
{
    /// <summary>The fitted loss at a budget.</summary>
    public double LossAt(double x) => Floor + Math.Pow(Scale / x, Exponent);

    /// <summary>Fits the three numbers by least squares: the floor by search, the line in logarithms by regression.</summary>
    /// <param name="points">Budget and loss of each run: at least three different budgets.</param>
    /// <exception cref="InvalidInputException">Fewer points, or a loss that does not fall.</exception>
    public static ScalingLaw Fit(IReadOnlyList<(double X, double Loss)> points)
    {
        if (points.Select(p => p.X).Distinct().Count() < 3) throw new InvalidInputException($"A scaling law needs at least three different budgets, found {points.Select(p => p.X).Distinct().Count()}.");
        double lowest = points.Min(p => p.Loss);
        ScalingLaw? best = null;
        for (int i = 0; i <= 2_000; i++)
        {
            double floor = lowest * i / 2_001.0;
            double[] x = [.. points.Select(p => Math.Log(p.X))], y = [.. points.Select(p => Math.Log(p.Loss - floor))];
            double meanX = x.Average(), meanY = y.Average();
            double slope = x.Zip(y).Sum(p => (p.First - meanX) * (p.Second - meanY)) / x.Sum(v => (v - meanX) * (v - meanX));
            if (slope >= 0) continue;
            var law = new ScalingLaw(floor, Math.Exp((meanY - slope * meanX) / -slope), -slope, 0);
            double error = Math.Sqrt(points.Average(p => Math.Pow(p.Loss - law.LossAt(p.X), 2)));
            if (best is null || error < best.Error) best = law with { Error = error };
        }
        return best ?? throw new InvalidInputException("The loss does not fall with the budget: no scaling law can be fitted. Look for runs that were trained too briefly.");
    }

    /// <summary>The runs and the fitted curve.</summary>
    public Chart ToChart(IReadOnlyList<(double X, double Loss)> points, string xLabel)
    {
        double low = points.Min(p => p.X), high = points.Max(p => p.X) * 2;
        double[] x = [.. Enumerable.Range(0, 60).Select(i => low * Math.Pow(high / low, i / 59.0))];
        return new Chart($"loss = {Floor:0.000} + ({Scale:0.00e0} / x)^{Exponent:0.000}")
        {
            Series = [new Series("runs", [.. points.Select(p => p.X)], [.. points.Select(p => p.Loss)]) { Mark = Mark.Points }, new Series("fit", x, [.. x.Select(LossAt)])],
            XLabel = xLabel,
            YLabel = "validation loss (nats a token)",
            LogX = true,
        };
    }
}
