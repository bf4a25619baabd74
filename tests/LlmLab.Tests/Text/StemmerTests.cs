using LlmLab.Text.Stemming;

namespace LlmLab.Tests.Text;

public sealed class StemmerTests
{
    public static TheoryData<string> Peers => ["porter_nltk", "porter_martin", "porter_original", "snowball_english", "snowball_porter", "lancaster"];

    [Theory, MemberData(nameof(Peers))]
    public void Stem_EveryWordOfNltksCases_IsNltksStem(string peer)
    {
        IStemmer stemmer = peer switch
        {
            "porter_martin" => new PorterStemmer(PorterVersion.Martin),
            "porter_original" => new PorterStemmer(PorterVersion.Original),
            "snowball_english" => new SnowballEnglishStemmer(SnowballEnglishVersion.Nltk38),
            "lancaster" => new LancasterStemmer(),
            _ => new PorterStemmer(PorterVersion.Nltk), // NLTK's SnowballStemmer("porter") is the same
        };
        var differing = SharedFiles.Cases("stem_nltk").Skip(1)
            .Select(one => (Word: one.GetProperty("word").GetString()!, Expected: one.GetProperty(peer).GetString()!))
            .Where(one => stemmer.Stem(one.Word) != one.Expected)
            .Select(one => $"{one.Word}: {stemmer.Stem(one.Word)}, NLTK {one.Expected}");

        Assert.Empty(differing);
    }

    [Theory]
    [InlineData("english")]
    [InlineData("porter")]
    public void Stem_SnowballsVocabulary_IsItsOutput(string algorithm)
    {
        IStemmer stemmer = algorithm == "porter" ? new PorterStemmer(PorterVersion.Original) : new SnowballEnglishStemmer(SnowballEnglishVersion.Snowball3);
        var words = File.ReadLines(SharedFiles.Data($"stemmer/{algorithm}/voc.txt"));
        var stems = File.ReadLines(SharedFiles.Data($"stemmer/{algorithm}/output.txt"));

        Assert.Empty(words.Zip(stems).Where(pair => stemmer.Stem(pair.First) != pair.Second).Select(pair => $"{pair.First}: {stemmer.Stem(pair.First)}, Snowball {pair.Second}"));
    }

    [Theory]
    [InlineData("universities", "univers", "universiti")]
    [InlineData("geologist", "geologist", "geolog")]
    [InlineData("generously", "generous", "generous")]
    [InlineData("Connections", "connect", "connect")]
    [InlineData("realization", "realize", "realiz")]
    [InlineData("irrationality", "irrate", "irrat")]
    public void Stem_TwoVersionsOfSnowball_DifferWhereTheyShould(string word, string older, string newer)
    {
        Assert.Equal(older, new SnowballEnglishStemmer(SnowballEnglishVersion.Nltk38).Stem(word));
        Assert.Equal(newer, new SnowballEnglishStemmer(SnowballEnglishVersion.Snowball3).Stem(word));
    }

    [Theory]
    [InlineData("")]
    [InlineData("y")]
    [InlineData("'")]
    [InlineData("'''")]
    [InlineData("yyyyyyyyyyying")]
    [InlineData("日本語")]
    [InlineData("😀s")]
    [InlineData("123")]
    public void Stem_AnyString_IsStemmedWithoutFailing(string word)
    {
        foreach (var stemmer in (IStemmer[])[new PorterStemmer(), new PorterStemmer(PorterVersion.Original), new SnowballEnglishStemmer(), new LancasterStemmer()])
            Assert.True(stemmer.Stem(word).Length <= word.Length + 1);
    }
}
