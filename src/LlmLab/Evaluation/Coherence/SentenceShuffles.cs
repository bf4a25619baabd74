namespace LlmLab.Evaluation.Coherence;

/// <summary>Other orders of the sentences of a text.</summary>
static class SentenceShuffles
{
    /// <summary>Different orders, none of which reads like the original; fewer than asked for where there are not so many.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Of(IReadOnlyList<string> sentences, int count, Random random)
    {
        var original = string.Join('\n', sentences);
        var seen = new HashSet<string>(StringComparer.Ordinal) { original };
        var shuffles = new List<IReadOnlyList<string>>();
        for (var attempt = 0; attempt < 10 * count && shuffles.Count < count; attempt++)
        {
            string[] order = [.. sentences];
            random.Shuffle(order);
            if (seen.Add(string.Join('\n', order))) shuffles.Add(order);
        }
        return shuffles;
    }
}
