using System.Globalization;

namespace LlmLab.Notebooks.Tests.CSharp;

public sealed class CSharpGrowthTests
{
    [Fact]
    public async Task ManyCells_AddOneAssemblyEach_AndReferenceOnlyWhatTheyMention()
    {
        await using var session = new Cells();
        await session.Values("var x0 = 0;");
        for (var i = 1; i <= 300; i++) await session.Values(string.Create(CultureInfo.InvariantCulture, $"var x{i} = x{i - 1} + 1;"));
        Assert.Equal(300, await session.Values("x300"));
        var assembly = session.Language.Assemblies.ToList();
        Assert.Equal(302, assembly.Count);
        // Its own class, the checks of the first cell, and the one cell before: not the 299 others.
        Assert.All(assembly.Skip(1), cell => Assert.InRange(cell.GetReferencedAssemblies().Count(name => name.Name!.StartsWith("Cell", StringComparison.Ordinal)), 0, 2));
    }

    [Fact]
    public async Task Rerun_OfACell_LetsGoOfTheEarlierValue()
    {
        await using var session = new Cells();
        var first = await Declare();
        var second = await Declare();
        await session.Values("var weak = 0; System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(int).TypeHandle);");
        Collect();
        Assert.False(first.IsAlive);
        Assert.True(second.IsAlive);

        await session.Values("int Length() => data.Length;", "var data = new byte[1];");
        Collect();
        Assert.True(second.IsAlive);
        Assert.Equal(1000, await session.Values("Length()"));

        async Task<WeakReference> Declare() => (WeakReference)(await session.Values("var data = new byte[1000];", "new WeakReference(data)"))!;

        static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }
    }
}
