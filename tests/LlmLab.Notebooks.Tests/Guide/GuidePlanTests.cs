using System.Text.Json.Nodes;
using LlmLab.Notebooks.Documents;
using LlmLab.Notebooks.Guide;

namespace LlmLab.Notebooks.Tests.Guide;

public sealed class GuidePlanTests : IDisposable
{
    static readonly Dictionary<string, string> none = [];

    readonly string folder = Directory.CreateTempSubdirectory("llmlab-guide-").FullName;

    public GuidePlanTests()
    {
        Write("02-data.ipynb", "string data = \"\";\nint seed = 1;");
        Write("01-objective.ipynb", null);
        Write("10-late.ipynb", "var seed = 2;");
        Write("scratch.ipynb", null);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Make_All_AreTheNumberedOnesInOrder()
    {
        var steps = GuidePlan.Make(folder, [], none);
        Assert.Equal(["01-objective", "02-data", "10-late"], steps.Select(step => step.Name));
        Assert.Equal("About 02-data.ipynb", steps[1].Title);
    }

    [Fact]
    public void Make_Only_TakesNumbersWithAndWithoutZero() =>
        Assert.Equal(["02-data", "10-late"], GuidePlan.Make(folder, ["2", "10"], none).Select(step => step.Name));

    [Fact]
    public void Make_Parameters_GoToTheNotebooksThatHaveThem()
    {
        string data = Path.GetRelativePath(Directory.GetCurrentDirectory(), folder);
        var steps = GuidePlan.Make(folder, [], new Dictionary<string, string> { ["data"] = data, ["seed"] = "3" });
        Assert.Empty(steps[0].Parameters);
        Assert.Equal((folder, "3"), (steps[1].Parameters["data"], steps[1].Parameters["seed"]));
        Assert.Equal("3", Assert.Single(steps[2].Parameters).Value);
    }

    [Fact]
    public void Make_UnknownNotebookOrParameter_IsRefused()
    {
        Assert.Contains("no notebook \"07\"", Assert.Throws<InvalidInputException>(() => GuidePlan.Make(folder, ["07"], none)).Message);
        Assert.Contains("\"dat\"", Assert.Throws<InvalidInputException>(() => GuidePlan.Make(folder, [], new Dictionary<string, string> { ["dat"] = "x" })).Message);
    }

    void Write(string name, string? parameters)
    {
        var cells = new List<NotebookCell> { new("title", CellKind.Markdown, "# About " + name) };
        if (parameters is not null) cells.Add(new NotebookCell("set", CellKind.Code, parameters) { Metadata = new JsonObject { ["tags"] = new JsonArray("parameters") } });
        NotebookFile.Write(Path.Combine(folder, name), new Notebook(cells));
    }
}
