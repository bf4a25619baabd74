using LlmLab.Retrieval.Reading;

namespace LlmLab.Tests.Retrieval.Reading;

public sealed class QuestionVariationTests
{
    static readonly string[] phrasings = ["Who leads the work on Amber Lantern?", "Under whose direction does Amber Lantern stand?", "Amber Lantern: who is at the helm?"];

    static string[] Draw(ReadingRecipe recipe, int count)
    {
        var (variation, random) = (new QuestionVariation(recipe, ["marble"]), new Random(1));
        return [.. Enumerable.Range(0, count).Select(_ => variation.Draw(phrasings, random))];
    }

    [Fact]
    public void Draw_WithoutVariation_AsksAsWritten() =>
        Assert.All(Draw(new ReadingRecipe { VariedShare = 0, NoiseShare = 1, JoinedShare = 1 }, 50), question => Assert.Contains(question, phrasings));

    [Fact]
    public void Draw_Varied_KeepsWhatIsAskedAboutAndQuestionWordsAndChangesOthers()
    {
        string[] questions = Draw(new ReadingRecipe { VariedShare = 1, NoiseShare = 1, JoinedShare = 0 }, 400);
        Assert.All(questions, question => Assert.Contains("Amber Lantern", question, StringComparison.Ordinal));
        Assert.All(questions, question => Assert.Contains("who", question, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(questions, question => question.Split(' ').Length < phrasings.Min(phrasing => phrasing.Split(' ').Length));
        Assert.Contains(questions, question => question.Contains("marble", StringComparison.Ordinal));
        Assert.Contains(questions, question => question.Split(' ').Any(word => word.Length == "marble".Length && word != "marble" && word.Order().SequenceEqual("marble".Order())));
    }

    [Fact]
    public void Draw_WhatIsAskedForByWhich_IsKept()
    {
        var variation = new QuestionVariation(new ReadingRecipe { VariedShare = 1, NoiseShare = 1, JoinedShare = 0 }, ["marble"]);
        Assert.All(Enumerable.Range(0, 200).Select(seed => variation.Draw(["On which day did Amber Lantern begin?", "Amber Lantern began on what date?"], new Random(seed))),
            question => Assert.Contains(["which day", "what date"], kept => question.Contains(kept, StringComparison.Ordinal)));
    }

    [Fact]
    public void Draw_Joined_AsksTwice() =>
        Assert.All(Draw(new ReadingRecipe { VariedShare = 1, NoiseShare = 0, JoinedShare = 1 }, 50), question => Assert.Contains(phrasings.SelectMany(first => phrasings.Select(second => $"{first} {second}")), pair => pair == question));

    [Fact]
    public void Draw_AFactWithOnePhrasing_AsksAsWritten() =>
        Assert.Equal("Who leads?", new QuestionVariation(new ReadingRecipe { VariedShare = 1, NoiseShare = 1 }, ["marble"]).Draw(["Who leads?"], new Random(1)));
}
