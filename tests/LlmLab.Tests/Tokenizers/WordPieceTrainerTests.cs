using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Tokenizers;

public sealed class WordPieceTrainerTests
{
    [Fact]
    public void Train_HugsAndPuns_LearnsThePairsByCount()
    {
        // The Hugging Face course's corpus: hug ×10, pug ×5, pun ×12, bun ×4, hugs ×5. By count (u, g) and (u, n) come first, then the words.
        string text = string.Join(' ', Enumerable.Repeat("hug", 10).Concat(Enumerable.Repeat("pug", 5)).Concat(Enumerable.Repeat("pun", 12)).Concat(Enumerable.Repeat("bun", 4)).Concat(Enumerable.Repeat("hugs", 5)));
        var tokenizer = WordPieceTrainer.Train([text], new WordPieceTrainingOptions { VocabularySize = 26 + 7 + 5 });
        Assert.Equal(["##g", "##n", "##s", "##u", "b", "h", "p"], Enumerable.Range(26, 7).Select(i => tokenizer.GetToken(i)));
        Assert.Equal(["##ug", "##un", "hug", "pun", "pug"], Enumerable.Range(33, 5).Select(i => tokenizer.GetToken(i)));
        Assert.Equal(["hug", "##s", "b", "##un"], tokenizer.Tokenize("Hugs bun").Select(t => t.Value));
    }

    [Fact]
    public void Decode_Words_HaveOneSpaceBetween()
    {
        var tokenizer = WordPieceTrainer.Train(["hug pug pun bun hugs . hug pug"], new WordPieceTrainingOptions { VocabularySize = 36, MinimumFrequency = 1 });
        Assert.Equal("hugs . pug", tokenizer.Decode(tokenizer.Encode("HUGS.   pug")));
    }

    [Fact]
    public void Tokenize_AccentsAndCase_KeepTheirPlaces()
    {
        var tokenizer = WordPieceTrainer.Train(["naive cafe naive cafe"], new WordPieceTrainingOptions { VocabularySize = 26 + 9 + 5, MinimumFrequency = 1 });
        const string text = " Naïve  CAFÉ";
        Assert.Equal(["Naïve", "CAFÉ"], tokenizer.Tokenize(text).Select(t => text[t.Offset]));
    }
}
