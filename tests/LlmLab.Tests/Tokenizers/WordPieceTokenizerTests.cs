using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Formats;

namespace LlmLab.Tests.Tokenizers;

public sealed class WordPieceTokenizerTests
{
    [Theory]
    [InlineData("lower")]
    [InlineData("cased")]
    public void Encode_CasesOfBert_EqualWordsTokensAndIds(string kind)
    {
        var tokenizer = VocabularyText.Load(SharedFiles.Data("tokenizer/bert-base-uncased-vocab.txt"), kind == "lower" ? BertNormalization.Uncased : BertNormalization.Cased);
        int count = 0;
        foreach (var item in SharedFiles.Cases("wordpiece_bert"))
        {
            if (!item.TryGetProperty("text", out var text)) continue;
            var expected = item.GetProperty(kind);
            Assert.Equal(expected.GetProperty("basic").EnumerateArray().Select(t => t.GetString()), tokenizer.Words(text.GetString()!));
            Assert.Equal(expected.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()), tokenizer.Tokenize(text.GetString()!).Select(t => t.Value));
            Assert.Equal(expected.GetProperty("ids").EnumerateArray().Select(t => t.GetInt32()), tokenizer.Encode(text.GetString()!));
            count++;
        }
        Assert.True(count > 100);
    }
}
