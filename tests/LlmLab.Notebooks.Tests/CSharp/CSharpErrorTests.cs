namespace LlmLab.Notebooks.Tests.CSharp;

public sealed class CSharpErrorTests
{
    [Fact]
    public async Task CompilationError_UnknownName_PointsAtIt()
    {
        await using var session = new Cells();
        var error = await session.Error("var a = 1;\nvar b = a + missing;");
        Assert.Equal("CompilationError", error.Name);
        Assert.Equal("The name 'missing' does not exist in the current context", error.Message);
        Assert.Equal(["Cell 1 (2,13): error CS0103: The name 'missing' does not exist in the current context", "    var b = a + missing;", "                ^^^^^^^"], error.Traceback);
        Assert.Empty(session.Language.Variables);
    }

    [Fact]
    public async Task CompilationError_InLambdaAfterRewrittenText_PointsAtIt()
    {
        await using var session = new Cells();
        var error = await session.Error("var rows = new[] { 1 }.Select(x => new { A = x, B = y }).ToList();");
        Assert.StartsWith("Cell 1 (1,53): error CS0103", error.Traceback[0]);
    }

    [Theory]
    [InlineData("var a = 1; var a = 2;")]
    [InlineData("int.TryParse(\"1\", out var a); int.TryParse(\"2\", out var a);")]
    public async Task CompilationError_NameDeclaredTwiceInACell_IsReported(string code)
    {
        await using var session = new Cells();
        Assert.Contains("CS0128", (await session.Error(code)).Traceback[0]);
    }

    [Fact]
    public async Task CompilationError_Syntax_IsReportedOnce()
    {
        await using var session = new Cells();
        var error = await session.Error("var a = ;");
        Assert.StartsWith("Cell 1 (1,9): error CS1525", error.Traceback[0]);
        Assert.Equal(3, error.Traceback.Count);
    }

    [Fact]
    public async Task Exception_InFunctionOfAnotherCell_ListsTheCellsLines()
    {
        await using var session = new Cells();
        await session.Values("int Half(int n)\n{\n    if (n % 2 == 1) throw new ArgumentException(\"odd\");\n    return n / 2;\n}");
        var error = await session.Error("var a = 1;\n\nvar b = Half(a);");
        Assert.Equal("ArgumentException", error.Name);
        Assert.Equal("odd", error.Message);
        Assert.Equal(["ArgumentException: odd", "   at Cell 1, line 3: if (n % 2 == 1) throw new ArgumentException(\"odd\");", "   at Cell 2, line 3: var b = Half(a);"], error.Traceback);
    }

    [Fact]
    public async Task Exception_WithInnerOnes_ListsThem()
    {
        await using var session = new Cells();
        var error = await session.Error("try { int.Parse(\"x\"); } catch (Exception e) { throw new InvalidOperationException(\"outer\", e); }");
        Assert.Equal("InvalidOperationException", error.Name);
        Assert.Contains(error.Traceback, line => line.StartsWith(" caused by FormatException", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exception_OfTheLibraryForBadInput_IsOneSentenceAndTheLine()
    {
        await using var session = new Cells();
        var error = await session.Error("\nthrow new LlmLab.InvalidInputException(\"Give a number.\");");
        Assert.Equal("InvalidInput", error.Name);
        Assert.Equal(["Give a number.", "   at Cell 1, line 2: throw new LlmLab.InvalidInputException(\"Give a number.\");"], error.Traceback);
    }

    [Fact]
    public async Task Exception_BeforeADeclaration_LeavesTheEarlierVariable()
    {
        await using var session = new Cells();
        await session.Values("var x = 3;");
        await session.Error("throw new Exception(); var x = \"later\";");
        Assert.Equal(3, (await session.Run("x")).Value);
    }

    [Fact]
    public async Task Exception_AfterAnAssignment_KeepsWhatWasAssigned()
    {
        await using var session = new Cells();
        await session.Error("var x = 3; throw new Exception();");
        Assert.Equal(3, (await session.Run("x")).Value);
    }

    [Fact]
    public async Task Exception_OnAThreadOfTheCell_IsShownAndTheSessionLives()
    {
        await using var session = new Cells();
        await session.Values("var t = new Thread(() => throw new Exception(\"lost\")); t.Start(); t.Join();");
        Assert.Equal(2, await session.Values("1 + 1"));
        Assert.Contains(session.Outputs, output => output is StreamOutput { IsError: true } text && text.Text.Contains("lost"));
    }

    [Fact]
    public async Task Recursion_WithoutEnd_IsAnError()
    {
        await using var session = new Cells();
        Assert.Equal("InsufficientExecutionStackException", (await session.Error("int F(int n) => F(n + 1) + 1; F(0)")).Name);
        Assert.Equal("InsufficientExecutionStackException", (await session.Error("Func<int, int> g = null; g = n => g(n + 1) + 1; g(0)")).Name);
        Assert.Equal("InsufficientExecutionStackException", (await session.Error("class C { public int P => P + 1; } new C().P")).Name);
        var error = await session.Error("int G(int n) => G(n + 1) + 1;\nG(0)");
        Assert.Equal(["The recursion is too deep: the stack is full.", "   at Cell 4, line 1: int G(int n) => G(n + 1) + 1;"], error.Traceback);
        Assert.Equal(2, await session.Values("1 + 1"));
    }
}
