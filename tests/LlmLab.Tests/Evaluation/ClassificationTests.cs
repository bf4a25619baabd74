using System.Text.Json;
using LlmLab.Evaluation.Classification;

namespace LlmLab.Tests.Evaluation;

public sealed class ClassificationTests
{
    [Fact]
    public void Measures_EveryCase_AreScikitLearns() => TextMetricTests.Check("classification_sklearn", one =>
    {
        int[] actual = Integers(one.GetProperty("y_true")), predicted = Integers(one.GetProperty("y_pred"));
        var matrix = new ConfusionMatrix(actual, predicted, one.GetProperty("classes").GetInt32());
        var probabilities = one.GetProperty("probs").EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray()).ToArray();
        var values = new List<(double?, JsonElement)>
        {
            (matrix.Accuracy, one.GetProperty("accuracy")), (matrix.Matthews, one.GetProperty("mcc")), (matrix.Kappa, one.GetProperty("kappa")),
            (ProbabilityScores.LogLoss(actual, probabilities), one.GetProperty("log_loss")),
        };
        foreach (var (name, scores) in new[] { ("micro", matrix.Micro), ("macro", matrix.Macro), ("weighted", matrix.Weighted) })
            values.AddRange([(scores.Precision, one.GetProperty(name)[0]), (scores.Recall, one.GetProperty(name)[1]), (scores.F1, one.GetProperty(name)[2])]);
        for (var index = 0; index < matrix.ClassCount; index++)
        {
            // Rows: precision, recall, F1, how often the class occurs.
            var (scores, expected) = (matrix.Scores(index), one.GetProperty("per_class"));
            values.AddRange([(scores.Precision, expected[0][index]), (scores.Recall, expected[1][index]), (scores.F1, expected[2][index])]);
            for (var other = 0; other < matrix.ClassCount; other++) values.Add((matrix[index, other], one.GetProperty("confusion")[index][other]));
        }
        if (one.TryGetProperty("brier", out var brier))
            values.Add((ProbabilityScores.Brier([.. actual.Select(label => label == 1)], [.. probabilities.Select(row => row[1])]), brier));
        return values;
    });

    [Fact]
    public void Calibration_ConfidentAndHalfRight_IsOffByTheDifference()
    {
        bool[] right = [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0)];
        double[] confidences = [.. right.Select(_ => 0.9)];

        Assert.Equal(0.4, ProbabilityScores.ExpectedCalibrationError(right, confidences), 12);
        Assert.Equal([new(0.9, 0.5, 100)], ProbabilityScores.Calibration(right, confidences).Select(bin => bin with { Confidence = Math.Round(bin.Confidence, 12) }));
        Assert.Equal(2, ProbabilityScores.ReliabilityChart("", right, confidences).Series.Count);
    }

    [Fact]
    public void ConfusionMatrix_BadInput_IsRefused()
    {
        Assert.Throws<InvalidInputException>(() => new ConfusionMatrix([0], []));
        Assert.Throws<InvalidInputException>(() => new ConfusionMatrix([], []));
        Assert.Contains("Item 2", Assert.Throws<InvalidInputException>(() => new ConfusionMatrix([0, 5], [0, 0], classes: 2)).Message);
        Assert.Throws<InvalidInputException>(() => ProbabilityScores.ExpectedCalibrationError([true], [1.5]));
    }

    static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetInt32())];
}
