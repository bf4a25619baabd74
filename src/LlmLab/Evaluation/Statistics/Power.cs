namespace LlmLab.Evaluation.Statistics;

/// <summary>How large a test set must be to show a difference, before one is run.</summary>
public static class Power
{
    /// <summary>
    /// The smallest difference in a mean that a paired test of so many items finds, by the normal approximation.
    /// </summary>
    /// <param name="standardDeviation">Of the differences between the two systems, item by item.</param>
    /// <param name="count">Items.</param>
    /// <param name="level">Accepted probability of calling chance a difference.</param>
    /// <param name="power">Wanted probability of finding a difference that is there.</param>
    /// <exception cref="InvalidInputException">There are no items, or a probability is not between 0 and 1.</exception>
    public static double MinimumDetectableDifference(double standardDeviation, int count, double level = 0.05, double power = 0.8)
    {
        if (count < 1 || level is not (> 0 and < 1) || power is not (> 0 and < 1))
            throw new InvalidInputException($"A detectable difference was asked for of {count} items at level {level} and power {power}; give at least one item, and both between 0 and 1.");
        return (SpecialFunctions.NormalUpperQuantile(level / 2) + SpecialFunctions.NormalUpperQuantile(1 - power)) * standardDeviation / Math.Sqrt(count);
    }

    /// <summary>The smallest difference in accuracy that two independent runs over so many items show.</summary>
    /// <param name="accuracy">Accuracy to expect, 0 to 1; 0.5 is the hardest case.</param>
    /// <param name="count">Items of each run.</param>
    /// <param name="level">Accepted probability of calling chance a difference.</param>
    /// <param name="power">Wanted probability of finding a difference that is there.</param>
    public static double MinimumDetectableAccuracy(double accuracy, int count, double level = 0.05, double power = 0.8) =>
        MinimumDetectableDifference(Math.Sqrt(2 * accuracy * (1 - accuracy)), count, level, power);
}
