using System.Runtime.InteropServices;

namespace LlmLab.Benchmarks;

/// <summary>Vectors to fill a store with, questions to tune it on, and questions to measure it by; none of them in two of these.</summary>
sealed record StoreVectors(string What, float[][] Passages, float[][] Development, float[][] Questions)
{
    /// <summary>
    /// As embeddings are: clusters of unequal size about few directions (2,000 in 24 dimensions, blown up to 384 with a little noise on
    /// every one), and questions that lie beside the passages that answer them.
    /// </summary>
    public static StoreVectors Synthetic(int passages, int questions, int dimensions = 384, int seed = 1)
    {
        const int Latent = 24, Clusters = 2000;
        var random = new Random(seed);
        var projection = Rows(random, Latent, dimensions);
        var centres = Rows(random, Clusters, Latent);
        float[] Make(double spread, Random source)
        {
            var centre = centres[(int)(Clusters * Math.Pow(source.NextDouble(), 1.5))];
            var vector = new float[dimensions];
            for (int k = 0; k < Latent; k++)
            {
                float z = centre[k] + (float)(spread * Normal(source));
                for (int d = 0; d < dimensions; d++) vector[d] += z * projection[k][d];
            }
            double square = 0;
            for (int d = 0; d < dimensions; d++)
            {
                vector[d] += (float)(0.2 * Normal(source));
                square += vector[d] * vector[d];
            }
            for (int d = 0; d < dimensions; d++) vector[d] /= (float)Math.Sqrt(square);
            return vector;
        }
        float[][] Set(int count, double spread, int salt)
        {
            var set = new float[count][];
            Parallel.For(0, count, i => set[i] = Make(spread, new Random(seed * 7919 + salt + i)));
            return set;
        }
        return new($"synthetic, {Clusters} clusters of {Latent} dimensions in {dimensions}", Set(passages, 0.4, 0), Set(500, 0.5, 20_000_000), Set(questions, 0.5, 10_000_000));
    }

    /// <summary>The ten nearest of each question by cosine, by comparing all; one block of questions shares each passage's load.</summary>
    public float[][] Nearest(int top)
    {
        var kept = new float[Questions.Length][];
        const int Block = 20;
        Parallel.For(0, (Questions.Length + Block - 1) / Block, block =>
        {
            int from = block * Block, to = Math.Min(Questions.Length, from + Block);
            var best = new float[to - from][];
            for (int i = 0; i < best.Length; i++) Array.Fill(best[i] = new float[top], float.NegativeInfinity);
            foreach (var passage in Passages)
                for (int i = 0; i < best.Length; i++)
                {
                    float c = System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(Questions[from + i], passage);
                    if (c <= best[i][^1]) continue;
                    int place = top - 1;
                    for (; place > 0 && best[i][place - 1] < c; place--) best[i][place] = best[i][place - 1];
                    best[i][place] = c;
                }
            for (int i = 0; i < best.Length; i++) kept[from + i] = best[i];
        });
        return kept;
    }

    /// <summary>Writes rows as raw little-endian float32.</summary>
    public static void Write(string path, float[][] rows)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        foreach (var row in rows) stream.Write(MemoryMarshal.AsBytes<float>(row));
    }

    static float[][] Rows(Random random, int count, int length)
    {
        var rows = new float[count][];
        for (int i = 0; i < count; i++)
        {
            rows[i] = new float[length];
            for (int d = 0; d < length; d++) rows[i][d] = (float)Normal(random);
        }
        return rows;
    }

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
