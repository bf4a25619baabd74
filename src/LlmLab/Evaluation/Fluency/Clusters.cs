using System.Numerics.Tensors;

namespace LlmLab.Evaluation.Fluency;

/// <summary>
/// k-means: groups vectors around centres (S. Lloyd, 1982), begun from centres that are far from each other (D. Arthur and
/// S. Vassilvitskii, "k-means++", 2007).
/// </summary>
static class Clusters
{
    /// <summary>The number of each vector's group, 0 to <paramref name="count"/> − 1; the best of several starts.</summary>
    public static int[] Of(IReadOnlyList<float[]> vectors, int count, int seed, int starts = 5, int rounds = 100)
    {
        var random = new Random(seed);
        var (best, least) = (Array.Empty<int>(), double.PositiveInfinity);
        for (var start = 0; start < starts; start++)
        {
            var (groups, spread) = Lloyd(vectors, Centres(vectors, count, random), rounds);
            if (spread < least) (best, least) = (groups, spread);
        }
        return best;
    }

    static List<float[]> Centres(IReadOnlyList<float[]> vectors, int count, Random random)
    {
        var centres = new List<float[]> { vectors[random.Next(vectors.Count)] };
        var nearest = new double[vectors.Count];
        Array.Fill(nearest, double.PositiveInfinity);
        while (centres.Count < count)
        {
            for (var i = 0; i < nearest.Length; i++) nearest[i] = Math.Min(nearest[i], SquaredDistance(vectors[i], centres[^1]));
            var (draw, next) = (random.NextDouble() * nearest.Sum(), 0);
            while (next < nearest.Length - 1 && (draw -= nearest[next]) >= 0) next++;
            centres.Add(vectors[next]);
        }
        return centres;
    }

    static (int[] Groups, double Spread) Lloyd(IReadOnlyList<float[]> vectors, List<float[]> centres, int rounds)
    {
        var groups = new int[vectors.Count];
        var distances = new double[vectors.Count];
        for (var round = 0; ; round++)
        {
            Operation.Current.ThrowIfCancelled();
            var moved = 0;
            Parallel.For(0, groups.Length, i =>
            {
                var (nearest, least) = (0, double.PositiveInfinity);
                for (var j = 0; j < centres.Count; j++)
                    if (SquaredDistance(vectors[i], centres[j]) is var distance && distance < least) (nearest, least) = (j, distance);
                if (groups[i] != nearest) Interlocked.Increment(ref moved);
                (groups[i], distances[i]) = (nearest, least);
            });
            if (round > 0 && moved == 0 || round == rounds) return (groups, distances.Sum());
            for (var j = 0; j < centres.Count; j++)
            {
                var members = Enumerable.Range(0, groups.Length).Where(i => groups[i] == j).ToArray();
                if (members.Length == 0) continue; // an empty group keeps its centre
                var sum = new float[centres[j].Length];
                foreach (var i in members) TensorPrimitives.Add(sum, vectors[i], sum);
                TensorPrimitives.Divide(sum, members.Length, sum);
                centres[j] = sum;
            }
        }
    }

    static double SquaredDistance(float[] x, float[] y)
    {
        var distance = TensorPrimitives.Distance<float>(x, y);
        return (double)distance * distance;
    }
}
