using System.Text.Json;
using LlmLab.Text.WordTokenization;

namespace LlmLab.Tests.Text;

public sealed class WordTokenizerTests
{
    public static TheoryData<string> Peers =>
        ["wordpunct", "treebank", "nltk_word", "tweet", "tweet_strip_reduce", "toktok", "whitespace", "space", "line", "blankline", "regexp_w", "regexp_money"];

    [Theory, MemberData(nameof(Peers))]
    public void Tokenize_EveryTextOfNltksCases_IsNltksTokens(string peer)
    {
        IWordTokenizer tokenizer = peer switch
        {
            "wordpunct" => RegularExpressionTokenizer.WordsAndPunctuation,
            "treebank" => TreebankTokenizer.Classic(),
            "nltk_word" => TreebankTokenizer.Extended(),
            "tweet" => new TweetTokenizer(),
            "tweet_strip_reduce" => new TweetTokenizer { PreserveCase = false, StripHandles = true, ReduceLengthening = true },
            "toktok" => new ToktokTokenizer(),
            "whitespace" => RegularExpressionTokenizer.WhitespaceSeparated,
            "space" => new SpaceTokenizer(),
            "line" => new LineTokenizer(),
            "blankline" => RegularExpressionTokenizer.Paragraphs,
            "regexp_w" => new RegularExpressionTokenizer(@"\w+"),
            "regexp_money" => new RegularExpressionTokenizer(@"\w+|\$[\d\.]+|\S+"),
            _ => throw new ArgumentException(peer),
        };
        var differing =
            from one in SharedFiles.Cases("tokenize_nltk").Skip(1)
            let text = one.GetProperty("text").GetString()!
            let expected = Strings(one.GetProperty(peer))
            let found = tokenizer.Tokenize(text)
            where !found.SequenceEqual(expected)
            select $"{text}\n   {string.Join('¦', found)}\n   {string.Join('¦', expected)}";

        Assert.Empty(differing);
    }

    [Fact]
    public void Detokenize_TreebankTokensOfNltksCases_IsNltksText()
    {
        var differing =
            from one in SharedFiles.Cases("tokenize_nltk").Skip(1)
            let found = TreebankDetokenizer.Detokenize(Strings(one.GetProperty("treebank")))
            where found != one.GetProperty("treebank_detok").GetString()
            select $"{found}\n   {one.GetProperty("treebank_detok")}";

        Assert.Empty(differing);
    }

    [Theory]
    [InlineData("t13a", "13a")]
    [InlineData("intl", "intl")]
    [InlineData("char", "char")]
    [InlineData("zh", "zh")]
    public void Rewrite_EveryTextOfSacreBleusCases_IsItsText(string field, string name)
    {
        var differing =
            from one in SharedFiles.Cases("tokenize_sacrebleu").Skip(1)
            let found = SacreBleuTokenizer.Named(name).Rewrite(one.GetProperty("text").GetString()!)
            where found != one.GetProperty(field).GetString()
            select $"{one.GetProperty("text")}\n   {found}\n   {one.GetProperty(field)}";

        Assert.Empty(differing);
    }

    [Fact]
    public void Tokenize_ConvertedParentheses_ComeBack()
    {
        var tokens = TreebankTokenizer.Classic(convertParentheses: true).Tokenize("Good muffins cost $3.88 (roughly 3,36 euros).");

        Assert.Contains("-LRB-", tokens);
        Assert.Equal("Good muffins cost $3.88 (roughly 3,36 euros).", TreebankDetokenizer.Detokenize(tokens, convertParentheses: true));
    }

    [Fact]
    public void RegularExpressionTokenizer_BrokenPattern_IsRefused()
    {
        Assert.Throws<InvalidInputException>(() => new RegularExpressionTokenizer("("));
        Assert.Throws<InvalidInputException>(() => new RegularExpressionTokenizer(@"[^\W]"));
        Assert.Throws<InvalidInputException>(() => SacreBleuTokenizer.Named("14a"));
    }

    static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetString()!)];
}
