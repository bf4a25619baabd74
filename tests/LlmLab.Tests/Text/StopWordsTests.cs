using LlmLab.Text;
using LlmLab.Text.Stemming;

namespace LlmLab.Tests.Text;

public sealed class StopWordsTests
{
    [Fact]
    public void English_SnowballsList_Has174Words()
    {
        Assert.Equal(174, StopWords.English.Count);
        Assert.Equal(33, StopWords.ShortEnglish.Count);
        Assert.Equal(["quick", "fox"], StopWords.English.Remove(["The", "quick", "fox", "was", "there"]));
    }

    [Fact]
    public void ForLanguage_EveryLanguage_HasAList()
    {
        foreach (var language in StopWords.Languages) Assert.True(StopWords.ForLanguage(language).Count > 80, language);
        Assert.True(StopWords.ForLanguage("german").Contains("und"));
        Assert.Throws<InvalidInputException>(() => StopWords.ForLanguage("klingon"));
    }

    // The stems of NLTK 3.8's own implementation of the same algorithms.
    [Theory]
    [InlineData("german", "Aufeinanderfolgenden", "aufeinanderfolg")]
    [InlineData("german", "Häuser", "haus")]
    [InlineData("french", "continuellement", "continuel")]
    [InlineData("spanish", "chicharrones", "chicharron")]
    [InlineData("italian", "abbandonata", "abbandon")]
    [InlineData("portuguese", "boataria", "boat")]
    [InlineData("russian", "важнейшими", "важн")]
    [InlineData("swedish", "jaktkarlarne", "jaktkarl")]
    [InlineData("dutch", "lichamelijkheden", "licham")]
    [InlineData("english", "universities", "universiti")]
    public void Stem_OtherLanguages_IsSnowballsStem(string language, string word, string stem) =>
        Assert.Equal(stem, SnowballStemmer.ForLanguage(language).Stem(word));
}
