using LlmLab.Data.Company;
using LlmLab.Retrieval.Reading;
using LlmLab.Tokenizers;

namespace LlmLab.Tests.Retrieval.Reading;

/// <summary>What a reader is trained on: nothing of the facts that it is tested on, and answers that stand in the passages.</summary>
public sealed class ReadingTrainingTests
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
    public void Prepare_Windows_BeginAtTheirPlacesAndScoreAnswersThatStandInTheirPassages()
    {
        using var data = ReadingTraining.Prepare(recipe);
        var tokenizer = (VocabularyTokenizer)data.Tokenizer!;
        var layout = new ReadingLayout(tokenizer);
        int length = recipe.Spec.ContextLength, answers = 0, refusals = 0;
        int user = tokenizer.SpecialTokens[ReservedTokens.User], assistant = tokenizer.SpecialTokens[ReservedTokens.Assistant];
        long[] window = new long[length];
        for (int n = 0; n < recipe.Windows; n++)
        {
            data.Training.Read((long)n * length, window);
            int[] tokens = [.. window.Select(token => (int)token)];
            Assert.Equal(tokenizer.SpecialTokens[ReservedTokens.BeginningOfSequence], tokens[0]);
            string passages = layout.Decode(tokens.TakeWhile(token => token != user).Where(token => token >= ReservedTokens.All.Count));
            for (int at = Array.IndexOf(tokens, assistant); at >= 0; at = Array.IndexOf(tokens, assistant, at + 1))
            {
                int[] answer = [.. tokens.Skip(at + 1).TakeWhile(token => token != layout.EndOfTurn)];
                Assert.True(data.Training.Weights![n * length + at + 1] > 0);
                if (answer.SequenceEqual(layout.RefusalTokens)) refusals++;
                else
                {
                    Assert.Contains(layout.Decode(answer), passages, StringComparison.Ordinal);
                    answers++;
                }
            }
        }
        Assert.InRange((double)refusals / (answers + refusals), 0.15, 0.5);
    }

    [Theory, InlineData("company-reader"), InlineData("company-reader-smoke")]
    public void Shipped_Recipes_AreWhole(string name) => Assert.True(ReadingRecipe.Shipped(name).Spec.Checked().ContextLength >= 256);
}
