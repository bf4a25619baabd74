using LlmLab.Data.Company;
using LlmLab.Evaluation.Classification;
using LlmLab.Evaluation.Fluency;
using LlmLab.Retrieval.Embeddings;
using LlmLab.Retrieval.Embeddings.Benchmark;
using Microsoft.Extensions.AI;

namespace LlmLab.Tests.Retrieval.Embeddings.Benchmark;

public sealed class EmbeddingBenchmarkTests
{
    public EmbeddingBenchmarkTests() => Training.TorchThreads.One();

    // Texts "topic number": the topic's axis, turned a little by the number.
    sealed class Axes : LocalEmbeddingGenerator
    {
        public override EmbeddingModelInfo Info { get; } = new("axes", 4, "0", 0);

        public override float[][] Embed(IReadOnlyList<string> texts, bool queries = false) => [.. texts.Select(text =>
        {
            float[] vector = new float[4];
            vector[text[0] - 'a'] = 1;
            vector[3] = 0.1f * (text[1] - '0');
            return vector;
        })];
    }

    static readonly LabelledText[] labelled = [.. from topic in "abc" from number in "0123" select new LabelledText($"{topic}{number}", topic.ToString())];

    [Fact]
    public async Task CompareAsync_ModelThatKnowsTheTopics_PerfectScores()
    {
        EmbeddingTask[] tasks =
        [
            new RetrievalTask("find", [.. labelled.Select(t => KeyValuePair.Create(t.Text, t.Text))], [new("q1", "a0", ["a0"]), new("q2", "b9", ["a1", "b3"])]),
            new SimilarityTask("pairs", [new("a0", "a0", 3), new("a0", "a3", 2), new("a0", "a9", 1), new("a0", "b9", 0)]),
            new ClassificationTask("classes", labelled, [new("a5", "a"), new("b5", "b"), new("c5", "c")]),
            new ClusteringTask("groups", labelled),
        ];
        var rows = await EmbeddingBenchmark.CompareAsync([new HashedNgramEmbeddings(), new Axes()], tasks);
        Assert.Equal("axes", rows[0].Model);
        Assert.All(rows[0].Scores, s => Assert.Equal(1, s.Score.Value, 1e-9));
        Assert.Equal(1, rows[0].Mean, 1e-9);
        Assert.Contains("| axes | 0 | 4 |", EmbeddingBenchmark.ToMarkdown(rows));
        Assert.Equal(0.016, rows[0].GigabytesPerMillion, 1e-9);   // four numbers of four bytes, a million times
    }

    [Fact]
    public void ToMarkdown_ModelWhoseProviderCountsTokens_ShowsThemOrWhatTheyCost()
    {
        LeaderboardRow[] rows = [new("hosted", null, 1536, 100, 250, [new("find", EmbeddingUse.Retrieval, LlmLab.Evaluation.Statistics.Estimate.OfShare(1, 2))])];
        Assert.Contains("| 6.14 | 250.0 million tokens |", EmbeddingBenchmark.ToMarkdown(rows));
        Assert.Contains("| 6.14 | 3 h here |", EmbeddingBenchmark.ToMarkdown([rows[0] with { TokensPerText = null }]));
        Assert.Contains("| 6.14 | 20 s here |", EmbeddingBenchmark.ToMarkdown([rows[0] with { TokensPerText = null, TextsPerSecond = 50_000 }]));
        Assert.Contains("| 6.14 | 5.00 |", EmbeddingBenchmark.ToMarkdown(rows, price: 0.02));
    }

