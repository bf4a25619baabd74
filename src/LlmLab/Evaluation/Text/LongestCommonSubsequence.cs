using System.Numerics;

namespace LlmLab.Evaluation.Text;

/// <summary>The longest sequence of tokens that occurs in both of two sequences, not necessarily without gaps.</summary>
static class LongestCommonSubsequence
{
    /// <summary>
    /// Its length, by bit-parallel dynamic programming: one row of the table is a word a 64 tokens (M. Crochemore et al., "A fast and practical
    /// bit-vector algorithm for the longest common subsequence problem", 2001).
    /// </summary>
    /// <param name="first">Tokens by numbers from 0; small ones, since a table has a row for each.</param>
    /// <param name="second">Likewise.</param>
    public static int Length(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        if (first.Length == 0 || second.Length == 0) return 0;
        var words = (first.Length + 63) / 64;
        var highest = 0;
        foreach (var token in first) highest = Math.Max(highest, token);
        var occurrences = new ulong[words * (highest + 1)]; // for each token a row of bits, set where it stands
        for (var i = 0; i < first.Length; i++) occurrences[first[i] * words + i / 64] |= 1UL << (i % 64);
        Span<ulong> state = words <= 64 ? stackalloc ulong[words] : new ulong[words];
        state.Fill(ulong.MaxValue);
        foreach (var token in second)
        {
            if (token > highest) continue;
            var (row, carry) = (token * words, 0UL);
            for (var word = 0; word < words; word++)
            {
                var (old, matches) = (state[word], state[word] & occurrences[row + word]);
                var sum = old + matches;
                var overflow = sum < old ? 1UL : 0UL;
                sum += carry;
                overflow |= sum < carry ? 1UL : 0UL;
                carry = overflow;
                state[word] = sum | old & ~matches;
            }
        }
        var length = 0; // each zero bit among the first tokens is a step of the subsequence
        for (var word = 0; word < words; word++)
        {
            var used = Math.Min(64, first.Length - word * 64);
            var mask = used == 64 ? ulong.MaxValue : (1UL << used) - 1;
            length += BitOperations.PopCount(~state[word] & mask);
        }
        return length;
    }

    /// <summary>The same by the plain table; with it the positions in the first sequence, increasing, of one such subsequence.</summary>
    public static IReadOnlyList<int> Positions(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        var table = new int[first.Length + 1, second.Length + 1];
        for (var i = 1; i <= first.Length; i++)
            for (var j = 1; j <= second.Length; j++)
                table[i, j] = first[i - 1] == second[j - 1] ? table[i - 1, j - 1] + 1 : Math.Max(table[i - 1, j], table[i, j - 1]);
        var positions = new List<int>();
        for (var (i, j) = (first.Length, second.Length); i > 0 && j > 0;)
            if (first[i - 1] == second[j - 1])
            {
                positions.Add(--i);
                j--;
            }
            else if (table[i, j - 1] > table[i - 1, j]) j--;
            else i--;
        positions.Reverse();
        return positions;
    }
}
