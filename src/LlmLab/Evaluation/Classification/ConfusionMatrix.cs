using LlmLab.Charts;

namespace LlmLab.Evaluation.Classification;

/// <summary>Precision, recall and F1; 0 where nothing was predicted or nothing is there, as scikit-learn's zero_division=0.</summary>
public readonly record struct ClassScores(double Precision, double Recall, double F1)
{
    internal static ClassScores Of(double hits, double predicted, double actual)
    {
        var (precision, recall) = (predicted == 0 ? 0 : hits / predicted, actual == 0 ? 0 : hits / actual);
        return new(precision, recall, precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall));
    }
}

/// <summary>
/// How often each class was taken for each other, and the measures computed from that; equal to scikit-learn 1.2's. Rows are the true
/// classes, columns the predicted ones.
/// </summary>
public sealed class ConfusionMatrix
{
    readonly long[,] counts; // [true, predicted]

    /// <summary>Counts pairs of class numbers.</summary>
    /// <param name="actual">The right class of each item, from 0.</param>
    /// <param name="predicted">The predicted class of each item.</param>
    /// <param name="classes">Number of classes; by default one more than the highest number.</param>
    /// <exception cref="InvalidInputException">The counts differ, there are no items, or a class number is out of range.</exception>
    public ConfusionMatrix(IReadOnlyList<int> actual, IReadOnlyList<int> predicted, int? classes = null)
    {
        if (actual.Count != predicted.Count) throw new InvalidInputException($"There are {actual.Count} right and {predicted.Count} predicted classes; each item needs both.");
        if (actual.Count == 0) throw new InvalidInputException("There are no classified items to count.");
        ClassCount = classes ?? Math.Max(actual.Max(), predicted.Max()) + 1;
        counts = new long[ClassCount, ClassCount];
        for (var i = 0; i < actual.Count; i++)
        {
            if (actual[i] < 0 || actual[i] >= ClassCount || predicted[i] < 0 || predicted[i] >= ClassCount)
                throw new InvalidInputException($"Item {i + 1} has classes {actual[i]} and {predicted[i]}; with {ClassCount} classes they must be 0 to {ClassCount - 1}.");
            counts[actual[i], predicted[i]]++;
        }
        Total = actual.Count;
    }

    /// <summary>Number of classes.</summary>
    public int ClassCount { get; }

    /// <summary>Number of items.</summary>
    public int Total { get; }

    /// <summary>How often items of one class were predicted as another.</summary>
    public long this[int actual, int predicted] => counts[actual, predicted];

    /// <summary>The share of items whose class was predicted.</summary>
    public double Accuracy => (double)Hits / Total;

    /// <summary>Precision, recall and F1 of one class.</summary>
    public ClassScores Scores(int index) => ClassScores.Of(counts[index, index], Predicted(index), Actual(index));

    /// <summary>The mean of the classes' scores, each class counting the same.</summary>
    public ClassScores Macro => Mean(_ => 1.0 / ClassCount);

    /// <summary>The mean of the classes' scores, each class counting by how often it occurs.</summary>
    public ClassScores Weighted => Mean(index => (double)Actual(index) / Total);

    /// <summary>The scores of all items together; for one class an item all three are the accuracy.</summary>
    public ClassScores Micro => ClassScores.Of(Hits, Total, Total);

    /// <summary>
    /// The Matthews correlation coefficient, −1 to 1 (for more than two classes J. Gorodkin, 2004); 0 where it is undefined.
    /// </summary>
    public double Matthews
    {
        get
        {
            double total = Total, covariance = Hits * total, spreadActual = total * total, spreadPredicted = total * total;
            foreach (var index in Classes)
            {
                covariance -= (double)Actual(index) * Predicted(index);
                spreadActual -= (double)Actual(index) * Actual(index);
                spreadPredicted -= (double)Predicted(index) * Predicted(index);
            }
            return spreadActual * spreadPredicted == 0 ? 0 : covariance / Math.Sqrt(spreadActual * spreadPredicted);
        }
    }

    /// <summary>Cohen's κ: agreement beyond chance; NaN where chance alone agrees always.</summary>
    public double Kappa
    {
        get
        {
            var chance = Classes.Sum(index => (double)Actual(index) * Predicted(index)) / ((double)Total * Total);
            return chance == 1 ? double.NaN : (Accuracy - chance) / (1 - chance);
        }
    }

    /// <summary>The counts as colours, the true classes down, the predicted ones across.</summary>
    /// <param name="labels">The classes' names, in order.</param>
    /// <param name="title">Title.</param>
    /// <exception cref="InvalidInputException">There is not one name a class.</exception>
    public Chart ToChart(IReadOnlyList<string> labels, string title = "Confusion matrix")
    {
        if (labels.Count != ClassCount) throw new InvalidInputException($"There are {labels.Count} names for {ClassCount} classes; give one to each.");
        var values = new double[ClassCount, ClassCount];
        foreach (var actual in Classes)
            foreach (var predicted in Classes) values[actual, predicted] = counts[actual, predicted];
        return Chart.Matrix(title, values, labels, labels, "predicted", "true", showValues: true);
    }

    long Hits => Classes.Sum(index => counts[index, index]);

    IEnumerable<int> Classes => Enumerable.Range(0, ClassCount);

    long Actual(int index) => Classes.Sum(other => counts[index, other]);

    long Predicted(int index) => Classes.Sum(other => counts[other, index]);

    ClassScores Mean(Func<int, double> weight) => new(
        Classes.Sum(index => weight(index) * Scores(index).Precision),
        Classes.Sum(index => weight(index) * Scores(index).Recall),
        Classes.Sum(index => weight(index) * Scores(index).F1));
}
