namespace LlmLab.Tests.Evaluation;

/// <summary>Reports which of many golden cases differ, in full for the first ones.</summary>
static class Differences
{
    public static void None(IReadOnlyCollection<string> differing) =>
        Assert.True(differing.Count == 0, $"{differing.Count} cases differ:\n{string.Join('\n', differing.Take(5))}");
}
