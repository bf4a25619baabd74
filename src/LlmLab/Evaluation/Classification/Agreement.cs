namespace LlmLab.Evaluation.Classification;

/// <summary>How well groups that were found agree with the true ones, whatever the groups are called.</summary>
public static class Agreement
{
    /// <summary>
    /// V-measure (Rosenberg and Hirschberg 2007), equal to scikit-learn's v_measure_score: the harmonic mean of homogeneity (a group holds one
    /// class) and completeness (a class lies in one group); 1 is agreement, 0 chance.
    /// </summary>
    /// <param name="truth">The class of each item.</param>
    /// <param name="found">The group of each item.</param>
    /// <exception cref="InvalidInputException">The counts differ, or there are no items.</exception>
    public static double VMeasure(IReadOnlyList<int> truth, IReadOnlyList<int> found)
    {
        if (truth.Count != found.Count || truth.Count == 0) throw new InvalidInputException($"There are {truth.Count} classes and {found.Count} groups; each item needs both, and there must be items.");
        double classes = Entropy(truth), groups = Entropy(found), both = Entropy([.. truth.Zip(found)]);
        double homogeneity = classes == 0 ? 1 : 1 - (both - groups) / classes, completeness = groups == 0 ? 1 : 1 - (both - classes) / groups;
        return homogeneity + completeness <= 0 ? 0 : 2 * homogeneity * completeness / (homogeneity + completeness);
    }

    static double Entropy<T>(IReadOnlyList<T> items) where T : notnull => items.GroupBy(i => i).Select(g => (double)g.Count() / items.Count).Order().Sum(p => -p * Math.Log(p));
}
