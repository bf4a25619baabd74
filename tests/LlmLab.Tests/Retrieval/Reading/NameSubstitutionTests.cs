using LlmLab.Retrieval.Reading;

namespace LlmLab.Tests.Retrieval.Reading;

public sealed class NameSubstitutionTests
{
    static readonly string[] texts =
        ["Lindthwaite leads the Helestro viewer since 14 May 2024.", "The port of the Premiden auditor is 8443.", "the retail software was sold to Gomantor Retail by Noor Lindthwaite"];

    [Fact]
    public void Draw_OneExercise_GivesEachNameOneOtherNameInAllItsTexts()
    {
        var renamed = new NameSubstitution(texts).Draw(new Random(1));
        string passage = renamed("Noor Lindthwaite answers for the Helestro viewer on port 8443."), answer = renamed("Noor Lindthwaite"), port = renamed("8443");
        Assert.StartsWith(answer, passage, StringComparison.Ordinal);
        Assert.EndsWith($"viewer on port {port}.", passage, StringComparison.Ordinal);
        Assert.DoesNotContain("Lindthwaite", passage, StringComparison.Ordinal);
        Assert.NotEqual("8443", port);
        Assert.Equal(4, port.Length);
    }

    [Fact]
    public void Draw_WordsThatAreWrittenSmallElsewhereAndMonths_Stay()
    {
        string passage = new NameSubstitution(texts).Draw(new Random(2))("Gomantor Retail, 14 May 2024");
        Assert.Matches(@"^\p{Lu}\p{L}+ Retail, \d\d May 20\d\d$", passage);
        Assert.DoesNotContain("Gomantor", passage, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_TwoExercises_GiveOtherNames()
    {
        var substitution = new NameSubstitution(texts);
        var random = new Random(3);
        Assert.NotEqual(substitution.Draw(random)("Helestro 123456"), substitution.Draw(random)("Helestro 123456"));
    }
}
