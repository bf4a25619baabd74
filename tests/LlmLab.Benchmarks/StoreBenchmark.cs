using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using LlmLab.Retrieval.Stores;
using LlmLab.Retrieval.Stores.Indexes;
using LlmLab.Retrieval.Stores.Sqlite;
using Microsoft.Extensions.VectorData;

namespace LlmLab.Benchmarks;

/// <summary>
/// The embedded vector store beside npm's hnswlib-node, in one run on the same vectors: 100,000 of 384 dimensions, 10,000 questions, one a call,
/// four callers. Recall counts a passage as found if it is as near as the tenth nearest. <c>--encoder RUN</c> takes company passages by an encoder,
/// <c>--folder F --prepare</c> makes vectors and peers' indexes beforehand.
/// </summary>
static class StoreBenchmark
{
    const int Top = 10, Callers = 4;

    public static int Run(string[] arguments)
    {
        int passages = Number(arguments, "--vectors", 100_000), questions = Number(arguments, "--queries", 10_000);
        string? kept = Text(arguments, "--folder"), encoder = Text(arguments, "--encoder");
        string folder = kept ?? Directory.CreateTempSubdirectory("llmlab-stores-").FullName;
        try
        {
            var vectors = StoreVectors.Load(folder);
            if (vectors is null)
            {
                vectors = encoder is null ? StoreVectors.Synthetic(passages, questions) : StoreVectors.Company(encoder, passages, questions);
                vectors.Save(folder);
            }
            Console.WriteLine($"{vectors.Passages.Length} vectors, {vectors.Questions.Length} questions ({vectors.What}); {Environment.ProcessorCount} processors");
            var peers = arguments.Contains("--no-peers") ? null : HnswlibPeer.Build(vectors, folder);
            if (arguments.Contains("--prepare")) return 0;
            var truth = vectors.Nearest(Top);
            File.Delete(Path.Combine(folder, "passages.db"));
            Ours(vectors, truth, folder).Wait();
            peers?.Measure(vectors, truth);
            return 0;
        }
        finally
        {
            if (kept is null) Directory.Delete(folder, recursive: true);
        }
    }

    static async Task Ours(StoreVectors vectors, float[][] truth, string folder)
    {
        using var store = new SqliteStore(Path.Combine(folder, "passages.db"));
        var definition = new VectorStoreCollectionDefinition
        {
            Properties =
            [
                new VectorStoreKeyProperty("key", typeof(long)),
                new VectorStoreDataProperty("text", typeof(string)),
                new VectorStoreVectorProperty("embedding", typeof(ReadOnlyMemory<float>), vectors.Passages[0].Length),
            ],
        };
        var collection = store.GetDynamicCollection("passages", definition);
        await collection.EnsureCollectionExistsAsync();
        long began = Stopwatch.GetTimestamp();
        foreach (int[] chunk in Enumerable.Range(0, vectors.Passages.Length).Chunk(1000))
            await collection.UpsertAsync(chunk.Select(i => new Dictionary<string, object?> { ["key"] = (long)i, ["text"] = $"Passage {i} of the company.", ["embedding"] = new ReadOnlyMemory<float>(vectors.Passages[i]) }));
        Print("LlmLab, SQLite: records written, durable every 1,000", Stopwatch.GetElapsedTime(began).TotalSeconds, "s");
        var index = (IVectorIndex)collection.GetService(typeof(IVectorIndex))!;
        began = Stopwatch.GetTimestamp();
        await index.BuildAsync();
        Print("LlmLab, SQLite: index loaded, built, tuned and kept", Stopwatch.GetElapsedTime(began).TotalSeconds, "s");
        var chosen = await index.MeasureRecallAsync([.. vectors.Development.Select(v => (ReadOnlyMemory<float>)v)]);
        Print($"  the width it chose by itself, {chosen.SearchWidth}: recall on 500 other questions", chosen.Recall, "");
        chosen = await index.TuneAsync(0.995, [.. vectors.Development.Select(v => (ReadOnlyMemory<float>)v)]);
        Print("  width tuned on those 500 questions", chosen.SearchWidth, "");
        Print("  one exact search", chosen.MillisecondsExact, "ms");

        var found = new double[vectors.Questions.Length];
        await Callers_(i => Search(collection, vectors, truth, i, found)); // warm
        began = Stopwatch.GetTimestamp();
        await Callers_(i => Search(collection, vectors, truth, i, found));
        Print("LlmLab, SQLite: questions a second, records with their text", vectors.Questions.Length / Stopwatch.GetElapsedTime(began).TotalSeconds, "");
        Print("  recall@10", found.Sum() / vectors.Questions.Length / Top, "");
        var inner = store.Vectors("passages", null!);
        var raw = store.Database.Read(session => inner.Index(session, 0, default));
        Console.WriteLine("LlmLab, the index alone:");
        foreach (int width in new[] { 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512 })
        {
            began = Stopwatch.GetTimestamp();
            await Callers_(i =>
            {
                found[i] = raw.Search(vectors.Questions[i], Top, width: width).Count(neighbour => neighbour.Closeness >= truth[i][^1] - 1e-6f);
                return Task.CompletedTask;
            });
            Print($"  width {width}: recall {found.Sum() / vectors.Questions.Length / Top:0.0000}, questions a second", vectors.Questions.Length / Stopwatch.GetElapsedTime(began).TotalSeconds, "");
        }

        Task Callers_(Func<int, Task> ask) => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (int i = caller; i < vectors.Questions.Length; i += Callers) await ask(i);
        })));
    }

    static async Task Search(VectorStoreCollection<object, Dictionary<string, object?>> collection, StoreVectors vectors, float[][] truth, int i, double[] found)
    {
        int count = 0;
        await foreach (var result in collection.SearchAsync(vectors.Questions[i], Top))
            if (result.Score >= truth[i][^1] - 1e-6f) count++;
        found[i] = count;
    }

    public static double Recall(StoreVectors vectors, float[][] truth, int question, ReadOnlySpan<int> ids)
    {
        int count = 0;
        foreach (int id in ids)
            if (TensorPrimitives.CosineSimilarity(vectors.Questions[question], vectors.Passages[id]) >= truth[question][^1] - 1e-6f) count++;
        return count;
    }

    public static void Print(string what, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-75} {value,10:0.####} {unit}"));

    static string? Text(string[] arguments, string name) => Array.IndexOf(arguments, name) is >= 0 and var at ? arguments[at + 1] : null;

    static int Number(string[] arguments, string name, int otherwise)
    {
        int at = Array.IndexOf(arguments, name);
        return at < 0 ? otherwise : int.Parse(arguments[at + 1], CultureInfo.InvariantCulture);
    }
}
