using LlmLab.Retrieval.Stores;
using LlmLab.Retrieval.Stores.Indexes;

namespace LlmLab.Tests.Retrieval.Stores;

public sealed class VectorIndexTests
{
    const int Dimensions = 40;
    static readonly VectorIndexOptions Early = new() { HnswFrom = 500, ConstructionWidth = 100, Recall = 0.98, Threads = 1 };

    /// <summary>Vectors about 30 centres; the same seed gives the same.</summary>
    static float[][] Vectors(int count, int seed = 1)
    {
        var random = new Random(7);
        var centres = Enumerable.Range(0, 30).Select(_ => Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() * 2 - 0.7f).ToArray()).ToArray();
        random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var centre = centres[random.Next(centres.Length)];
            return centre.Select(value => value + (random.NextSingle() - 0.5f) * 0.8f).ToArray();
        })];
    }

    static VectorIndex Filled(float[][] vectors, VectorMetric metric, VectorIndexOptions options)
    {
        var index = new VectorIndex(Dimensions, metric, options);
        for (int i = 0; i < vectors.Length; i++) index.Add(i + 1, vectors[i]);
        return index;
    }

    static ReadOnlyMemory<float>[] Queries(int count) => [.. Vectors(count, 99).Select(vector => (ReadOnlyMemory<float>)vector)];

    [Theory]
    [InlineData(VectorMetric.Cosine)]
    [InlineData(VectorMetric.DotProduct)]
    [InlineData(VectorMetric.Euclidean)]
    public void Exact_AnyMetric_IsTheOrderOfTheDefinition(VectorMetric metric)
    {
        var vectors = Vectors(300);
        var index = Filled(vectors, metric, new VectorIndexOptions());
        foreach (var query in Queries(5))
        {
            var q = query.Span.ToArray();
            double Closeness(float[] v)
            {
                double dot = q.Zip(v, (a, b) => (double)a * b).Sum(), square = q.Zip(v, (a, b) => (double)(a - b) * (a - b)).Sum();
                return metric switch { VectorMetric.Cosine => dot / Math.Sqrt(q.Sum(a => (double)a * a) * v.Sum(b => (double)b * b)), VectorMetric.DotProduct => dot, _ => -square };
            }
            var expected = Enumerable.Range(0, vectors.Length).OrderByDescending(i => Closeness(vectors[i])).Take(7).ToArray();
            var found = index.Search(q, 7);
            Assert.Equal(expected.Select(i => i + 1L), found.Select(neighbour => neighbour.Id));
            Assert.All(found.Zip(expected), pair => Assert.Equal(Closeness(vectors[pair.Second]), pair.First.Closeness, 1e-4));
        }
    }

    [Theory]
    [InlineData(VectorMetric.Cosine)]
    [InlineData(VectorMetric.DotProduct)]
    [InlineData(VectorMetric.Euclidean)]
    public void Graph_OfClusteredVectors_FindsWhatExactSearchFinds(VectorMetric metric)
    {
        var index = Filled(Vectors(4000), metric, Early);
        Assert.True(index.Prepare(CancellationToken.None));
        Assert.NotNull(index.Graph);
        var report = index.MeasureRecall(Queries(200), 10, CancellationToken.None);
        Assert.InRange(report.Recall, 0.97, 1);
        Assert.True(report.SearchWidth > 0);
        Assert.InRange(index.Tune(0.999, Queries(200), 10, CancellationToken.None).Recall, 0.999, 1);
    }

    [Fact]
    public void Graph_BuiltByAnyNumberOfThreads_IsTheSame()
    {
        byte[] Built(int threads)
        {
            var index = Filled(Vectors(1500), VectorMetric.Cosine, Early with { Threads = threads });
            index.Prepare(CancellationToken.None);
            using var stream = new MemoryStream();
            HnswFile.Write(stream, index.Graph!, index.Table);
            return stream.ToArray();
        }
        Assert.Equal(Built(1), Built(3));
    }

    [Fact]
    public void Graph_WithLaterAndRemovedRecords_StillFindsWhatIsThere()
    {
        var vectors = Vectors(3000);
        var index = Filled(vectors[..2000], VectorMetric.Cosine, Early);
        index.Prepare(CancellationToken.None);
        for (int i = 2000; i < 3000; i++) index.Add(i + 1, vectors[i]); // compared exactly
        Assert.Equal(2500, index.Search(vectors[2499], 1)[0].Id);
        for (int i = 3000; i < 3100; i++) index.Add(i + 1, vectors[i - 3000]); // now so many that the graph takes them
        Assert.True(index.Prepare(CancellationToken.None));
        Assert.Equal(3100, index.Graph!.Count);
        for (int i = 1; i <= 3100; i += 7) index.Remove(i);
        foreach (var query in Queries(50)) Assert.DoesNotContain(index.Search(query.Span, 10), neighbour => neighbour.Id % 7 == 1);
        Assert.InRange(index.MeasureRecall(Queries(200), 10, CancellationToken.None).Recall, 0.97, 1);
    }

    [Fact]
    public void Graph_MostRecordsRemoved_IsLeftForExactSearch()
    {
        var index = Filled(Vectors(3000), VectorMetric.Cosine, Early);
        index.Prepare(CancellationToken.None);
        for (int i = 1; i <= 2700; i++) index.Remove(i);
        index.Prepare(CancellationToken.None);
        Assert.Null(index.Graph);
        Assert.Equal(300, index.Table.Count);
        Assert.Equal(300, index.Search(Vectors(1)[0], 1000).Count);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(2)]
    public void Search_AmongSome_FindsTheNearestOfThose(int every)
    {
        var index = Filled(Vectors(45_000), VectorMetric.Cosine, Early with { ConstructionWidth = 40, Recall = 0.9 });
        index.Prepare(CancellationToken.None);
        List<long> among = [.. Enumerable.Range(1, 45_000).Where(i => i % every == 0).Select(i => (long)i)];
        double found = 0;
        var queries = Queries(100);
        foreach (var query in queries)
        {
            var exact = index.Search(query.Span, 10, among, width: -1);
            var approximate = index.Search(query.Span, 10, among, width: 100);
            Assert.All(approximate, neighbour => Assert.Equal(0, neighbour.Id % every));
            found += approximate.Count(neighbour => neighbour.Closeness >= exact[^1].Closeness);
        }
        Assert.InRange(found / (10 * queries.Length), 0.95, 1);
    }

    [Fact]
    public void Graph_OfEqualVectors_IsBuiltAndSearched()
    {
        var vectors = Enumerable.Repeat(Vectors(1)[0], 800).Concat(Enumerable.Repeat(new float[Dimensions], 10)).ToArray();
        var index = Filled(vectors, VectorMetric.Cosine, Early);
        index.Prepare(CancellationToken.None);
        Assert.All(index.Search(vectors[0], 10), neighbour => Assert.Equal(1, neighbour.Closeness, 5));
    }
}
