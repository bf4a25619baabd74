using LlmLab.Tokenizers.Formats;

namespace LlmLab.Tests.Tokenizers;

public sealed class SentencePieceModelTokenizerTests
{
    [Fact]
    public void Encode_CasesOfSentencePiece_EqualIdsAndDecodedText()
    {
        var tokenizer = SentencePieceFile.Load(SharedFiles.Data("tokenizer/sentencepiece-test_model.model"));
        int count = 0;
        foreach (var item in SharedFiles.Cases("sentencepiece_unigram"))
        {
            if (!item.TryGetProperty("text", out var text)) continue;
            int[] expected = [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            Assert.Equal(expected, tokenizer.Encode(text.GetString()!));
            Assert.Equal(item.GetProperty("decoded").GetString(), tokenizer.Decode(expected));
            Assert.Equal(expected, tokenizer.Tokenize(text.GetString()!).Select(t => t.Id));
            count++;
        }
        Assert.True(count > 100);
    }
}
