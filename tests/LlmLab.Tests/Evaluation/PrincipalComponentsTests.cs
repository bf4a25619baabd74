using LlmLab.Evaluation.Statistics;

namespace LlmLab.Tests.Evaluation;

public class PrincipalComponentsTests
{
    [Fact]
    public void Project_PointsInAPlane_DistancesAreKept()
    {
        // Points of a plane in five dimensions: two components hold all there is.
        var random = new Random(1);
        float[] u = [0.6f, 0, 0.8f, 0, 0], v = [0, 1, 0, 0, 0];
        float[][] points = [.. Enumerable.Range(0, 60).Select(_ => { float a = random.NextSingle() * 9, b = random.NextSingle() * 3; return u.Zip(v, (x, y) => a * x + b * y + 7).ToArray(); })];
        var projected = PrincipalComponents.Project(points);
        for (int i = 1; i < points.Length; i++)
            Assert.Equal(Math.Sqrt(points[i].Zip(points[0], (x, y) => (double)(x - y) * (x - y)).Sum()), Math.Sqrt(projected[i].Zip(projected[0], (x, y) => (x - y) * (x - y)).Sum()), 1e-3);
        double Variance(int c) => projected.Select(p => p[c]).Sum(x => x * x);
        Assert.True(Variance(0) > Variance(1));
        Assert.Equal(0, projected.Sum(p => p[0] * p[1]) / Math.Sqrt(Variance(0) * Variance(1)), 1e-3);   // at right angles
    }

    [Fact]
    public void Project_BadInput_SaysWhatIsWrong()
    {
        Assert.Throws<InvalidInputException>(() => PrincipalComponents.Project([[1f, 2f]]));
        Assert.Throws<InvalidInputException>(() => PrincipalComponents.Project([[1f, 2f], [1f]]));
        Assert.Throws<InvalidInputException>(() => PrincipalComponents.Project([[1f, 2f], [2f, 1f]], 3));
    }
}
