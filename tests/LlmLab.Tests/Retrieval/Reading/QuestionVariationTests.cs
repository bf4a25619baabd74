using LlmLab.Retrieval.Reading;

namespace LlmLab.Tests.Retrieval.Reading;

public sealed class QuestionVariationTests
{
    static readonly string[] phrasings = ["Who leads the work on Amber Lantern?", "Under whose direction does Amber Lantern stand?", "Amber Lantern: who is at the helm?"];

    static string[] Draw(ReadingRecipe recipe, int count, out double[] hidden)
    {
        var (variation, random) = (new QuestionVariation(recipe), new Random(1));
        var drawn = Enumerable.Range(0, count).Select(_ => variation.Draw(phrasings, random)).ToArray();
        hidden = [.. drawn.Select(question => question.Hidden)];
        return [.. drawn.Select(question => question.Question)];
    }

    [Fact]
    public void Draw_WithoutVariation_AsksAsWritten()
    {
        Assert.All(Draw(new ReadingRecipe { VariedShare = 0 }, 50, out double[] hidden), question => Assert.Contains(question, phrasings));
        Assert.All(hidden, share => Assert.Equal(0, share));
    }

    [Fact]
    public void Draw_Varied_KeepsWhatIsAskedAboutAndQuestionWordsAndLosesOthers()
    {
        string[] questions = Draw(new ReadingRecipe { VariedShare = 1, LeftOutShare = 1, JoinedShare = 0 }, 200, out double[] hidden);
        Assert.All(questions, question => Assert.Contains("Amber Lantern", question, StringComparison.Ordinal));
        Assert.All(questions, question => Assert.Contains("who", question, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("Who Amber Lantern?", questions);
        Assert.All(questions, question => Assert.Contains(phrasings, phrasing => phrasing.Split(' ').Count(word => question.Split(' ').Contains(word)) == question.Split(' ').Length));
        Assert.All(hidden, share => Assert.Equal(new ReadingRecipe().HiddenShare, share));
    }

    [Fact]
    public void Draw_Joined_AsksTwice()
    {
        string[] questions = Draw(new ReadingRecipe { VariedShare = 1, LeftOutShare = 0, JoinedShare = 1 }, 50, out _);
        Assert.All(questions, question => Assert.Contains(phrasings.SelectMany(first => phrasings.Select(second => $"{first} {second}")), pair => pair == question));
    }

    [Fact]
    public void Draw_AFactWithOnePhrasing_LeavesItsWordsAlone() =>
        Assert.Equal(("Who leads?", 0.25), new QuestionVariation(new ReadingRecipe { VariedShare = 1, LeftOutShare = 1, HiddenShare = 0.25 }).Draw(["Who leads?"], new Random(1)));
}
