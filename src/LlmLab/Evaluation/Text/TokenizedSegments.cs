namespace LlmLab.Evaluation.Text;

/// <summary>What metrics on tokens check before they count.</summary>
static class TokenizedSegments
{
    public static void Check(string metric, IReadOnlyList<IReadOnlyList<string>> hypotheses, IReadOnlyList<IReadOnlyList<IReadOnlyList<string>>> references)
    {
        if (hypotheses.Count == 0) throw new InvalidInputException($"{metric} was given no hypotheses; it needs at least one.");
        if (hypotheses.Count != references.Count)
            throw new InvalidInputException($"{metric} was given {hypotheses.Count} hypotheses and references for {references.Count}; each hypothesis needs its references.");
        for (var i = 0; i < references.Count; i++)
            if (references[i].Count == 0) throw new InvalidInputException($"{metric} was given no reference for hypothesis {i + 1}.");
    }
}
