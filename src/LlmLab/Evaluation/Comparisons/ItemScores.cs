namespace LlmLab.Evaluation.Comparisons;

/// <summary>What one system scored on each item of a task.</summary>
/// <param name="System">The system's name: a model, a run.</param>
/// <param name="Task">What was asked.</param>
/// <param name="Metric">What was measured.</param>
/// <param name="HigherIsBetter">Whether a higher score is better (not so for a loss).</param>
/// <param name="Items">A name for each item, the same in all systems; each once.</param>
/// <param name="Scores">The score of each item; NaN where it is undefined.</param>
public sealed record ItemScores(string System, string Task, string Metric, bool HigherIsBetter, IReadOnlyList<string> Items, IReadOnlyList<double> Scores)
{
    /// <summary>Scores of items that have no names: their positions name them.</summary>
    public static ItemScores Of(string system, string task, string metric, IReadOnlyList<double> scores, bool higherIsBetter = true) =>
        new(system, task, metric, higherIsBetter, [.. Enumerable.Range(1, scores.Count).Select(i => i.ToString(global::System.Globalization.CultureInfo.InvariantCulture))], scores);

    /// <summary>The scores of both systems in the order of the first's items.</summary>
    /// <exception cref="InvalidInputException">The two are not about the same task, metric and items.</exception>
    internal static (double[] First, double[] Second) Align(ItemScores first, ItemScores second)
    {
        if (first.Task != second.Task || first.Metric != second.Metric || first.HigherIsBetter != second.HigherIsBetter)
            throw new InvalidInputException($"{first.System} was scored by {first.Metric} on {first.Task}, {second.System} by {second.Metric} on {second.Task}; only scores of one task and metric can be compared.");
        foreach (var one in new[] { first, second })
            if (one.Items.Count != one.Scores.Count) throw new InvalidInputException($"{one.System} has {one.Scores.Count} scores for {one.Items.Count} items of {one.Task}; each item needs one.");
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < second.Items.Count; i++)
            if (!positions.TryAdd(second.Items[i], i)) throw new InvalidInputException($"{second.System} has the item \"{second.Items[i]}\" of {second.Task} twice; each item comes once.");
        if (first.Items.Count != second.Items.Count)
            throw new InvalidInputException($"{first.System} answered {first.Items.Count} items of {first.Task}, {second.System} {second.Items.Count}; a paired comparison needs the same items: run both with the same limit and seed.");
        if (first.Items.FirstOrDefault(item => !positions.ContainsKey(item)) is { } missing)
            throw new InvalidInputException($"{second.System} has no score for the item \"{missing}\" of {first.Task}, which {first.System} answered; a paired comparison needs the same items.");
        if (first.Items.Distinct().Count() < first.Items.Count) throw new InvalidInputException($"{first.System} has an item of {first.Task} twice; each item comes once.");
        return ([.. first.Scores], [.. first.Items.Select(item => second.Scores[positions[item]])]);
    }
}
