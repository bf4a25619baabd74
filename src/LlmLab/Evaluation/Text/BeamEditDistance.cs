namespace LlmLab.Evaluation.Text;

/// <summary>
/// Levenshtein distance of words to a reference, computed in a band around the diagonal, with the edits themselves. Rows of words that the
/// sequence before began with are kept: the candidates of TER differ late.
/// </summary>
sealed class BeamEditDistance
{
    const int Beam = 25;
    const int Unreached = 1_000_000_000;

    enum Edit : byte { None, Keep, Substitute, Insert, Delete }

    readonly int[] reference;
    readonly int[][] cost; // [words + 1][reference + 1]
    readonly Edit[][] edit;
    int[] computed = [];

    /// <summary>Makes room for sequences of one length.</summary>
    public BeamEditDistance(int[] reference, int length)
    {
        this.reference = reference;
        cost = [.. Enumerable.Range(0, length + 1).Select(_ => new int[reference.Length + 1])];
        edit = [.. Enumerable.Range(0, length + 1).Select(_ => new Edit[reference.Length + 1])];
        for (var j = 0; j <= reference.Length; j++) (cost[0][j], edit[0][j]) = (j, Edit.Insert);
    }

    /// <summary>The distance.</summary>
    public int Compute(int[] words)
    {
        var first = words.AsSpan().CommonPrefixLength(computed) + 1;
        var ratio = words.Length > 0 ? (double)reference.Length / words.Length : 1;
        var beam = Beam < ratio / 2 ? (int)Math.Ceiling(ratio / 2 + Beam) : Beam;
        for (var i = first; i <= words.Length; i++)
        {
            var diagonal = (int)Math.Floor(i * ratio);
            var last = i == words.Length ? reference.Length + 1 : Math.Min(reference.Length + 1, diagonal + beam);
            FillRow(i, words[i - 1], Math.Max(0, diagonal - beam), last);
        }
        computed = words;
        return cost[words.Length][reference.Length];
    }

    void FillRow(int i, int word, int from, int to)
    {
        var (row, edits, above) = (cost[i], edit[i], cost[i - 1]);
        Array.Fill(row, Unreached);
        for (var j = from; j < to; j++)
        {
            if (j == 0)
            {
                (row[0], edits[0]) = (above[0] + 1, Edit.Delete);
                continue;
            }
            var same = word == reference[j - 1];
            var (least, chosen) = (above[j - 1] + (same ? 0 : 1), same ? Edit.Keep : Edit.Substitute);
            if (above[j] + 1 < least) (least, chosen) = (above[j] + 1, Edit.Delete);
            if (row[j - 1] + 1 < least) (least, chosen) = (row[j - 1] + 1, Edit.Insert);
            (row[j], edits[j]) = (Math.Min(least, Unreached), chosen);
        }
    }

    /// <summary>
    /// The word that each word of the reference is aligned with (−1 before the first), and which words on either side are not right.
    /// </summary>
    public (int[] Alignment, bool[] ReferenceErrors, bool[] HypothesisErrors) Align(int[] words)
    {
        Compute(words);
        var trace = new List<Edit>();
        for (var (i, j) = (words.Length, reference.Length); i > 0 || j > 0;)
        {
            var step = edit[i][j];
            trace.Add(step);
            if (step != Edit.Insert) i--;
            if (step != Edit.Delete) j--;
        }
        trace.Reverse();
        var (alignment, referenceErrors, hypothesisErrors) = (new int[reference.Length], new bool[reference.Length], new bool[words.Length]);
        var (word, place) = (-1, -1);
        foreach (var step in trace)
        {
            if (step != Edit.Insert) hypothesisErrors[++word] = step != Edit.Keep;
            if (step == Edit.Delete) continue;
            referenceErrors[++place] = step != Edit.Keep;
            alignment[place] = word;
        }
        return (alignment, referenceErrors, hypothesisErrors);
    }
}
