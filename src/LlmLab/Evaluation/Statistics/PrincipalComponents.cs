using System.Numerics.Tensors;

namespace LlmLab.Evaluation.Statistics;

/// <summary>The directions in which points scatter most (principal component analysis, Pearson 1901; Hotelling 1933), to draw vectors of many dimensions in two.</summary>
public static class PrincipalComponents
{
    const int Iterations = 200;

    /// <summary>The points' coordinates along their first directions.</summary>
    /// <param name="points">[points, dimensions], at least two of the same length.</param>
    /// <param name="count">How many directions.</param>
    /// <param name="seed">Of the random start; the directions do not depend on it, except for ties.</param>
    /// <returns>[points, count]; each direction's largest coordinate is positive, so that the picture is the same each time.</returns>
    /// <exception cref="InvalidInputException">Too few points, or of different lengths.</exception>
    public static double[][] Project(IReadOnlyList<float[]> points, int count = 2, int seed = 1)
    {
        if (points.Count < 2 || points.Any(point => point.Length != points[0].Length)) throw new InvalidInputException($"A projection needs at least 2 points of one length, found {points.Count}.");
        int dimensions = points[0].Length;
        if (count < 1 || count > dimensions) throw new InvalidInputException($"Of {dimensions} dimensions 1 to {dimensions} directions can be taken, found {count}.");
        var mean = new float[dimensions];
        foreach (float[] point in points) TensorPrimitives.Add(mean, point, mean);
        TensorPrimitives.Divide(mean, points.Count, mean);
        float[][] centred = [.. points.Select(point => { var moved = new float[dimensions]; TensorPrimitives.Subtract(point, mean, moved); return moved; })];
        double[][] result = [.. points.Select(_ => new double[count])];
        var random = new Random(seed);
        for (int c = 0; c < count; c++)
        {
            float[] direction = Strongest(centred, dimensions, random);
            float[] along = [.. centred.Select(point => TensorPrimitives.Dot<float>(point, direction))];
            float sign = along.MaxBy(Math.Abs) < 0 ? -1 : 1;
            for (int i = 0; i < along.Length; i++)
            {
                result[i][c] = sign * along[i];
                // What this direction explains is taken away, so that the next is at right angles to it.
                TensorPrimitives.MultiplyAdd<float>(direction, -along[i], centred[i], centred[i]);
            }
        }
        return result;
    }

    // Power iteration on the covariance, which is never written down: Xᵀ(X v).
    static float[] Strongest(float[][] centred, int dimensions, Random random)
    {
        var direction = new float[dimensions];
        for (int i = 0; i < dimensions; i++) direction[i] = (float)random.NextDouble() - 0.5f;
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            var next = new float[dimensions];
            foreach (float[] point in centred) TensorPrimitives.MultiplyAdd<float>(point, TensorPrimitives.Dot<float>(point, direction), next, next);
            float length = TensorPrimitives.Norm<float>(next);
            if (length == 0) break;   // all points are one
            TensorPrimitives.Divide(next, length, next);
            direction = next;
        }
        return direction;
    }
}
