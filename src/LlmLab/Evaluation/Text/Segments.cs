namespace LlmLab.Evaluation.Text;

/// <summary>What all corpus metrics do before they look at the text.</summary>
static class Segments
{
    /// <summary>Sums the statistics of all segments.</summary>
    public static double[] Sum(ICorpusMetric metric, IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references)
    {
        Check(metric.Name, hypotheses, references);
        var sum = metric.SegmentStatistics(hypotheses[0], references[0]);
        for (var i = 1; i < hypotheses.Count; i++)
        {
            var statistics = metric.SegmentStatistics(hypotheses[i], references[i]);
            for (var j = 0; j < sum.Length; j++) sum[j] += statistics[j];
        }
        return sum;
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
