namespace LlmLab.Data.Pipeline;

/// <summary>
/// Compares decisions with the faults that are known to be in a corpus. A step is judged on what reached it: a duplicate whose
/// original an earlier step has removed is none any more, and a piece of text that is gone cannot be found.
/// </summary>
sealed class FaultScoring
{
    readonly IReadOnlyList<PipelineStep> steps;
    readonly ILookup<string, KnownFault> byDocument;
    readonly HashSet<string> mentioned;
    readonly HashSet<string>[] entered, acted;
    readonly Dictionary<string, HashSet<string>>[] relatedTo;
    readonly Dictionary<string, long[]>[] pieces; // by detail: expected, found, predicted, correct

    public FaultScoring(IReadOnlyList<PipelineStep> steps, IEnumerable<KnownFault> faults)
    {
        this.steps = steps;
        KnownFault[] all = [.. faults.Select(f => f with { Value = f.Value is null ? null : AsNormalised(f.Value) })];
        byDocument = all.ToLookup(f => f.DocumentId);
        mentioned = [.. all.Select(f => f.DocumentId), .. all.Where(f => f.Related is not null).Select(f => f.Related!)];
        entered = [.. steps.Select(_ => new HashSet<string>())];
        acted = [.. steps.Select(_ => new HashSet<string>())];
        relatedTo = [.. steps.Select(_ => new Dictionary<string, HashSet<string>>())];
        pieces = [.. steps.Select(_ => new Dictionary<string, long[]>())];
    }

    public readonly record struct PieceCount(string Detail, int Expected, int Found, int Predicted, int Correct);

    // Normalisation takes white space off the ends of lines; the pieces to look for must lose it too.
    static string AsNormalised(string value) => string.Join('\n', value.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd()));

    /// <summary>The comparison inside one document; pure, so it can run in parallel.</summary>
    public IReadOnlyList<PieceCount> ComparePieces(int step, Document before, IReadOnlyList<Finding> findings)
    {
        var expected = byDocument[before.Id].Where(f => f.Value is not null && steps[step].Judges.Contains(f.Kind)).ToArray();
        if (expected.Length == 0 && findings.Count == 0) return [];
        var counts = new List<PieceCount>();
        bool[] correct = new bool[findings.Count];
        foreach (var fault in expected)
        {
            int occurrences = 0, covered = 0;
            string text = before.Text;
            for (int at = text.IndexOf(fault.Value!, StringComparison.Ordinal); at >= 0; at = text.IndexOf(fault.Value!, at + 1, StringComparison.Ordinal))
            {
                occurrences++;
                int overlap = 0;
                for (int i = 0; i < findings.Count; i++)
                {
                    int shared = Math.Min(findings[i].End, at + fault.Value!.Length) - Math.Max(findings[i].Start, at);
                    if (shared <= 0) continue;
                    correct[i] = true;
                    overlap += shared;
                }
                if (overlap >= 0.8 * fault.Value!.Length) covered++;
            }
            if (occurrences > 0) counts.Add(new PieceCount(fault.Detail ?? "", 1, covered == occurrences ? 1 : 0, 0, 0));
        }
        for (int i = 0; i < findings.Count; i++) counts.Add(new PieceCount(findings[i].Type, 0, 0, 1, correct[i] ? 1 : 0));
        return counts;
    }

    public void Add(int step, IReadOnlyList<PieceCount> counts)
    {
        foreach (var count in counts)
        {
            if (!pieces[step].TryGetValue(count.Detail, out long[]? sum)) pieces[step][count.Detail] = sum = new long[4];
            sum[0] += count.Expected;
            sum[1] += count.Found;
            sum[2] += count.Predicted;
            sum[3] += count.Correct;
        }
    }

    public void Enter(int step, string document)
    {
        if (mentioned.Contains(document)) entered[step].Add(document);
    }

    public void Act(int step, StepOutcome outcome)
    {
        acted[step].Add(outcome.Document.Id);
        if (outcome.Related is { } related) (relatedTo[step].TryGetValue(related, out var set) ? set : relatedTo[step][related] = []).Add(outcome.Document.Id);
    }

    /// <summary>The step's score; null if no known fault is of its kinds.</summary>
    public FaultScore? Score(int step)
    {
        var kinds = steps[step].Judges;
        if (kinds.Count == 0 || !byDocument.Any(d => d.Any(f => kinds.Contains(f.Kind)))) return null;
        if (steps[step].JudgedByPieces)
        {
            long[] sum = [.. Enumerable.Range(0, 4).Select(i => pieces[step].Values.Sum(v => v[i]))];
            return new FaultScore(steps[step].Name, sum[0], sum[1], sum[2], sum[3]);
        }
        // Of a pair of duplicates either may be the one that goes.
        var good = new HashSet<string>();
        long expected = 0, found = 0;
        foreach (var fault in byDocument.SelectMany(d => d).Where(f => kinds.Contains(f.Kind)))
        {
            bool pair = fault.Kind is FaultKind.NearDuplicate or FaultKind.ExactDuplicate && fault.Related is not null;
            good.Add(fault.DocumentId);
            if (pair) good.Add(fault.Related!);
            if (!entered[step].Contains(fault.DocumentId) || pair && !entered[step].Contains(fault.Related!)) continue;
            expected++;
            if (acted[step].Contains(fault.DocumentId) || pair && acted[step].Contains(fault.Related!)) found++;
        }
        // A copy with edits that earlier steps took out is an exact copy by now: either sort of duplicate is rightly dropped.
        if (kinds.Contains(FaultKind.ExactDuplicate) || kinds.Contains(FaultKind.NearDuplicate))
            foreach (var fault in byDocument.SelectMany(d => d).Where(f => f.Kind is FaultKind.ExactDuplicate or FaultKind.NearDuplicate)) good.UnionWith([fault.DocumentId, fault.Related ?? fault.DocumentId]);
        return new FaultScore(steps[step].Name, expected, found, acted[step].Count, acted[step].Count(good.Contains));
    }

    /// <summary>Scores by detail ("phone", "iban") for steps that are judged by pieces.</summary>
    public IReadOnlyList<FaultScore> Details(int step) =>
        [.. pieces[step].OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new FaultScore(p.Key, p.Value[0], p.Value[1], p.Value[2], p.Value[3]))];

    /// <summary>Documents that the step should have acted on and did not, and those it acted on without cause: for development.</summary>
    public (IReadOnlyList<KnownFault> Missed, IReadOnlyList<string> Unexpected) Errors(int step)
    {
        var kinds = steps[step].Judges;
        var faults = byDocument.SelectMany(d => d).Where(f => kinds.Contains(f.Kind)).ToArray();
        var good = faults.SelectMany(f => new[] { f.DocumentId, f.Related ?? f.DocumentId }).ToHashSet();
        return ([.. faults.Where(f => entered[step].Contains(f.DocumentId) && !acted[step].Contains(f.DocumentId) && !(f.Related is { } r && acted[step].Contains(r)))],
            [.. acted[step].Where(id => !good.Contains(id)).Order(StringComparer.Ordinal)]);
    }
}
