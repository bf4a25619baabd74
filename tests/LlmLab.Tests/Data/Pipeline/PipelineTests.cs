using LlmLab.Data;
using LlmLab.Data.Pipeline;
using LlmLab.Data.Pipeline.Steps;

namespace LlmLab.Tests.Data.Pipeline;

using Pipeline = LlmLab.Data.Pipeline.Pipeline;

public sealed class PipelineTests
{
    static Document Doc(string id, string text, DocumentMetadata? metadata = null) => new(id, text, metadata ?? new DocumentMetadata { Source = id });

    static string Prose(int seed, int words = 120)
    {
        var random = new Random(seed);
        return string.Join(' ', Enumerable.Range(0, words).Select(_ => "word" + random.Next(5_000)));
    }

    static Corpus Many(int count) => Corpus.FromDocuments("many", [.. Enumerable.Range(0, count).Select(i => Doc($"d{i}", i % 10 == 9 ? Prose(i - 1) : i % 10 == 8 && i > 10 ? Prose(i) : i % 10 == 7 ? Prose(i - 1) + " and a few more words" : Prose(i)))]);

    static readonly PipelineStep[] duplicates = [new ExactDuplicates(), new NearDuplicates()];

    [Fact]
    public void Run_Duplicates_DropsThemAndWritesEveryTable()
    {
        using var folder = new TemporaryFolder();
        string text = Prose(1);
        var corpus = Corpus.FromDocuments("c", [Doc("a", text), Doc("b", text.ToUpperInvariant() + "\n"), Doc("c", text + " with an addition"), Doc("d", Prose(2))]);
        KnownFault[] faults = [new(FaultKind.ExactDuplicate, "b", Related: "a"), new(FaultKind.NearDuplicate, "c", Related: "a")];
        var result = new Pipeline(duplicates).Run(corpus, folder.Path, faults);
        Assert.Equal(["a", "d"], result.Corpus.Documents.Select(d => d.Id));
        Assert.Equal([1.0, 1.0], result.Steps.Select(s => s.Score!.Recall));
        Assert.Equal([1.0, 1.0], result.Steps.Select(s => s.Score!.Precision));
        using var warehouse = result.OpenWarehouse();
        Assert.Equal(4L, warehouse.Query("SELECT count(*) FROM inputs").Scalar());
        Assert.Equal(["b", "c"], warehouse.Query("SELECT document FROM decisions WHERE decision = 'dropped' ORDER BY document").Rows.Select(r => (string)r[0]!));
        Assert.Equal("a", warehouse.Query("SELECT related FROM decisions WHERE document = 'c'").Scalar());
        Assert.Contains("near duplicates", result.DataCard);
    }

    [Fact]
    public void ScoresChart_NoKnownFaults_ShowsWhatEachStepDidInstead()
    {
        using var folder = new TemporaryFolder();
        var result = new Pipeline(duplicates).Run(Many(40), folder.Path);
        var chart = result.ScoresChart();
        Assert.Equal(result.Steps.Select(step => step.Name), chart.Categories);
        Assert.Equal(result.Steps.Select(step => (double)(step.DocumentsIn - step.DocumentsOut)), chart.Series.Single(series => series.Name == "dropped").Y);
        Assert.True(chart.Series.Sum(series => series.Y.Sum()) > 0);
    }

    [Fact]
    public void Run_AnyNumberOfThreads_GivesTheSameBytes()
    {
        var files = new List<string>();
        foreach (int threads in (int[])[1, 2, 5])
        {
            using var folder = new TemporaryFolder();
            var result = new Pipeline(duplicates, new PipelineOptions { Threads = threads }).Run(Many(1_500), folder.Path);
            files.Add(File.ReadAllText(Path.Combine(folder.Path, "documents.jsonl.dvc")) + result.DataCard + string.Join('\n', result.Steps.SelectMany(s => s.Examples)));
        }
        Assert.Equal(files[0], files[1]);
        Assert.Equal(files[0], files[2]);
    }

    [Fact]
    public void Run_Version_NamesTheFilesBytesAndReadsBack()
    {
        using var folder = new TemporaryFolder();
        var result = new Pipeline(duplicates).Run(Many(40), folder.Path);
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder.Path, "documents.jsonl"));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), result.Version.Hash);
        string file = File.ReadAllText(Path.Combine(folder.Path, "documents.jsonl.dvc"));
        Assert.Contains($"- md5: {Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(bytes))}\n  size: {bytes.Length}\n  hash: md5\n  path: documents.jsonl\n", file);
        var read = VersionFile.Read(folder.Path);
        Assert.Equal(result.Version.Lineage, read.Lineage);
        Assert.Equal((result.Version.Hash, result.Version.Documents, result.Version.Inputs["many"]), (read.Hash, read.Documents, read.Inputs["many"]));
    }

    [Fact]
    public void DocumentJson_EveryProperty_SurvivesARoundTrip()
    {
        var document = new Document("id/1", "Text with \"quotes\", ü, \u2028 and 😀\n", new DocumentMetadata
        {
            Source = "s",
            Title = "t",
            Kind = DocumentKind.Budget,
            Project = "p",
            Phase = "design",
            Date = new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
            Version = "1.2",
            Supersedes = "id/0",
            Language = "de",
            Licence = "MIT",
            Sensitivity = Sensitivity.Confidential,
            Roles = ["hr", "legal"],
            Other = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" },
        });
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        DocumentJson.Write(buffer, document);
        var read = DocumentJson.Read(buffer.WrittenMemory, "line 1");
        Assert.Equal(document.Metadata.Roles, read.Metadata.Roles);
        Assert.Equal(document.Metadata.Other.OrderBy(o => o.Key), read.Metadata.Other.OrderBy(o => o.Key));
        Assert.Equal(document with { Metadata = document.Metadata with { Roles = [], Other = read.Metadata.Other } }, read with { Metadata = read.Metadata with { Roles = [] } });
    }

    [Fact]
    public void Run_CancelledHalfWay_StopsAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        IEnumerable<Document> Endless()
        {
            for (int i = 0; ; i++)
            {
                if (i == 5_000) stop.Cancel();
                yield return Doc($"d{i}", "some text " + i);
            }
        }
        using (Operation.Enter(stop.Token))
            Assert.ThrowsAny<OperationCanceledException>(() => new Pipeline(duplicates).Run(new Corpus("endless", "test", Endless), folder.Path));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Run_CorpusThatFails_ThrowsItsError()
    {
        using var folder = new TemporaryFolder();
        static IEnumerable<Document> Failing()
        {
            yield return Doc("a", "x");
            throw new InvalidInputException("the source broke");
        }
        Assert.Equal("the source broke", Assert.Throws<InvalidInputException>(() => new Pipeline(duplicates).Run(new Corpus("f", "test", Failing), folder.Path)).Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