    [Fact]
    public async Task Load_FilesOfJsonLines_TheTaskThatTheirMembersSay()
    {
        string folder = Directory.CreateTempSubdirectory("llmlab-tasks-").FullName;
        string Write(string name, params string[] lines)
        {
            string file = Path.Combine(folder, name);
            File.WriteAllLines(file, lines);
            return file;
        }
        string Labels(string name) => Write(name, [.. labelled.Select(t => $$"""{"text":"{{t.Text}}","label":{{t.Label[0] - 'a'}}}""")]);
        string Message(string file) => Assert.Throws<InvalidInputException>(() => EmbeddingTaskFile.Load(file)).Message;
        try
        {
            var pairs = EmbeddingTaskFile.Load(Write("sts.jsonl", """{"sentence1":"a0","sentence2":"a0","score":5}""", """{"sentence1":"a0","sentence2":"a9","score":2.5}""", """{"sentence1":"a0","sentence2":"b9","score":0}"""));
            var groups = EmbeddingTaskFile.Load(Labels("groups-test.jsonl"));
            Labels("topics-train.jsonl");
            var classes = EmbeddingTaskFile.Load(Labels("topics-test.jsonl"));
            Assert.Equal([EmbeddingUse.Similarity, EmbeddingUse.Clustering, EmbeddingUse.Classification], new[] { pairs, groups, classes }.Select(t => t.Use));
            Assert.Equal("sts", pairs.Name);
            foreach (var task in new[] { pairs, groups, classes }) Assert.Equal(1, (await task.ScoreAsync(new TextEmbedder(new Axes()))).Value, 1e-9);
            Assert.Equal(2, ((SimilarityTask)EmbeddingTaskFile.Load(Path.Combine(folder, "sts.jsonl"), most: 2)).Pairs.Count);
            Assert.Contains("line 2", Message(Write("broken.jsonl", """{"text":"a0","label":"a"}""", """{"text":"a0"}""")));
            Assert.Contains("found question", Message(Write("other.jsonl", """{"question":"a0"}""")));
            Assert.Contains("empty", Message(Write("empty.jsonl")));
            Assert.Contains("does not exist", Message(Path.Combine(folder, "nothing")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]   // scikit-learn 1.2, v_measure_score: the cases of its documentation
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 1, 1, 0, 0 }, 1.0)]
    [InlineData(new[] { 0, 0, 1, 2 }, new[] { 0, 0, 1, 1 }, 0.8)]
    [InlineData(new[] { 0, 1, 2, 3 }, new[] { 0, 0, 1, 1 }, 0.6666667)]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 0, 0, 1, 2 }, 0.8)]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 0, 1, 2, 3 }, 0.6666667)]
    [InlineData(new[] { 0, 0, 0, 0 }, new[] { 0, 1, 2, 3 }, 0.0)]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 0, 0, 0, 0 }, 0.0)]
    public void VMeasure_CasesOfScikitLearn_AreEqual(int[] truth, int[] found, double expected) => Assert.Equal(expected, Agreement.VMeasure(truth, found), 1e-6);

    [Fact]
    public async Task Company_LatentSemanticAnalysis_BetterThanChanceInEveryUse()
    {
        var tasks = CompanyEmbeddingTasks.All(1, 200_000, CompanySplit.Test, 120);
        Assert.Equal(Enum.GetValues<EmbeddingUse>(), tasks.Select(t => t.Use).Order());
        using var model = LatentSemanticAnalysis.Train([.. CompanyPairs.Of(1, 200_000).SelectMany(p => p.Positives.Append(p.Anchor))], 64);
        var row = (await EmbeddingBenchmark.CompareAsync([model], tasks))[0];
        Assert.All(row.Scores, s => Assert.True(s.Score.Value > 0.1, $"{s.Task}: {s.Score}"));
    }

    [Fact]
    public async Task Load_XquadInBeirsForm_AllQueriesAnswered()
    {
        var task = BeirFolder.Load(SharedFiles.Data("retrieval/xquad-beir"));
        Assert.Equal(1_190, task.Queries.Count);   // XQuAD has 240 paragraphs and 1,190 questions
        Assert.Equal(240, task.Documents.Count);
        using var model = LatentSemanticAnalysis.Train([.. task.Documents.Select(d => d.Value)], 200);
        Assert.InRange((await task.ScoreAsync(new TextEmbedder(model))).Value, 0.8, 1);
    }

    [Fact]
    public void Load_BrokenFolder_SaysWhere()
    {
        string folder = Directory.CreateTempSubdirectory("llmlab-beir-").FullName;
        Assert.Contains("corpus.jsonl", Assert.Throws<InvalidInputException>(() => BeirFolder.Load(folder)).Message);
        File.WriteAllText(Path.Combine(folder, "corpus.jsonl"), "{\"_id\":\"d\",\"text\":\"x\"}\n");
        File.WriteAllText(Path.Combine(folder, "queries.jsonl"), "{\"_id\":\"q\",\"text\":\"y\"}\nno json\n");
        File.WriteAllText(Path.Combine(folder, "qrels.tsv"), "query-id\tcorpus-id\tscore\nq\td\t1\n");
        Assert.Contains("line 2", Assert.Throws<InvalidInputException>(() => BeirFolder.Load(folder)).Message);
        File.WriteAllText(Path.Combine(folder, "qrels.tsv"), "q\td\n");
        Assert.Contains("qrels.tsv, line 1", Assert.Throws<InvalidInputException>(() => BeirFolder.Load(folder)).Message);
        Directory.Delete(folder, recursive: true);
    }
}
