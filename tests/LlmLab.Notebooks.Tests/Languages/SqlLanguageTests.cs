using LlmLab.Data.Warehouse;
using LlmLab.Notebooks.Languages;
using Microsoft.Data.Analysis;

namespace LlmLab.Notebooks.Tests.Languages;

public sealed class SqlLanguageTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("llmlab-sql").FullName;
    readonly FakeLanguage main = FakeLanguage.Returning((code, _) => code.Trim());

    public void Dispose() => Directory.Delete(folder, recursive: true);

    NotebookSession Session()
    {
        using (var warehouse = DataWarehouse.Open(Path.Combine(folder, "w.duckdb"))) warehouse.Execute("CREATE TABLE t AS SELECT i AS n, 'row ' || i AS name FROM range(3) r(i)");
        return new NotebookSession([main, new SqlLanguage(main, folder)]);
    }

    [Fact]
    public async Task ExecuteAsync_Query_ShowsATableAndSetsTheVariable()
    {
        await using var session = Session();
        var host = new RecordingHost();
        var result = await session.ExecuteAsync("#!sql\n-- from: w.duckdb\n-- into: rows\nSELECT n, name FROM t ORDER BY n DESC", null, host);
        Assert.Equal(CellStatus.Ok, result.Status);
        var frame = Assert.IsType<DataFrame>(main.Set["rows"]);
        Assert.Equal((3L, "row 2"), (frame.Rows.Count, frame["name"][0]));
        Assert.Contains("row 2", Assert.Single(host.Outputs.OfType<ResultOutput>()).Bundle.Html());
    }

    [Fact]
    public async Task ExecuteAsync_WrongStatement_FailsWithDuckDbsWords()
    {
        await using var session = Session();
        var result = await session.ExecuteAsync("#!sql\n-- from: w.duckdb\nSELECT * FROM nowhere", null, new RecordingHost());
        Assert.Equal(CellStatus.Error, result.Status);
        Assert.Contains("nowhere", result.Error!.Message);
    }

    [Fact]
    public async Task ExecuteAsync_Writing_IsRefused()
    {
        await using var session = Session();
        Assert.Equal(CellStatus.Error, (await session.ExecuteAsync("#!sql\n-- from: w.duckdb\nDROP TABLE t", null, new RecordingHost())).Status);
        Assert.Equal(CellStatus.Ok, (await session.ExecuteAsync("#!sql\n-- from: w.duckdb\nSELECT count(*) FROM t", null, new RecordingHost())).Status);
    }
}
