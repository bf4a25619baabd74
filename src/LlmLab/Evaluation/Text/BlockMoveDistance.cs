namespace LlmLab.Evaluation.Text;

/// <summary>
/// The edits of TER: Levenshtein distance after greedily moving blocks of words, each move counting one. Limits and the order of
/// preference among moves are Tercom's in sacreBLEU's version; the exact problem is NP-hard.
/// </summary>
static class BlockMoveDistance
{
    const int LongestBlock = 10;
    const int FarthestMove = 50;
    const int MostCandidates = 1000;

    /// <summary>Insertions, deletions, substitutions and block moves that turn the hypothesis into the reference.</summary>
    public static int Edits(int[] hypothesis, int[] reference)
    {
        if (reference.Length == 0) return hypothesis.Length;
        var distance = new BeamEditDistance(reference, hypothesis.Length);
        var (words, moves, candidates) = (hypothesis, 0, 0);
        while (true)
        {
            var (gain, moved) = BestMove(words, reference, distance, ref candidates);
            if (candidates >= MostCandidates || gain <= 0) break;
            moves++;
            words = moved;
        }
        return moves + distance.Compute(words);
    }

    /// <summary>The move that saves most edits; of equals the longest, then the earliest block, then the earliest target.</summary>
    static (int Gain, int[] Words) BestMove(int[] words, int[] reference, BeamEditDistance distance, ref int candidates)
    {
        var before = distance.Compute(words);
        var (alignment, referenceErrors, hypothesisErrors) = distance.Align(words);
        (int Gain, int Length, int Start, int Target)? best = null;
        int[] bestWords = words;
        foreach (var (start, target, length) in MatchingBlocks(words, reference))
        {
            // Both the block and the place it would go to must be wrong now, and the place outside the block.
            if (!hypothesisErrors.AsSpan(start, length).Contains(true) || !referenceErrors.AsSpan(target, length).Contains(true)) continue;
            if (alignment[target] >= start && alignment[target] < start + length) continue;
            var previous = -1;
            for (var offset = -1; offset < length && target + offset < reference.Length; offset++)
            {
                var position = target + offset < 0 ? 0 : alignment[target + offset] + 1;
                if (position == previous) continue;
                previous = position;
                var moved = Move(words, start, length, position);
                var candidate = (before - distance.Compute(moved), length, -start, -position);
                candidates++;
                if (best is not null && candidate.CompareTo(best.Value) <= 0) continue;
                (best, bestWords) = (candidate, moved);
            }
            if (candidates >= MostCandidates) break;
        }
        return (best?.Gain ?? 0, bestWords);
    }

    /// <summary>All equal runs of words, with their beginnings in both and every length.</summary>
    static IEnumerable<(int Start, int Target, int Length)> MatchingBlocks(int[] words, int[] reference)
    {
        for (var start = 0; start < words.Length; start++)
            for (var target = Math.Max(0, start - FarthestMove); target < reference.Length && target - start <= FarthestMove; target++)
                for (var length = 0; length < LongestBlock && start + length < words.Length && target + length < reference.Length && words[start + length] == reference[target + length];)
                    yield return (start, target, ++length);
    }

    /// <summary>The words with the block put before the word at <paramref name="target"/>.</summary>
    static int[] Move(int[] words, int start, int length, int target)
    {
        var block = words.AsSpan(start, length);
        if (target < start) return [.. words.AsSpan(0, target), .. block, .. words.AsSpan(target, start - target), .. words.AsSpan(start + length)];
        // Beyond the block; a target inside it counts from its end.
        var end = target > start + length ? target : Math.Min(words.Length, length + target);
        return [.. words.AsSpan(0, start), .. words.AsSpan(start + length, end - start - length), .. block, .. words.AsSpan(end)];
    }
}
