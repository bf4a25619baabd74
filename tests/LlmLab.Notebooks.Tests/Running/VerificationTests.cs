using System.Text.Json.Nodes;
using LlmLab.Notebooks.Documents;
using LlmLab.Notebooks.Running;

namespace LlmLab.Notebooks.Tests.Running;

public sealed class VerificationTests
{
    static RecordedResult Result(string name, double value, double tolerance = 0) => new("n.ipynb", name, value, tolerance, false);

    [Theory]
    [InlineData(1.90, 1.91, 0.02, "ok")]
    [InlineData(1.90, 1.92, 0.02, "ok")] // 1.92 - 1.90 is a little more than 0.02 in binary
    [InlineData(1.90, 1.93, 0.02, "differs")]
    [InlineData(1.90, 1.87, 0.02, "differs")]
    [InlineData(5, 5, 0, "ok")]
    [InlineData(5, 5.0001, 0, "differs")]
    public void Compare_Difference_IsHeldToTheTolerance(double recorded, double rerun, double tolerance, string outcome) =>
        Assert.Equal(outcome, Assert.Single(Verification.Compare("n.ipynb", [Result("loss", recorded, tolerance)], [Result("loss", rerun, tolerance)])).Outcome);

    [Fact]
    public void Compare_MissingAndNew_AreTold()
    {
        var compared = Verification.Compare("n.ipynb", [Result("gone", 1)], [Result("fresh", 2)]);
        Assert.Equal([("gone", "missing", false), ("fresh", "new", true)], compared.Select(one => (one.Name, one.Outcome, one.Holds)));
    }

    [Fact]
    public void OfNotebooks_NoneHoldsANumber_IsRefused()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("llmlab-verify-").FullName, "empty.ipynb");
        NotebookFile.Write(file, new Notebook([new NotebookCell("a", CellKind.Code, "1")]));
        Assert.Contains("recorded number", Assert.Throws<InvalidInputException>(() => Verification.OfNotebooks([file])).Message);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public void Of_OutputsOfANotebook_AreItsNumbersTheLaterOfEqualNames()
    {
        JsonObject Output(string name, double value) => JsonNode.Parse($$"""{"output_type":"display_data","metadata":{},"data":{"application/vnd.llmlab.result+json":{"name":"{{name}}","value":{{value}},"tolerance":0.5,"higherIsBetter":true} } }""")!.AsObject();
        var notebook = new Notebook([new NotebookCell("a", CellKind.Code, "x") { Outputs = [Output("a", 1), Output("b", 2), Output("a", 3)] }]);
        Assert.Equal([new RecordedResult("n.ipynb", "a", 3, 0.5, true), new RecordedResult("n.ipynb", "b", 2, 0.5, true)], RecordedResult.Of(notebook, "folder/n.ipynb"));
    }

    [Theory]
    [InlineData(1.898234, 0.02, "1.898")]
    [InlineData(1234.5678, 25, "1235")]
    [InlineData(0.5, 0, "0.5")]
    [InlineData(1115394, 0, "1115394")]
    [InlineData(0.12345678, 0, "0.123457")]
    [InlineData(-1.4e-17, 1e-9, "0")]
    [InlineData(0.66666666666, 1e-9, "0.666667")]
    public void Number_WithTolerance_HasOneDigitMore(double value, double tolerance, string expected) => Assert.Equal(expected, ResultsTable.Number(value, tolerance));

    [Fact]
    public void Insert_Table_ReplacesWhatIsBetweenTheMarkersAndNothingElse()
    {
        string table = ResultsTable.ToMarkdown([Result("a | b", 1.5, 0.1)]);
        Assert.Contains("| n.ipynb | a \\| b | 1.50 | 0.1 | lower |", table);
        string once = ResultsTable.Insert($"# Title\n{ResultsTable.Begin}\nold\n{ResultsTable.End}\nrest\n", "README.md", table);
        Assert.Equal($"# Title\n{ResultsTable.Begin}\n{table}{ResultsTable.End}\nrest\n", once);
        Assert.Equal(once, ResultsTable.Insert(once, "README.md", table));
        Assert.Throws<InvalidInputException>(() => ResultsTable.Insert("# Title", "README.md", table));
    }
}
