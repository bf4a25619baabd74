namespace LlmLab.Evaluation.Text;

/// <summary>What all corpus metrics do before they look at the text.</summary>
static class Segments
{
    /// <summary>Sums the statistics of all segments.</summary>
    public static double[] Sum(ICorpusMetric metric, IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references) =>
        Sum(Statistics(metric, hypotheses, references));

    /// <summary>The statistics of each segment, computed on all processors.</summary>
    public static double[][] Statistics(ICorpusMetric metric, IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references)
    {
        Check(metric.Name, hypotheses, references);
        var statistics = new double[hypotheses.Count][];
        if (statistics.Length == 1) statistics[0] = metric.SegmentStatistics(hypotheses[0], references[0]);
        else
            Parallel.For(0, statistics.Length, new ParallelOptions { CancellationToken = Operation.Current.CancellationToken },
                i => statistics[i] = metric.SegmentStatistics(hypotheses[i], references[i]));
        return statistics;
    }

    /// <summary>Sums statistics in their order, so that the result does not depend on threads.</summary>
    public static double[] Sum(IEnumerable<double[]> statistics)
    {
        double[]? sum = null;
        foreach (var segment in statistics)
            if (sum is null) sum = [.. segment];
            else
                for (var j = 0; j < sum.Length; j++) sum[j] += segment[j];
        return sum ?? [];
    }

    /// <summary>Refuses a corpus without segments, or with hypotheses that lack their references.</summary>
    public static void Check(string metric, IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references)
    {
        if (hypotheses.Count == 0) throw new InvalidInputException($"{metric} was given no hypotheses; it needs at least one.");
        if (hypotheses.Count != references.Count)
            throw new InvalidInputException($"{metric} was given {hypotheses.Count} hypotheses and references for {references.Count}; each hypothesis needs its references.");
        for (var i = 0; i < references.Count; i++)
            if (references[i].Count == 0) throw new InvalidInputException($"{metric} was given no reference for hypothesis {i + 1}.");
    }

    /// <summary>The "nrefs" of a signature: how many references each segment has, or "var".</summary>
    public static string CountReferences(IReadOnlyList<IReadOnlyList<string>> references) =>
        references.Select(one => one.Count).Distinct().ToArray() is [var count] ? $"{count}" : "var";

    /// <summary>The version in signatures, where sacreBLEU writes its own.</summary>
    public static string Version { get; } = "llmlab-" + typeof(Segments).Assembly.GetName().Version!.ToString(3);
}
