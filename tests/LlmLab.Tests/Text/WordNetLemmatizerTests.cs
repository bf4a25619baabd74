using LlmLab.Text.Lemmatization;

namespace LlmLab.Tests.Text;

public sealed class WordNetLemmatizerTests
{
    static readonly (string Letter, PartOfSpeech Part)[] parts =
        [("n", PartOfSpeech.Noun), ("v", PartOfSpeech.Verb), ("a", PartOfSpeech.Adjective), ("r", PartOfSpeech.Adverb), ("s", PartOfSpeech.Adjective)];

    [Fact]
    public void Lemmatize_EveryWordOfNltksCases_IsNltksLemma()
    {
        var cases = SharedFiles.Cases("lemma_wordnet_nltk").Skip(1);
        var lemmatizer = new WordNetLemmatizer(WordNetLexicon.Load(SharedFiles.Data("lexicon/wordnet")));
        var differing =
            from one in cases
            let word = one.GetProperty("word").GetString()!
            from part in parts
            let lemma = lemmatizer.Lemmatize(word, part.Part)
            let morphy = lemmatizer.Morphy(word, part.Part)
            where lemma != one.GetProperty("lemma_" + part.Letter).GetString() || morphy != one.GetProperty("morphy_" + part.Letter).GetString()
            select $"{word} {part.Letter}: {lemma} {morphy}";

        Assert.Empty(differing);
        Assert.Empty(cases.Where(one => lemmatizer.Morphy(one.GetProperty("word").GetString()!) != one.GetProperty("morphy_any").GetString()).Select(one => one.ToString()));
        // NLTK looks synsets up in lower case.
        Assert.Empty(cases.Where(one => lemmatizer.CountSynsets(one.GetProperty("word").GetString()!.ToLowerInvariant()) != one.GetProperty("synsets").GetInt32()).Select(one => one.ToString()));
    }

    [Theory]
    [InlineData("churches", PartOfSpeech.Noun, "church")]
    [InlineData("policies", PartOfSpeech.Noun, "policy")]
    [InlineData("budgets", PartOfSpeech.Noun, "budget")]
    [InlineData("glass", PartOfSpeech.Noun, "glass")]
    [InlineData("geese", PartOfSpeech.Noun, "geese")] // irregular: only the lexicon knows
    [InlineData("studies", PartOfSpeech.Verb, "study")]
    public void Lemmatize_WithoutLexicon_AppliesTheRulesAlone(string word, PartOfSpeech part, string lemma)
    {
        var lemmatizer = new WordNetLemmatizer(null);

        Assert.Equal(lemma, lemmatizer.Lemmatize(word, part));
        Assert.Contains("without", lemmatizer.Method);
        Assert.Throws<InvalidOperationException>(() => lemmatizer.Morphy(word));
    }

    [Fact]
    public void Load_FolderWithoutWordNet_SaysWhatIsMissing() =>
        Assert.Contains("index.noun", Assert.Throws<InvalidInputException>(() => WordNetLexicon.Load(Path.GetTempPath())).Message);
}
