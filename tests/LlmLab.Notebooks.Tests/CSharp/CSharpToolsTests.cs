namespace LlmLab.Notebooks.Tests.CSharp;

public sealed class CSharpToolsTests
{
    /// <summary>Completes at the bar in the code.</summary>
    static async Task<CompletionList> Complete(Cells session, string code)
    {
        var position = code.IndexOf('|', StringComparison.Ordinal);
        return await session.Language.CompleteAsync(code.Remove(position, 1), position, CancellationToken.None);
    }

    static async Task<string?> Inspect(Cells session, string code)
    {
        var position = code.IndexOf('|', StringComparison.Ordinal);
        var bundle = await session.Language.InspectAsync(code.Remove(position, 1), position, CancellationToken.None);
        return (string?)bundle?.Data["text/plain"];
    }

    [Theory]
    [InlineData("\"text\".Sub|", "Substring", "method")]
    [InlineData("new[] { 1 }.Wh|", "Where", "method")]
    [InlineData("earl|", "earlier", "instance")]
    [InlineData("earlier.Na|", "Name", "property")]
    [InlineData("var p = new Per|", "Person", "class")]
    [InlineData("Twi|", "Twice", "method")]
    [InlineData("3.Hal|", "Half", "method")]
    [InlineData("forea|", "foreach", "keyword")]
    [InlineData("using System.Glo|", "Globalization", "namespace")]
    [InlineData("var local = 1;\nloc|\nvar after = 2;", "local", "instance")]
    [InlineData("var local = 1;\nint F() { return loc| }", "local", "instance")]
    [InlineData("class C { public int Field; int G() => Fie| }", "Field", "instance")]
    [InlineData("#r \"nuget: A, 1.0\"\nConso|", "Console", "class")]
    public async Task Complete_ProposesWhatFits(string code, string expected, string kind)
    {
        await using var session = new Cells();
        await session.Values("record Person(string Name); var earlier = new Person(\"a\"); int Twice(int n) => 2 * n; static class E { public static int Half(this int n) => n / 2; }");
        var list = await Complete(session, code);
        Assert.Equal(kind, Assert.Single(list.Items, item => item.Text == expected).Kind);
        Assert.Equal(code.IndexOf('|', StringComparison.Ordinal), list.End);
        Assert.StartsWith(code.Replace("|", "", StringComparison.Ordinal)[list.Start..list.End], expected);
        Assert.DoesNotContain(list.Items, item => item.Text.StartsWith("__", StringComparison.Ordinal) || item.Text.StartsWith("Cell1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Complete_OfNothing_ProposesNamesOfTheSession()
    {
        await using var session = new Cells();
        await session.Values("var x1 = 1;", "var x1 = \"two\"; var x2 = 2;");
        var list = await Complete(session, "|");
        Assert.Contains(list.Items, item => item.Text == "x2");
        Assert.Contains((await Complete(session, "x1.Leng|")).Items, item => item.Text == "Length");
    }

    [Fact]
    public async Task Complete_HasSignatureAndDocumentation()
    {
        await using var session = new Cells();
        var item = Assert.Single((await Complete(session, "string.IsNullOrWh|")).Items);
        Assert.Equal("bool string.IsNullOrWhiteSpace(string? value)", item.Signature.Replace("[NotNullWhen(false)] ", ""));
        Assert.Contains("white-space", item.Documentation);
    }

    [Theory]
    [InlineData("Math.Ma|x(1, 2)", "Math.Max")]
    [InlineData("Math.Max|(1, 2)", "Math.Max")]
    [InlineData("Math.Max(1, |2)", "Math.Max")]
    [InlineData("earli|er", "int earlier")]
    [InlineData("LlmLab.Operation.Cur|rent", "The innermost operation of this logical call")]
    [InlineData("string.IsNullOrEmpt|y(\"\")", "Indicates whether the specified string is")]
    public async Task Inspect_ShowsSignatureAndDocumentation(string code, string expected)
    {
        await using var session = new Cells();
        await session.Values("var earlier = 1;");
        Assert.Contains(expected, await Inspect(session, code));
    }

    [Fact]
    public async Task Inspect_OfNothing_IsNull()
    {
        await using var session = new Cells();
        Assert.Null(await Inspect(session, "  |  "));
    }

    [Theory]
    [InlineData("1 + 1", "complete", "")]
    [InlineData("var x = 1;", "complete", "")]
    [InlineData("#r \"nuget: A, 1.0\"", "complete", "")]
    [InlineData("for (var i = 0; i < 3; i++) {", "incomplete", "    ")]
    [InlineData("class C {\n    void F() {", "incomplete", "        ")]
    [InlineData("Console.WriteLine(", "incomplete", "    ")]
    [InlineData("var text = \"\"\"\none", "incomplete", "")]
    [InlineData("/* open", "incomplete", "")]
    [InlineData("var = ;", "invalid", "")]
    [InlineData("var x = 1 2;", "invalid", "")]
    public async Task IsComplete_TellsWhetherToAskForMore(string code, string status, string indent)
    {
        await using var session = new Cells();
        Assert.Equal(new Completeness(status, indent), await session.Language.IsCompleteAsync(code));
    }
}
