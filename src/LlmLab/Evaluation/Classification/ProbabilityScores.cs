using LlmLab.Charts;

namespace LlmLab.Evaluation.Classification;

/// <summary>One bin of a reliability diagram.</summary>
/// <param name="Confidence">Mean predicted probability of the items in it.</param>
/// <param name="Accuracy">How many of them were right.</param>
/// <param name="Count">Items in it.</param>
public sealed record CalibrationBin(double Confidence, double Accuracy, int Count);

/// <summary>How good predicted probabilities are, beyond whether the likeliest class is right.</summary>
public static class ProbabilityScores
{
    /// <summary>The mean of −ln p of the right class, as scikit-learn 1.2: rows are scaled to sum to 1, probabilities kept away from 0 and 1.</summary>
    /// <param name="actual">The right class of each item.</param>
    /// <param name="probabilities">The probability of each class, one row an item.</param>
    /// <exception cref="InvalidInputException">The counts differ or a class has no probability.</exception>
    public static double LogLoss(IReadOnlyList<int> actual, IReadOnlyList<IReadOnlyList<double>> probabilities)
    {
        const double Epsilon = 2.220446049250313e-16;
        Check(actual, probabilities);
        return actual.Select((right, i) =>
        {
            double[] clipped = [.. probabilities[i].Select(p => Math.Clamp(p, Epsilon, 1 - Epsilon))];
            return -Math.Log(clipped[right] / clipped.Sum());
        }).Average();
    }

    /// <summary>The Brier score of a yes-or-no question: the mean squared difference between probability and outcome, 0 to 1 (G. Brier, 1950).</summary>
    /// <param name="outcomes">What happened.</param>
    /// <param name="probabilities">The predicted probability that it does.</param>
    /// <exception cref="InvalidInputException">The counts differ or there are none.</exception>
    public static double Brier(IReadOnlyList<bool> outcomes, IReadOnlyList<double> probabilities)
    {
        if (outcomes.Count != probabilities.Count || outcomes.Count == 0)
            throw new InvalidInputException($"There are {outcomes.Count} outcomes and {probabilities.Count} probabilities; each outcome needs one, and there must be at least one.");
        return outcomes.Zip(probabilities, (happened, p) => Math.Pow(p - (happened ? 1 : 0), 2)).Average();
    }

    /// <summary>
    /// Items grouped by their confidence into bins of equal width; empty bins are left out (A. Niculescu-Mizil and R. Caruana, 2005).
    /// </summary>
    /// <param name="right">Whether each prediction was right.</param>
    /// <param name="confidences">The probability that was given to each prediction.</param>
    /// <param name="bins">Number of bins between 0 and 1.</param>
    /// <exception cref="InvalidInputException">The counts differ, there are none, or a confidence is not between 0 and 1.</exception>
    public static IReadOnlyList<CalibrationBin> Calibration(IReadOnlyList<bool> right, IReadOnlyList<double> confidences, int bins = 10)
    {
        if (right.Count != confidences.Count || right.Count == 0)
            throw new InvalidInputException($"There are {right.Count} predictions and {confidences.Count} confidences; each prediction needs one, and there must be at least one.");
        if (confidences.FirstOrDefault(p => p is not (>= 0 and <= 1)) is var wrong and not 0) throw new InvalidInputException($"A confidence is {wrong}; probabilities are 0 to 1.");
        return [.. Enumerable.Range(0, right.Count)
            .GroupBy(i => Math.Min((int)(confidences[i] * bins), bins - 1)).OrderBy(group => group.Key)
            .Select(group => new CalibrationBin(group.Average(i => confidences[i]), group.Average(i => right[i] ? 1.0 : 0), group.Count()))];
    }

    /// <summary>The expected calibration error: how far confidence and accuracy are apart, averaged over the items (M. P. Naeini et al., 2015; C. Guo et al., 2017).</summary>
    /// <exception cref="InvalidInputException">The counts differ, there are none, or a confidence is not between 0 and 1.</exception>
    public static double ExpectedCalibrationError(IReadOnlyList<bool> right, IReadOnlyList<double> confidences, int bins = 10) =>
        Calibration(right, confidences, bins).Sum(bin => Math.Abs(bin.Accuracy - bin.Confidence) * bin.Count / right.Count);

    /// <summary>The reliability diagram: on the diagonal, confidence can be taken at its word.</summary>
    /// <exception cref="InvalidInputException">The counts differ, there are none, or a confidence is not between 0 and 1.</exception>
    public static Chart ReliabilityChart(string title, IReadOnlyList<bool> right, IReadOnlyList<double> confidences, int bins = 10)
    {
        var calibration = Calibration(right, confidences, bins);
        double[] errors = [.. calibration.Select(bin => Math.Sqrt(bin.Accuracy * (1 - bin.Accuracy) / bin.Count))];
        return new Chart(title)
        {
            XLabel = "confidence",
            YLabel = "share that is right",
            YRange = (0, 1),
            Series =
            [
                new("model", [.. calibration.Select(bin => bin.Confidence)], [.. calibration.Select(bin => bin.Accuracy)]) { Errors = errors, Labels = [.. calibration.Select(bin => $"{bin.Count} items")] },
                new("perfectly calibrated", [0, 1], [0, 1]) { Dashed = true },
            ],
        };
    }

    static void Check(IReadOnlyList<int> actual, IReadOnlyList<IReadOnlyList<double>> probabilities)
    {
        if (actual.Count != probabilities.Count || actual.Count == 0)
            throw new InvalidInputException($"There are {actual.Count} classes and {probabilities.Count} rows of probabilities; each item needs both, and there must be at least one.");
        for (var i = 0; i < actual.Count; i++)
            if (actual[i] < 0 || actual[i] >= probabilities[i].Count)
                throw new InvalidInputException($"Item {i + 1} has class {actual[i]} and {probabilities[i].Count} probabilities; the class must have one.");
    }
}
