namespace LlmLab.Evaluation.Statistics;

/// <summary>What several tests compute of their samples.</summary>
static class Samples
{
    public static void CheckPaired(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count != y.Count) throw new InvalidInputException($"A paired test was given {x.Count} and {y.Count} values; each value needs its partner.");
    }

    public static double Mean(IReadOnlyList<double> values) => values.Count == 0 ? double.NaN : values.Sum() / values.Count;

    /// <summary>The unbiased variance; NaN for fewer than two values.</summary>
    public static double Variance(IReadOnlyList<double> values)
    {
        if (values.Count < 2) return double.NaN;
        var mean = Mean(values);
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
    }

    /// <summary>Ranks from 1; equal values share the mean of their ranks.</summary>
    public static double[] Ranks(IReadOnlyList<double> values)
    {
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        var ranks = new double[values.Count];
        for (var start = 0; start < order.Length;)
        {
            var end = start;
            while (end < order.Length && values[order[end]] == values[order[start]]) end++;
            for (var i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2.0;
            start = end;
        }
        return ranks;
    }

    /// <summary>The sizes of the groups of equal values that have more than one member.</summary>
    public static double[] TieSizes(IEnumerable<double> values) =>
        [.. values.GroupBy(value => value).Select(group => (double)group.Count()).Where(size => size > 1)];
}
