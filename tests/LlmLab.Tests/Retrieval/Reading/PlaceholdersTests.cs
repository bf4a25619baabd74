using LlmLab.Retrieval.Reading;
using LlmLab.Tokenizers;
using LlmLab.Tokenizers.Training;

namespace LlmLab.Tests.Retrieval.Reading;

public sealed class PlaceholdersTests
{
    static readonly ByteLevelBpeTokenizer tokenizer = Tokenizer(others: 4);

    static ByteLevelBpeTokenizer Tokenizer(int? others) => BpeTrainer.Train([" who", " leads", " is", " led", " by", " Retail"],
        new BpeTrainingOptions { VocabularySize = 400, Coverage = 1, MinimumFrequency = 1, SpecialTokens = others is { } count ? Placeholders.Tokens(count) : [] });

    static Placeholders Words(string question, ByteLevelBpeTokenizer? vocabulary = null, Random? random = null) => new(new PlaceholderVocabulary(vocabulary ?? tokenizer), question, random);

    static string Name(int token) => tokenizer.GetToken(token)!;

    [Fact]
    public void Encode_AWordThatIsNoToken_IsOnePlaceholderWhereverItRecurs()
    {
        var words = Words("who leads?");
        int[] tokens = words.Encode("Premiden is led by Dunwick, PREMIDEN by (premiden").Tokens;
        Assert.Equal("<|word_0|>", Name(tokens[0]));
        Assert.Equal("<|word_1|>", Name(tokens[4]));
        Assert.Equal(3, tokens.Count(token => token == tokens[0]));
    }

    [Fact]
    public void Encode_NamesOfTheQuestion_HavePlaceholdersOfTheirOwn()
    {
        var words = Words("who leads Gomantor Retail");
        int[] tokens = words.Encode("Gomantor Retail is led by Dunwick").Tokens;
        Assert.Equal(["<|asked_0|>", "<|asked_1|>", "<|word_0|>"], tokens.Select(Name).Where(name => name.StartsWith("<|", StringComparison.Ordinal)));
        Assert.Equal(" Retail", tokenizer.Decode([Words("who leads?").Encode("Retail").Tokens[0]]));
    }

    [Fact]
    public void Encode_ARareWordOfTheQuestionThatIsNoName_IsAPlaceholderLikeThoseOfPassages()
    {
        var words = Words("who champions Gomantor 17");
        int[] question = words.Encode("who champions Gomantor 17").Tokens, passage = words.Encode("Gomantor champions 17").Tokens;
        Assert.Equal(["<|word_0|>", "<|asked_0|>", "<|asked_1|>"], question[1..].Select(Name));
        Assert.Equal([question[2], question[1], question[3]], passage);
    }

    [Fact]
    public void Encode_FormsOfAKnownWord_AreOneToken()
    {
        int known = Words("who leads?").Encode("who leads").Tokens[1];
        Assert.StartsWith(" lead", tokenizer.Decode([known]), StringComparison.Ordinal);
        Assert.Equal(known, Words("who leads?").Encode("is leading").Tokens[1]);
        Assert.StartsWith("<|word_", Name(Words("who leads?").Encode("is Leading").Tokens[1]), StringComparison.Ordinal);   // a name may look like a word
    }

    [Fact]
    public void Encode_ANumber_IsAPlaceholderWithItsPointsAlthoughItsDigitsAreTokens()
    {
        var text = Words("who?").Encode("led by 1,916,000.50 7");
        Assert.Equal(["<|word_0|>", "<|word_1|>"], text.Tokens[2..].Select(Name));
        Assert.Equal("1,916,000.50", text.Text[text.Places[2].Start..text.Places[2].End]);
    }

    [Theory]
    [InlineData("INC-10049 is led by Dunwick’s port, (Premiden)")]
    [InlineData("Ärzte 14:30 é 漢字 who's 😀 a-b")]
    [InlineData("one two three four five six seven eight nine")]   // more words than placeholders
    [InlineData("<|word_0|> is <|asked_1|>")]
    public void Encode_AnyText_KeepsThePlaceOfEachToken(string text)
    {
        var read = Words("who leads INC-10049?").Encode(text);
        Assert.Equal(read.Tokens.Length, read.Places.Length);
        Assert.Equal(text.Replace(" ", ""), string.Concat(read.Places.Distinct().Select(place => read.Text[place.Start..place.End])));
    }

    [Fact]
    public void Encode_ByChance_GivesAWordOtherPlaceholdersInOtherPrompts()
    {
        var random = new Random(1);
        Assert.Equal(4, Enumerable.Range(0, 50).Select(_ => Words("who?", random: random).Encode("Premiden").Tokens[0]).Distinct().Count());
        Assert.Equal(Words("who?").Encode("Premiden").Tokens, Words("who?").Encode("Helestro").Tokens);
    }

    [Fact]
    public void Encode_WithAVocabularyWithoutPlaceholders_SpellsWordsInPieces()
    {
        var text = Words("who leads Dunwick", Tokenizer(others: null)).Encode("led by Dunwick");
        Assert.True(text.Tokens.Length > 3);
        Assert.All(text.Places[2..], place => Assert.Equal("Dunwick", text.Text[place.Start..place.End]));
    }
}
