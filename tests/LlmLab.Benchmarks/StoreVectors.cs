using System.Runtime.InteropServices;
using LlmLab.Data.Company;
using LlmLab.Retrieval.Chunking;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Runs;

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

    /// <summary>Passages of the example company and questions about it, by an encoder that was trained on another company of the kind.</summary>
    /// <param name="run">A folder that <see cref="EncoderTraining"/> wrote; trained there first (half a minute and more) where there is none.</param>
    public static StoreVectors Company(string run, int passages, int questions)
    {
        if (!Directory.Exists(run))
        {
            var workspace = Workspace.Open(run + "-workspace");
            using var none = Operation.Enter(CancellationToken.None);
            Directory.Move(EncoderTraining.TrainOnCompany(1, 4_000_000, workspace: workspace).Folder, run);
        }
        using var encoder = EncoderEmbeddingGenerator.Load(run);
        var chunker = new SentenceChunker(3, 1);
        var (texts, asked) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var part in CompanyGenerator.Generate(2, long.MaxValue))
        {
            foreach (var document in part.Documents)
                foreach (var passage in chunker.Split(document))
                    if (texts.Count < passages) texts.Add(passage.Text);
            foreach (var question in part.Questions)
                if (asked.Count < questions + 500) asked.Add(question.Question);
            if (texts.Count == passages && asked.Count == questions + 500) break;
        }
        float[][] Embed(IEnumerable<string> all) => [.. all.Chunk(1024).SelectMany(chunk => encoder.GenerateAsync(chunk).Result.Select(embedding => embedding.Vector.ToArray()))];
        string[] mixed = [.. asked];
        new Random(1).Shuffle(mixed);   // they came project by project
        var questionVectors = Embed(mixed);
        return new($"company passages by {encoder.Info.Name}", Embed(texts), questionVectors[..500], questionVectors[500..]);
    }

    /// <summary>Keeps the vectors, so that several runs measure the same.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "passages.f32"), Passages);
        Write(Path.Combine(folder, "development.f32"), Development);
        Write(Path.Combine(folder, "questions.f32"), Questions);
        File.WriteAllText(Path.Combine(folder, "what.txt"), What);
    }

    /// <summary>Vectors that were kept; null where there are none.</summary>
    public static StoreVectors? Load(string folder, int dimensions = 384)
    {
        if (!File.Exists(Path.Combine(folder, "what.txt"))) return null;
        float[][] Read(string name)
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(folder, name));
            return [.. Enumerable.Range(0, bytes.Length / (4 * dimensions)).Select(i => MemoryMarshal.Cast<byte, float>(bytes.AsSpan(i * 4 * dimensions, 4 * dimensions)).ToArray())];
        }
        return new(File.ReadAllText(Path.Combine(folder, "what.txt")), Read("passages.f32"), Read("development.f32"), Read("questions.f32"));
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
