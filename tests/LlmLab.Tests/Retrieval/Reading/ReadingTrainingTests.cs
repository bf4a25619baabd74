using LlmLab.Data.Company;
using LlmLab.Retrieval.Reading;
using LlmLab.Tokenizers;
using LlmLab.Training;

namespace LlmLab.Tests.Retrieval.Reading;

/// <summary>What a reader is trained on: nothing of the facts that it is tested on, and answers that stand in the passages.</summary>
public sealed class ReadingTrainingTests : WorkspaceTest
{
    static readonly ReadingRecipe recipe = ReadingRecipe.Shipped("company-reader-smoke");

    [Fact]
    public void Parts_NamesOfTestProjects_OccurNowhereInTheTrainingText()
    {
        var tested = Enumerable.Range(0, recipe.Projects).Select(number => CompanyGenerator.GeneratePart(recipe.CompanySeed, number)).Where(part => part.Split != CompanySplit.Train).ToArray();
        Assert.NotEmpty(tested);
        string[] names = [.. tested.SelectMany(part => part.Facts).Where(fact => fact.Kind.Split('.')[0] is "person" or "component" or "supplier" or "contract" or "incident").Select(fact => fact.Subject).Concat(tested.Select(part => part.Project)).Distinct()];
        Assert.True(names.Length > 50);
        string trained = string.Join('\n', ReadingTraining.Parts(recipe).SelectMany(part => part.Questions.Select(question => question.Question).Concat(part.Questions.SelectMany(question => question.Passages).Select(passage => passage.Text))).Distinct());
        Assert.All(names, name => Assert.DoesNotContain(name, trained, StringComparison.Ordinal));
    }

    [Fact]
    public void Prepare_Examples_PointAtAnswersInPassages()
    {
        var (tokenizer, examples) = ReadingTraining.Prepare(recipe);
        int separator = tokenizer.SpecialTokens[ReservedTokens.Separator];
        Assert.Equal(recipe.Questions, examples.Count);
        Assert.All(examples, example =>
        {
            Assert.InRange(example.Tokens.Length, 2, recipe.Spec.ContextLength);
            Assert.InRange(example.Tokens.Count(token => token == separator), 1, recipe.MostPassages);
            if (example.Start == 0) Assert.Equal(0, example.End);
            else
            {
                Assert.InRange(example.Start, Array.IndexOf(example.Tokens, separator) + 1, example.End);
                Assert.DoesNotContain(separator, example.Tokens[example.Start..(example.End + 1)]);
                Assert.All(example.More, place => Assert.Equal(example.Tokens[example.Start..(example.End + 1)], example.Tokens[place.Start..(place.End + 1)]));
            }
        });
        Assert.InRange(examples.Count(example => example.Start == 0) / (double)examples.Count, recipe.UnanswerableShare - 0.1, recipe.UnanswerableShare + 0.1);
    }

    [Fact]
    public void Prepare_ExercisesFromSearches_HaveAsManyWithoutAnswerAsTheRecipeSays()
    {
        var searched = recipe with { SearchedShare = 1, Questions = 600, UnanswerableShare = 0.4 };
        var (_, examples) = ReadingTraining.Prepare(searched);
        Assert.InRange(examples.Count(example => example.Start == 0) / (double)examples.Count, 0.34, 0.46);
        Assert.Contains(examples, example => example.More.Count > 0);
    }

    [Fact]
    public void Train_AFewSteps_MakesARunThatAnswersFromItsPassagesAlone()
    {
        var run = ReadingTraining.Train(recipe with { Projects = 12, Questions = 24, Options = recipe.Options with { Steps = 2, Threads = 1, Precision = Precision.Float32 } }, workspace: workspace);
        using var reader = Reader.Load(run, double.PositiveInfinity);
        var answer = reader.Answer("Who leads Amber Lantern?", ["Amber Lantern is led by Yara Dunwick.", "Quiet Basin is led by Noor Lindthwaite."]);
        Assert.Contains(answer.Text, answer.Passage == 0 ? "Amber Lantern is led by Yara Dunwick." : "Quiet Basin is led by Noor Lindthwaite.");
        Assert.InRange(answer.Confidence, 1e-6, 1);
        reader.RefusalThreshold = double.NegativeInfinity;
        Assert.Equal((true, ReadingLayout.Refusal), (reader.Answer("Who leads?", ["x"]).Refused, reader.Answer("Who leads?", ["x"]).Text));
        Assert.True(reader.Answer("Who leads?", []).Refused);
    }

    [Theory, InlineData("company-reader"), InlineData("company-reader-smoke")]
    public void Shipped_Recipes_AreWhole(string name) => Assert.True(ReadingRecipe.Shipped(name).Spec.Checked().ContextLength >= 256);

    [Theory]
    [InlineData("[]", "no JSON object")]
    [InlineData("{\"spec\": {\"vocabularySize\": 64}}", "no \"options\"")]
    [InlineData("{\"spec\": {\"vocabularySize\": 64}, \"options\": {}, \"window\": 3}", "window")]
    [InlineData("{", "a reader's recipe")]
    public void FromJson_FaultyRecipes_NamesFileAndFault(string json, string fault)
    {
        string message = Assert.Throws<InvalidInputException>(() => ReadingRecipe.FromJson(json, "my.json")).Message;
        Assert.Contains("my.json", message);
        Assert.Contains(fault, message);
    }
}
