using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Tokenizers;

public sealed class ByteLevelBpeTokenizerTests
{
    [Theory]
    [InlineData("r50k_base")]
    [InlineData("p50k_base")]
    [InlineData("cl100k_base")]
    public void Encode_CasesOfTiktoken_EqualIds(string name)
    {
        var tokenizer = TiktokenFile.Load(SharedFiles.Data($"tokenizer/{name}.tiktoken"));
        AssertCases(tokenizer, $"bpe_tiktoken_{name}");
    }

    [Fact]
    public void Encode_CasesOfO200k_EqualIds() => AssertCases(PublishedVocabulary.O200k(), "bpe_tiktoken_o200k_base");

    [Fact]
    public void Encode_CasesOfCl100kOutOfThePackage_EqualIds() => AssertCases(PublishedVocabulary.Cl100k(), "bpe_tiktoken_cl100k_base");

    [Fact]
    public void Encode_CasesOfGpt2_EqualIds() =>
        AssertCases(Gpt2Files.Load(SharedFiles.Data("tokenizer/gpt2-encoder.json"), SharedFiles.Data("tokenizer/gpt2-vocab.bpe")), "bpe_gpt2");

    internal static void AssertCases(VocabularyTokenizer tokenizer, string cases)
    {
        int count = 0;
        foreach (var item in SharedFiles.Cases(cases))
        {
            if (!item.TryGetProperty("text", out var text)) continue;
            int[] expected = [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            Assert.Equal(expected, tokenizer.Encode(text.GetString()!));
            Assert.Equal(text.GetString(), tokenizer.Decode(expected));
            count++;
        }
        Assert.True(count > 100);
    }

    [Fact]
    public void Train_SmallText_LearnsTheMostFrequentPairsInOrder()
    {
        // Gage 1994's example: aa is the most frequent pair; on equal counts the lower left id wins.
        var tokenizer = BpeTrainer.Train(["aaabdaaabac"], new BpeTrainingOptions { VocabularySize = 25 + 256 + 3 });
        Assert.Equal(["aa", "ab", "aaab"], Enumerable.Range(281, 3).Select(id => tokenizer.GetToken(id)));
        Assert.Equal("aaab d aaab a c".Split(' '), tokenizer.Encode("aaabdaaabac").Select(id => tokenizer.GetToken(id)));
    }
}
