using System.Runtime.InteropServices;

namespace LlmLab.Evaluation.Text;

/// <summary>Gives equal tokens equal numbers, so that n-grams are compared by number and not by text.</summary>
sealed class TokenNumbers
{
    readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);

    /// <summary>The number of each token.</summary>
    public int[] Of(IReadOnlyList<string> tokens)
    {
        var result = new int[tokens.Count];
        for (var i = 0; i < result.Length; i++) result[i] = Of(tokens[i]);
        return result;
    }

    /// <summary>The number of a token that is part of a text; makes a string of it only when it is new.</summary>
    public int Of(ReadOnlySpan<char> token)
    {
        var lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(token, out var number)) return number;
        lookup[token] = numbers.Count;
        return numbers.Count - 1;
    }

    /// <summary>Forgets all tokens, to number others.</summary>
    public void Clear() => numbers.Clear();

    /// <summary>The number of one token.</summary>
    public int Of(string token)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, token, out var known);
        if (!known) number = numbers.Count - 1;
        return number;
    }
}
