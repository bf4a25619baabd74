namespace LlmLab.Evaluation.Harness.Scoring;

/// <summary>
/// The tokens that two sentences share, by J. Ratcliff's and J. Obershelp's gestalt matching (1988), as CrowS-Pairs takes them from Python's
/// <c>difflib.SequenceMatcher</c>: the longest common run, the leftmost where several are as long, then the same to its left and to its right.
/// </summary>
static class SharedTokens
{
    /// <summary>Places of the shared tokens in both sequences, in order.</summary>
    public static IReadOnlyList<(int First, int Second)> Of(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        var found = new List<(int, int)>();
        Match(first, 0, second, 0, found);
        return found;
    }

    static void Match(ReadOnlySpan<int> first, int firstStart, ReadOnlySpan<int> second, int secondStart, List<(int, int)> found)
    {
        var (i, j, length) = LongestRun(first, second);
        if (length == 0) return;
        Match(first[..i], firstStart, second[..j], secondStart, found);
        for (int k = 0; k < length; k++) found.Add((firstStart + i + k, secondStart + j + k));
        Match(first[(i + length)..], firstStart + i + length, second[(j + length)..], secondStart + j + length, found);
    }

    static (int First, int Second, int Length) LongestRun(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        (int First, int Second, int Length) best = default;
        // Length of the common run that ends at (i, j): one more than that at (i − 1, j − 1).
        int[] above = new int[second.Length + 1], current = new int[second.Length + 1];
        for (int i = 0; i < first.Length; i++)
        {
            for (int j = 0; j < second.Length; j++)
            {
                int length = current[j + 1] = first[i] == second[j] ? above[j] + 1 : 0;
                if (length > best.Length) best = (i - length + 1, j - length + 1, length);
            }
            (above, current) = (current, above);
        }
        return best;
    }
}
