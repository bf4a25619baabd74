namespace LlmLab.Evaluation.Statistics;

/// <summary>Tests of a difference between two means; equal to SciPy 1.10.</summary>
public static class MeanTests
{
    /// <summary>Student's paired test: scores of two systems on the same items.</summary>
    /// <exception cref="InvalidInputException">The counts differ.</exception>
    public static SignificanceResult Paired(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Samples.CheckPaired(x, y);
        double[] differences = [.. x.Zip(y, (a, b) => a - b)];
        return Result(Samples.Mean(differences), Samples.Variance(differences) / differences.Length, differences.Length - 1);
    }

    /// <summary>Welch's test: independent samples whose variances may differ.</summary>
    public static SignificanceResult Welch(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        var (partX, partY) = (Samples.Variance(x) / x.Count, Samples.Variance(y) / y.Count);
        var freedom = (partX + partY) * (partX + partY) / (partX * partX / (x.Count - 1) + partY * partY / (y.Count - 1));
        return Result(Samples.Mean(x) - Samples.Mean(y), partX + partY, double.IsNaN(freedom) ? 1 : freedom);
    }

    static SignificanceResult Result(double difference, double variance, double degreesOfFreedom)
    {
        var t = difference / Math.Sqrt(variance);
        return double.IsNaN(t) ? SignificanceResult.Undefined : new(t, SpecialFunctions.StudentTwoSided(t, degreesOfFreedom));
    }
}
