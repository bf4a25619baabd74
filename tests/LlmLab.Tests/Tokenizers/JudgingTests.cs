using LlmLab.Data;
using LlmLab.Tokenizers.Formats;
using LlmLab.Tokenizers.Judging;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Tokenizers;

public sealed class JudgingTests
{
    static Document Document(string id, string text, string? language = null) => new(id, text, new DocumentMetadata { Language = language });

    [Fact]
    public void Measure_CharacterTokenizer_IsWhatCountingByHandGives()
    {
        var tokenizer = WordLevelTrainer.TrainCharacters(["abcd é"]);
        var report = TokenizerReport.Measure("characters", tokenizer, [Document("1", "ab  abab ab\n", "en"), Document("2", "é z", "fr")]);
        Assert.Equal((16, 5, 15), (report.Bytes, report.Words, report.Tokens));
        Assert.Equal(16.0 / 15, report.BytesPerToken, 12);
        Assert.Equal(3, report.Fertility, 12);
        Assert.Equal(4, report.FertilityByLanguage["en"], 12);
        Assert.Equal(1.5, report.FertilityByLanguage["fr"], 12);
        Assert.Equal(4.0 / 6, report.VocabularyUse, 12);
        Assert.Equal(1, report.RareTokens, 12);
        Assert.Equal(2.0 / 15, report.UnknownTokens, 12);
        Assert.Equal(0, report.RoundTrip, 12);
    }

    [Fact]
    public void WithPublished_BytePairVocabularies_AllRoundTrip()
    {
        var corpus = Corpus.FromDocuments("c", [Document("1", "naïve 你好 😀\n"), Document("2", "plain text")]);
        var comparison = TokenizerComparison.WithPublished(corpus, "own", BpeTrainer.Train(corpus, new BpeTrainingOptions { VocabularySize = 290, MinimumFrequency = 1 }));
        Assert.All(comparison.Reports, r => Assert.Equal(1, r.RoundTrip));
        Assert.Equal(["own", "cl100k", "o200k"], comparison.Reports.Select(r => r.Name));
        Assert.Contains("bytes per token", comparison.ToText());
        Assert.Contains("<th", comparison.ToHtml());
    }

    [Fact]
    public void Measure_NoText_SaysSo() =>
        Assert.Throws<InvalidInputException>(() => TokenizerReport.Measure("x", PublishedVocabulary.Cl100k(), [Document("1", "")]));

    [Fact]
    public void TokenView_HtmlInText_IsEscapedAndPartsOfCharactersAreShownAsBytes()
    {
        var view = TokenView.Of(PublishedVocabulary.Cl100k(), "<b>𝟗\n");
        string html = view.ToHtml();
        Assert.DoesNotContain("<b>", html);
        Assert.Contains("&lt;", html);
        Assert.Contains("⟨", html);
        Assert.Contains("↵", view.ToText());
        Assert.Equal(view.Tokens.Count, html.Split("<span").Length - 1);
    }
}
