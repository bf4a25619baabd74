using LlmLab.Charts;
using LlmLab.Evaluation.Statistics;

namespace LlmLab.Evaluation.Reports;

/// <summary>Draws intervals of scores as they are: one that cannot pass 1 reaches farther down than up.</summary>
public static class ChartIntervals
{
    /// <summary>A series of scores with their 95 % intervals as error bars; where there is no score or no interval, no bar.</summary>
    /// <param name="name">Legend entry.</param>
    /// <param name="scores">The scores, null where there is none.</param>
    public static Series Series(string name, IReadOnlyList<Estimate?> scores) => new(name, [.. scores.Select((_, i) => (double)i)], [.. scores.Select(score => score?.Value ?? double.NaN)])
    {
        Errors = [.. scores.Select(score => Finite(score?.High - score?.Value))],
        ErrorsBelow = [.. scores.Select(score => Finite(score?.Value - score?.Low))],
    };

    static double Finite(double? reach) => reach is { } value && double.IsFinite(value) ? value : 0;
}
