using LlmLab.Text.WordTokenization;

namespace LlmLab.Tests.Text;

/// <summary>Facts of spaCy's own tests of its English tokenizer (spacy/tests/lang/en, spacy/tests/tokenizer).</summary>
public sealed class SpacyTokenizerTests
{
    static readonly SpacyTokenizer tokenizer = new();

    [Theory]
    [InlineData("(can't?)", "( ca n't ? )")]
    [InlineData("(U.S.?)", "( U.S. ? )")]
    [InlineData("us.", "us .")]
    [InlineData("best-known", "best - known")]
    [InlineData("0.1-13.5", "0.1 - 13.5")]
    [InlineData("103.27-300", "103.27 - 300")]
    [InlineData("Hello.World", "Hello . World")]
    [InlineData("Hello,world", "Hello , world")]
    [InlineData("best...known", "best ... known")]
    [InlineData("No decent--let alone well-bred--people.", "No decent -- let alone well - bred -- people .")]
    [InlineData("Today is Tuesday.Mr.", "Today is Tuesday . Mr.")]
    [InlineData("_MATH_.", "_ MATH _ .")]
    [InlineData("7am 11p.m.", "7 am 11 p.m.")]
    [InlineData("3/4/2012", "3/4/2012")]
    [InlineData("We were scared", "We were scared")]
    [InlineData("Shell shed ill Well", "Shell shed ill Well")]
    [InlineData("want/need", "want / need")]
    [InlineData("john.doe@example.co.uk", "john.doe@example.co.uk")]
    [InlineData("would've", "would 've")]
    [InlineData("i said don't!", "i said do n't !")]
    [InlineData("`ain't", "` ai n't")]
    [InlineData("Alexis's", "Alexis 's")]
    [InlineData("schools'", "schools '")]
    [InlineData("nothin' 'em ol'", "nothin' 'em ol'")]
    [InlineData("those'll", "those 'll")]
    [InlineData("Can't I'll She'd", "Ca n't I 'll She 'd")]
    [InlineData("couldn't)", "could n't )")]
    [InlineData("It's mediocre i.e. bad.", "It 's mediocre i.e. bad .")]
    [InlineData("'The", "' The")]
    [InlineData("Hello''", "Hello ''")]
    [InlineData("*((Hello))*", "* ( ( Hello ) ) *")]
    [InlineData("(And a 6a.m. run through Washington Park).", "( And a 6 a.m. run through Washington Park ) .")]
    [InlineData("The U.S. Army likes Shock and Awe.", "The U.S. Army likes Shock and Awe .")]
    [InlineData("“Isn't it?”", "“ Is n't it ? ”")]
    [InlineData("Yes! \"I'd rather have a walk\", Ms. Comble sighed. ", "Yes ! \" I 'd rather have a walk \" , Ms. Comble sighed .")]
    [InlineData("'Me too!', Mr. P. Delaware cried. ", "' Me too ! ' , Mr. P. Delaware cried .")]
    [InlineData("They ran about 10km.", "They ran about 10 km .")]
    [InlineData("I don’t", "I do n’t")]
    [InlineData("good :-) or :(", "good :-) or :(")]
    [InlineData("a 😀 b😀", "a 😀 b 😀")]
    public void Tokenize_TextsOfSpacysTests_GivesItsTokens(string text, string tokens) =>
        Assert.Equal(tokens, string.Join(' ', tokenizer.Tokenize(text)));

    [Theory]
    [InlineData("http://www.nytimes.com/2016/04/20/us/politics/new-york-primary-preview.html?hp&action=click&pgtype=Homepage&_r=0")]
    [InlineData("www.red-stars.com")]
    [InlineData("mailto:foo.bar@baz.com")]
    [InlineData("www.google.com?q=google")]
    [InlineData("http://foo.com/blah_(wikipedia)#cite-1")]
    public void Tokenize_AddressWithPunctuationAround_KeepsTheAddress(string url)
    {
        Assert.Equal([url], tokenizer.Tokenize(url));
        Assert.Equal(["(", url, ")"], tokenizer.Tokenize($"({url})"));
        Assert.Equal(["\"", ">", url, ":", "\""], tokenizer.Tokenize($"\">{url}:\""));
    }

    [Fact]
    public void Tokenize_KeepWhitespace_HasTheLongTextsTokens()
    {
        const string Text = "Tributes pour in for late British Labour Party leader\n\nTributes poured in from around the world Thursday\n" +
            "to the late Labour Party leader John Smith, who died earlier from a massive\nheart attack aged 55.\n\n" +
            "In Washington, the US State Department issued a statement regretting \"the\nuntimely death\" of the rapier-tongued Scottish barrister and parliamentarian.\n\n" +
            "\"Mr. Smith, throughout his distinguished";

        Assert.Equal(76, new SpacyTokenizer { KeepWhitespace = true }.Tokenize(Text).Count);
        Assert.Equal(["   ", "This", "is"], new SpacyTokenizer { KeepWhitespace = true }.Tokenize("   This is"));
    }

    [Fact]
    public void Tokenize_AnyText_LosesOnlyWhiteSpace()
    {
        foreach (var text in (string[])["0.1,2'3\"4:5", "...!?...", "((((", "a\tb \n c", "¯\\(ツ)/¯ x:)", "1+1=2 -5°C. 10%", "e.g.,x"])
            Assert.Equal(string.Concat(text.Where(character => !char.IsWhiteSpace(character))), string.Concat(tokenizer.Tokenize(text)));
    }
}
