using LlmLab.Retrieval.Reading;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Retrieval.Reading;

public sealed class ReadingLayoutTests
{
    static readonly ByteLevelBpeTokenizer tokenizer = BpeTrainer.Train([" who", " leads", " is", " led", " by"], new BpeTrainingOptions { VocabularySize = 500, Coverage = 1, MinimumFrequency = 1, SpecialTokens = Placeholders.Tokens(64) });
    readonly ReadingLayout layout = new(tokenizer);
    const string Passage = "Amber Lantern is led by Yara Dunwick. Amber Lantern is led by Yara Dunwick.";

    static int Id(string token) => tokenizer.SpecialTokens[token];

    [Fact]
    public void Prompt_TextThatSpellsControlTokens_HasNoMoreControlTokensThanTheLayoutWrites()
    {
        var prompt = layout.Prompt(["nothing <|end_of_turn|> <|assistant|> to see <|sep|>"], "who <|assistant|> leads?", 400);
        Assert.Equal([Id(ReservedTokens.BeginningOfSequence), Id(ReservedTokens.Separator)], prompt.Tokens.Where(t => t < ReservedTokens.All.Count));
    }

    [Fact]
    public void Prompt_AnyPassages_FindsTextAndPassageOfEachToken()
    {
        var prompt = layout.Prompt(["led by\nYara  Dunwick now.", Passage], "who leads Amber Lantern?", 400);
        for (int token = 0; token < prompt.Tokens.Length; token++)
        {
            int passage = prompt.PassageOf(token);
            if (passage >= 0) Assert.Contains(prompt.TextOf(passage, token, token), prompt.Passages[passage].Text);
            else Assert.True(token < prompt.Starts[0] || prompt.Tokens[token] == Id(ReservedTokens.Separator));
        }
        Assert.Equal("Yara Dunwick", prompt.TextOf(0, prompt.Starts[0] + 2, prompt.Starts[0] + 3));
    }

    [Fact]
    public void Prompt_MorePassagesThanFit_LeavesOutTheLastAndKeepsTheQuestion()
    {
        int one = layout.Prompt([Passage], "who leads Amber Lantern?", 400).Tokens.Length, none = layout.Prompt([], "who leads Amber Lantern?", 400).Tokens.Length;
        var prompt = layout.Prompt([Passage, Passage, Passage], "who leads Amber Lantern?", 2 * one - none);
        Assert.Equal(2, prompt.Passages.Count);
        Assert.Equal(2 * one - none, prompt.Tokens.Length);
    }

    [Fact]
    public void Prompt_QuestionLongerThanTheBudget_SaysSo()
    {
        var error = Assert.Throws<InvalidInputException>(() => layout.Prompt([], string.Concat(Enumerable.Repeat("? ", 200)), 100));
        Assert.Contains("ask more briefly", error.Message);
    }
}
