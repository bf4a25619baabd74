namespace LlmLab.Notebooks.Tests.CSharp;

public sealed class CSharpVariableTests
{
    [Fact]
    public async Task Variables_OfCells_AreListedWithTypeAndValue()
    {
        await using var session = new Cells();
        await session.Values("var b = 2; int F() => 1; var a = \"text\";", "var b = 3L;");
        Assert.Equal([new("a", typeof(string), "text"), new("b", typeof(long), 3L)], session.Language.Variables);
        Assert.True(session.Language.TryGetVariable("b", out var value));
        Assert.Equal(3L, value);
        Assert.False(session.Language.TryGetVariable("F", out _));
    }

    [Fact]
    public async Task SetVariable_HasItsRuntimeType()
    {
        await using var session = new Cells();
        session.Language.SetVariable("steps", 50);
        session.Language.SetVariable("names", new Dictionary<string, int[]> { ["a"] = [1, 2] });
        session.Language.SetVariable("hidden", new Hidden());
        session.Language.SetVariable("nothing", null);
        session.Language.SetVariable("cube", new int[2, 3][]);
        Assert.Equal(53, await session.Values("steps + names[\"a\"].Sum() + (hidden is object && nothing is null ? 0 : 1) + (cube[0, 1] is null ? 0 : 1)"));
        session.Language.SetVariable("steps", 60);
        Assert.Equal(60, await session.Values("steps"));
        session.Language.SetVariable("steps", "many");
        Assert.Equal(4, await session.Values("steps.Length"));
        Assert.Throws<InvalidInputException>(() => session.Language.SetVariable("2nd", 1));
    }

    [Fact]
    public async Task SetVariable_OfACellsType_IsTyped()
    {
        await using var session = new Cells();
        session.Language.SetVariable("other", await session.Values("record P(int X); new P(3)"));
        Assert.Equal(3, await session.Values("other.X"));
    }

    sealed class Hidden;
}
